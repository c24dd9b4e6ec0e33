"""Compile the `*.in` files of this folder into locks with hashes.

One resolution, five files: `common.txt` (everything but PyTorch), `cpu.txt` and `cuda.txt`
(PyTorch in its two builds), `dev.txt` (tools for tests and style) and `search.txt` (Optuna and
Ray). An environment is common + one of cpu and cuda, dev where one develops, and search on top.

Run by `nox -s lock`; `nox -s lock -- --upgrade` takes the newest versions that `*.in` allows.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
INPUTS = ("common.in", "torch.in", "dev.in", "search.in")
PYTHON = "3.11"
PYTORCH_CPU = "https://download.pytorch.org/whl/cpu"
# PyTorch's CPU build exists for this platform under a name of its own; elsewhere the registry's
# wheel is the CPU build.
CPU_BUILD = 'sys_platform == "linux" and platform_machine == "x86_64"'
ELSEWHERE = 'sys_platform != "linux" or platform_machine != "x86_64"'
CUDA = re.compile(r"(nvidia|cuda)-|(torch|triton)$")
OPTIONS = (
    "--allow-unsafe",
    "--strip-extras",
    "--generate-hashes",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
)


def inputs_digest(folder: Path = FOLDER) -> str:
    """SHA-256 of the `*.in` files; it stands in the first line of every lock made from them."""
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in INPUTS)).hexdigest()


def entries(lock: str) -> dict[str, str]:
    """Split a compiled lock into its entries: name of the distribution -> its lines."""
    found = re.split(r"^(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", lock, flags=re.M), flags=re.M)
    return {re.split(r"[=\s]", entry)[0]: entry for entry in found if entry.strip()}


def required(lock: dict[str, str], roots: set[str]) -> set[str]:
    """Names in the lock that the input files `roots` ask for, directly or through others."""
    parents = {
        name: set(re.findall(r"^    #\s+(?:via\s+)?(?:-r )?([\w.-]+)$", entry, flags=re.M))
        for name, entry in lock.items()
    }
    reached = set(roots)
    while more := {name for name, by in parents.items() if by & reached} - reached:
        reached |= more
    return reached - roots


def split(lock: dict[str, str]) -> dict[str, list[str]]:
    """Which file each entry goes to. Every entry goes to exactly one; `cpu.txt` has its own."""
    runtime = required(lock, {"common.in", "torch.in"})
    tools = required(lock, {"dev.in"})
    names = ("common.txt", "cuda.txt", "dev.txt", "search.txt")
    parts: dict[str, list[str]] = {name: [] for name in names}
    for name, entry in lock.items():
        if name not in runtime:
            part = "dev.txt" if name in tools else "search.txt"
        else:
            part = "cuda.txt" if CUDA.match(name) else "common.txt"
        parts[part].append(entry)
    return parts


def compile_lock(upgrade: bool) -> dict[str, str]:
    """Resolve all inputs at once with pip-compile, starting from the versions locked now.

    The settings of this machine's pip are switched off: with them, folders and local builds
    that nobody else has end up in the lock.
    """
    local = {"PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"}
    environment = {key: value for key, value in os.environ.items() if key not in local}
    locked = [FOLDER / name for name in ("common.txt", "cuda.txt", "dev.txt", "search.txt")]
    command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, *INPUTS]
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "all.txt"
        known = "".join(path.read_text("utf-8") for path in locked if path.exists())
        output.write_text(known, "utf-8")
        subprocess.run(
            [*command, f"--output-file={output}", *(["--upgrade"] if upgrade else [])],
            cwd=FOLDER,
            env=environment | {"PIP_CONFIG_FILE": os.devnull},
            check=True,
        )
        return entries(output.read_text("utf-8"))


def cpu_lines(torch: str) -> list[str]:
    """PyTorch's CPU build by its hash, and the registry's wheels for the other platforms."""
    version = re.match(r"torch==(\S+)", torch)[1]
    current = (FOLDER / "cpu.txt").read_text("utf-8") if (FOLDER / "cpu.txt").exists() else ""
    known = re.search(
        rf"^torch=={re.escape(version)}\+cpu ;.*\n +--hash=sha256:(\w+)", current, re.M
    )
    digest = known[1] if known else download_digest(f"torch=={version}+cpu")
    return [
        f"torch=={version}+cpu ; {CPU_BUILD} \\\n"
        f"    --hash=sha256:{digest}\n    # via -r torch.in\n",
        torch.replace(f"torch=={version} ", f"torch=={version} ; {ELSEWHERE} ", 1),
    ]


def download_digest(requirement: str) -> str:
    """SHA-256 of the one wheel that pip finds in PyTorch's CPU index or in its own folders."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"--dest={scratch}",
             f"--extra-index-url={PYTORCH_CPU}", requirement],
            check=True,
        )  # fmt: skip
        (wheel,) = Path(scratch).iterdir()
        with wheel.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def write(parts: dict[str, list[str]]) -> None:
    """Write each lock under a temporary name first, so that none is ever half written."""
    head = f"# {' + '.join(INPUTS)}: sha256 {inputs_digest()}\n"
    head += (
        f"# Compiled by `nox -s lock` for Python {PYTHON} on Linux; edit the *.in files instead.\n"
    )
    for name, lines in parts.items():
        temporary = FOLDER / f".{name}"
        temporary.write_text(head + "".join(lines), "utf-8")
        temporary.replace(FOLDER / name)


def main() -> int:
    """Compile and split; returns 0, or 2 when this is the wrong Python."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions allowed")
    arguments = parser.parse_args()
    if f"{sys.version_info[0]}.{sys.version_info[1]}" != PYTHON:
        print(f"The locks are for Python {PYTHON}: run this with python{PYTHON}.", file=sys.stderr)
        return 2
    lock = compile_lock(arguments.upgrade)
    write(split(lock) | {"cpu.txt": cpu_lines(lock["torch"])})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
