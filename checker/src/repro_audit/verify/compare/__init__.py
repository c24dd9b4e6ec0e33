"""Compares what two runs wrote: by digest first, then by kind."""
