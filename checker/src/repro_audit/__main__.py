"""`python -m repro_audit` is `repro-audit`."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # `python -m` puts the current folder first, and who audits may stand in the folder that is
    # audited: its `yaml.py` must not be taken for the library.
    if sys.path[:1] == [os.getcwd()]:  # noqa: PTH109 - nothing more is imported before
        del sys.path[0]
    from repro_audit.cli import run

    run()
