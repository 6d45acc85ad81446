"""The stages of the study."""
