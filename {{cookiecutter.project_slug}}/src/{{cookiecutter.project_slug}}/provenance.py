"""What identifies a run: its code, its locks, its data and its machine."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from .stages import ROOT


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def lock_digest() -> str:
    """SHA-256 over the names and contents of the locks in `requirements/`."""
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    return hashlib.sha256(b"".join(p.name.encode() + p.read_bytes() for p in locks)).hexdigest()


def git(*arguments: str) -> str | None:
    """What git prints, or None without git or outside a repository."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode(errors="replace").strip()


def provenance(data_digest: str) -> dict[str, str]:
    """Code, environment, data and machine of this run, as plain text."""
    import torch  # here: the other functions serve stages that need no PyTorch

    status = git("status", "--porcelain")
    return {
        "git.commit": git("rev-parse", "--verify", "HEAD") or "none",
        "git.dirty": "unknown" if status is None else str(bool(status)).lower(),
        "lock.sha256": lock_digest(),
        "data.sha256": data_digest,
        "python": platform.python_version(),
        "torch": version("torch"),
        "numpy": version("numpy"),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "cuda": torch.version.cuda or "none",
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
    }
