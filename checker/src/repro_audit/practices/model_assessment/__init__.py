"""Practices about model assessment."""
