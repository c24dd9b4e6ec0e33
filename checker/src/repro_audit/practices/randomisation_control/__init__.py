"""Practices of the aspect randomisation control."""
