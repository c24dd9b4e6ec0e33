"""The catalogue: one folder for each aspect, one page and one function for each practice."""
