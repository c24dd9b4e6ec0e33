"""What works inside a child: standard library only, for every Python that a project may use."""
