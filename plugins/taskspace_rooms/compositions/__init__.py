"""Single objects of one surface each: what the dataset `compositions` renders."""
