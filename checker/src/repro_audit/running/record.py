"""The record of one run: `run.json`, valid from the first moment to the last."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro_audit.recording import document
from repro_audit.recording.environment import MASK, SECRET, masked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from repro_audit.recording.interpreter import Interpreter
    from repro_audit.running.source import State

SCHEMA = "repro-audit/run/v1"
NAME = "run.json"
RUNNING = "running"
MOST_LISTED = 20_000
# What results may depend on; other variables are nobody's business.
RELEVANT = re.compile(
    r"PYTHON|CUDA|CUBLAS|CUDNN|NVIDIA_|NCCL_|ROCR?_|HIP_|TORCH|PYTORCH|TF_|XLA_|JAX_|KERAS_|MKL_|OMP_"
    r"|KMP_|OPENBLAS_|BLIS_|NUMEXPR_|GOTO_|VECLIB_|ATEN_|ONEDNN_|DNNL_|HF_|TRANSFORMERS_|MLFLOW_"
    r"|WANDB_|RAY_|SLURM_|PBS_|HYDRA_|LC_|LD_|CONDA_|R_LIBS|JULIA_|(LANG|LANGUAGE|TZ|PATH|VIRTUAL_ENV"
    r"|RANK|LOCAL_RANK|WORLD_SIZE|MASTER_ADDR|MASTER_PORT|SOURCE_DATE_EPOCH|TMPDIR)$"
)
SIGNED_IN = re.compile(r"(?<=://)[^/@\s]+@")
SECRET_OPTION = re.compile(
    r"^(--?[\w.-]*(?:password|passwd|token|secret|api[_-]?key|credential)[\w.-]*)(=.*)?$",
    re.IGNORECASE | re.DOTALL,
)


def relevant(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that results may depend on; the values of secrets are hidden."""
    chosen = {name: value for name, value in environment.items() if RELEVANT.match(name)}
    shown = masked(chosen)
    return {name: SIGNED_IN.sub(f"{MASK}@", value) for name, value in shown.items()}


def without_passwords(words: Sequence[str]) -> list[str]:
    """Return a command line whose options of secrets have no values."""
    shown: list[str] = []
    hide = False
    for word in words:
        option = SECRET_OPTION.match(word)
        name, is_setting, _ = word.partition("=")
        if hide and not word.startswith("-"):
            shown.append(MASK)
        elif option and option.group(2):
            shown.append(f"{option.group(1)}={MASK}")
        elif is_setting and name.isupper() and SECRET.search(name):
            shown.append(f"{name}={MASK}")
        else:
            shown.append(SIGNED_IN.sub(f"{MASK}@", word))
        hide = bool(option and not option.group(2))
    return shown


class Paths:
    """How paths are written: from the top of the work tree, from home, or in full."""

    def __init__(self, top: Path) -> None:
        """Take the top as it is and as its links lead."""
        self.starts = [(f"{item}{os.sep}", "") for item in {top.absolute(), top.resolve()}]
        self.starts.append((f"{Path.home()}{os.sep}", "~/"))

    def shown(self, path: str) -> str:
        """Return a path as it is written in the record."""
        for start, short in self.starts:
            if path.startswith(start):
                return short + path[len(start) :].replace(os.sep, "/")
        return path

    def inside(self, path: str) -> str | None:
        """Return a path as seen from the top; None when it lies elsewhere."""
        shown = self.shown(path)
        return None if os.path.isabs(shown) or shown.startswith("~") else shown  # noqa: PTH117


def beginning(words: Sequence[str], state: State, started: str, ident: str) -> dict[str, Any]:
    """Describe a run that begins: a whole record, in case nothing more can be written."""
    here = Paths(state.top).shown(f"{Path.cwd()}{os.sep}").rstrip("/") or "."
    return {
        **document.head(without_passwords(words), state.commit),
        "schema": SCHEMA,
        "id": ident,
        "state": RUNNING,
        "reason": None,
        "folder": here,
        "started": started,
        "ended": None,
        "seconds": None,
        "exit_status": None,
        "where": None,
        "recorder": {"pid": os.getpid(), "boot": boot()},
        "source": {
            "branch": state.branch,
            "dirty": state.dirty,
            "changed": list(state.changed),
            "patch": None,
            "untracked_used": [],
            "copied": [],
        },
        "environment": {**document.environment_part(None), "executable": None, "records": {}},
        "variables": {},
        "lock_digest": {},
        "machine": None,
        "inputs": [],
        "outputs": [],
        "removed": [],
        "observed": {"by": [], "processes": []},
        "seeds": [],
        "unseeded": [],
        "streams": {},
        "resources": None,
        "tracking": None,
        "notifications": [],
        "notes": list(state.notes),
    }


def boot() -> str | None:
    """Name the time since the machine was started, in which a process number is unique."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return None


def environment_part(interpreter: Interpreter | None) -> dict[str, Any]:
    """Describe the software, with the digest of the list of files that each package installed."""
    described = document.environment_part(interpreter)
    if interpreter is None:
        return {**described, "executable": None, "records": {}}
    return {
        **described,
        "executable": Paths(Path.cwd()).shown(interpreter.executable),
        "records": dict(interpreter.records),
    }
