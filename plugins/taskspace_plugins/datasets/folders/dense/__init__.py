"""Maps and masks: a number or a class for each pixel."""
