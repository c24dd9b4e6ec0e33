"""`python -m repro_audit` is `repro-audit`."""

from __future__ import annotations

from repro_audit.cli import run

if __name__ == "__main__":
    run()
