"""Practices of the aspect automation."""
