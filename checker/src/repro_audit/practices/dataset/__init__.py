"""Practices of the aspect dataset."""
