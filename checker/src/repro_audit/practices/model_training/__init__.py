"""Practices of the aspect model training."""
