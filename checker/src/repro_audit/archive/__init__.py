"""Writes a run as an RO-Crate, to be archived."""
