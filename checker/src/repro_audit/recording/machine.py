"""The machine as far as results may depend on it; read from files, so that nothing is started."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

CPU_LIST = Path("/proc/cpuinfo")
MEMORY = Path("/proc/meminfo")
NVIDIA = Path("/proc/driver/nvidia")


@dataclass(frozen=True)
class Machine:
    """Processor, memory and graphics of this machine."""

    system: str
    architecture: str
    processor: str
    cpus: int
    memory: int
    gpus: tuple[str, ...]
    driver: str


def read(path: Path) -> str:
    """Return a small file of the kernel, or nothing where it does not exist."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def first(pattern: str, text: str) -> str:
    """Return the first group of the first match."""
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1).strip() if found else ""


def usable_cpus() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def gpus() -> tuple[str, ...]:
    """Name the graphics processors that the driver shows."""
    folders = sorted((NVIDIA / "gpus").glob("*/information")) if NVIDIA.is_dir() else []
    return tuple(first(r"^Model:\s*(.*)$", read(path)) or "unknown" for path in folders)


def this_machine() -> Machine:
    """Describe the machine that this process runs on."""
    return Machine(
        system=f"{platform.system()} {platform.release()}".strip(),
        architecture=platform.machine(),
        processor=first(r"^model name\s*:\s*(.*)$", read(CPU_LIST)) or platform.processor(),
        cpus=usable_cpus(),
        memory=int(first(r"^MemTotal:\s*(\d+)", read(MEMORY)) or 0) * 1024,
        gpus=gpus(),
        driver=first(r"Module\s+(\S+)", read(NVIDIA / "version")),
    )
