"""Generated input for what reads repositories: made by hypothesis, and guided by coverage.

`FUZZ` is how many inputs a generator makes: a few in the tests, thousands in `nox -s fuzz`.
"""

import os

MANY = int(os.environ.get("FUZZ", "400"))
