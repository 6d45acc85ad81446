"""Built-in classifiers of compositions: how well image features fit a description in words."""
