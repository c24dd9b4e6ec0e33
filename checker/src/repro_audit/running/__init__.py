"""Runs a command with nothing changed in it, and keeps what is needed to repeat it."""
