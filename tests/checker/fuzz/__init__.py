"""Generated input for what reads repositories: made by hypothesis, and guided by coverage."""
