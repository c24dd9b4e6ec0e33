"""The command `repro-audit export`: what it is given, what it says, and its exit status."""

from __future__ import annotations

import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.archive.material import material
from repro_audit.errors import ReproAuditError

if TYPE_CHECKING:
    import argparse

    from repro_audit.archive.material import Material

DONE = 0
SHOWN = 3


def export(options: argparse.Namespace) -> int:
    """Write the run that the options name as an RO-Crate.

    Raises:
        ReproAuditError: when something is given that cannot be used.
    """
    if find_spec("rocrate") is None:
        raise ReproAuditError(
            "export needs rocrate; install it with pip install 'repro-audit[archive]'."
        )
    target = Path(options.output).absolute()
    if target.exists():
        raise ReproAuditError(f"{options.output} exists; choose another --output.")
    if not target.parent.is_dir():
        raise ReproAuditError(f"{options.output} lies in no folder; choose another --output.")
    with material(options.run, options.store) as found:
        try:
            left_out = written(found, target, options.agent or found.user)
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise ReproAuditError(f"The record of the run is broken ({problem!r}).") from problem
        except OSError as problem:
            reason = problem.strerror or problem
            raise ReproAuditError(f"{options.output} cannot be written ({reason}).") from problem
    print(f"repro-audit: the archive is {options.output}", file=sys.stderr)
    if left_out:
        named = ", ".join(left_out[:SHOWN]) + (", ..." if len(left_out) > SHOWN else "")
        print(
            f"repro-audit: described without their content, which is another now, lies elsewhere "
            f"or is private: {len(left_out)} file(s) ({named})",
            file=sys.stderr,
        )
    return DONE


def written(found: Material, target: Path, agent: str) -> list[str]:
    """Write an archive whole or not at all; return the files whose content is not in it."""
    from rocrate.rocrate import ROCrate  # noqa: PLC0415 - only where an archive is written

    from repro_audit.archive.crate import VERSION, Crate  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory(prefix=".repro-audit-", dir=target.parent) as name:
        scratch = Path(name)
        crate = Crate(ROCrate(version=VERSION), found, scratch)
        crate.fill(agent)
        whole = scratch / "whole"
        crate.crate.write(whole)
        if target.suffix == ".zip":
            packed = shutil.make_archive(str(scratch / "packed"), "zip", whole)
            Path(packed).replace(target)
        else:
            whole.replace(target)
    return crate.left_out
