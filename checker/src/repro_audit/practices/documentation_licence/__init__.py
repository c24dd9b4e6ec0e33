"""Practices of the aspect documentation & licence."""
