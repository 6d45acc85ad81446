"""The zero-shot study: classifiers of compositions that nobody labelled."""
