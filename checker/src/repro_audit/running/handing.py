"""Which variables a command gets that runs elsewhere, and how it is written there."""

from __future__ import annotations

import os
import re
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from repro_audit.recording.environment import without_secrets
from repro_audit.recording.interpreter import is_python
from repro_audit.running.record import relevant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# They describe this machine, or this process's place among others.
OF_HERE = re.compile(
    r"(LD_|CONDA_|VIRTUAL_ENV|NVIDIA_|RAY_|SLURM_|PBS_|MASTER_|PYTHON(PATH|HOME|USERBASE|EXECUTABLE))"
    r"|(PATH|TMPDIR|RANK|LOCAL_RANK|WORLD_SIZE|(CUDA|HIP|ROCR)_VISIBLE_DEVICES)$"
)
SERVERS = ("http", "https", "databricks", "postgresql", "mysql", "mssql")
STORE = "MLFLOW_TRACKING_URI"


def handed_over(environment: Mapping[str, str], keep: Sequence[str]) -> dict[str, str]:
    """Return what of the environment a command gets elsewhere.

    That is what results may depend on, without secrets and what holds a path of this machine, and
    whatever `keep` names.
    """
    open_ones = without_secrets(environment)
    chosen = {
        name: environment[name]
        for name in relevant(open_ones)
        if not OF_HERE.match(name) and not os.path.isabs(environment[name])  # noqa: PTH117 - text
    }
    if not has_server(chosen):
        chosen.pop(STORE, None)
    return chosen | {name: environment[name] for name in keep if name in environment}


def has_server(environment: Mapping[str, str]) -> bool:
    """Say whether MLflow's store is one that is reached from elsewhere."""
    address = urlsplit(environment.get(STORE, ""))
    near = address.hostname in {"localhost", "127.0.0.1", "::1"}
    return address.scheme.partition("+")[0] in SERVERS and not near


def words_elsewhere(words: Sequence[str]) -> list[str]:
    """Write a command without the path of this machine's Python."""
    first, *others = words
    if is_python(first) and PurePath(first).name != first:
        return ["python", *others]
    return list(words)
