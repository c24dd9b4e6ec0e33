"""Practices of the aspect preprocessing."""
