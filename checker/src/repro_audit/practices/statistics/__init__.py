"""Practices of the aspect: statistics."""
