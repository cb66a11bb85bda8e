"""Period, place, price and category, read from the words of a text."""
