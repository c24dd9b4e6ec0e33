"""Practices of the aspect: hardware environment."""
