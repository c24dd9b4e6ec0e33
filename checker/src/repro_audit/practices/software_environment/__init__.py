"""Practices of the aspect software environment."""
