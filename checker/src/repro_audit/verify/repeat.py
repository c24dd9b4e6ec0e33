"""From a run of an MLflow store to a plan that makes it again: its own commit, changes, command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro_audit.errors import ReproAuditError
from repro_audit.gitindex import git_folder
from repro_audit.recording.environment import MASK
from repro_audit.recording.sources import digests
from repro_audit.tracked.needs import COMMITS, command_of, commit_of, first
from repro_audit.tracked.store import PATCH
from repro_audit.verify.compare.tracking import Tracked
from repro_audit.verify.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from repro_audit.tracked.store import Store, StoredRun

# A store may be a stranger's: nothing else of its record reaches the environment of a command.
VARIABLES = re.compile(
    r"PYTHONHASHSEED|TZ|SOURCE_DATE_EPOCH|CUDA_VISIBLE_DEVICES|CUBLAS_WORKSPACE_CONFIG"
    r"|KERAS_BACKEND|ATEN_CPU_CAPABILITY|ONEDNN_MAX_CPU_ISA|MKL_CBWR|\w+_NUM_THREADS"
)
UNTRACKED = "untracked"
SECONDS = 60


@dataclass(frozen=True)
class Repeat:
    """A run, what it logged step by step, and the plan that makes it again.

    `packages` are those that the record names, empty where there is none.
    """

    run: StoredRun
    logged: Tracked
    plan: Plan
    packages: Mapping[str, str]
    notes: tuple[str, ...] = ()


def repeat(store: Store, ident: str, plan: Plan) -> Repeat:
    """Read a run and plan to make it again; `plan` says where and within which limits.

    Raises:
        ReproAuditError: when the run lacks what is needed; the message names it.
    """
    run = store.run(ident)
    whole = store.run(run.parent) if run.parent else run
    record = whole.record or {}
    try:
        return planned(store, run, whole, record, plan)
    except (AttributeError, KeyError, TypeError) as problem:
        raise ReproAuditError(f"The record of run {run.run_id} is broken ({problem}).") from problem


def planned(
    store: Store, run: StoredRun, whole: StoredRun, record: Mapping[str, Any], plan: Plan
) -> Repeat:
    """Plan a run, part of `whole`, from the record of it.

    Raises:
        ReproAuditError: when something is lacking.
    """
    command, commit = command_of(whole, record), commit_of(whole, record)
    lacking = []
    if not command:
        lacking.append("its command (made with `repro-audit run`, it would be known)")
    elif any(MASK in word for word in command):
        lacking.append("a word of its command, which was hidden as a secret")
    if not commit:
        lacking.append(f"its commit (no tag {', '.join(COMMITS[:2])})")
    if not run.metrics:
        lacking.append("metrics to compare")
    source = record.get("source") or {}
    dirty = str(source.get("dirty", first(whole, ("repro_audit.dirty", "git.dirty")))).lower()
    if dirty == "true" and (not source or (source["changed"] and not source["patch"])):
        lacking.append("the changes that its tree had, which nobody kept")
    if lacking:
        raise ReproAuditError(
            f"Run {run.run_id} cannot be repeated: it lacks {'; '.join(lacking)}."
        )
    root = folder_of(plan.root, record.get("folder") or whole.tags.get("repro_audit.folder", "."))
    kept = kept_files(store, whole) if source.get("patch") or source.get("copied") else {}
    data, notes = data_of(root, plan.root, record, set(source.get("copied", ())))
    given = record.get("variables") or {}
    environment = record.get("environment") or {}
    history = {name: store.history(run.run_id, name) for name in sorted(run.metrics)}
    made = Plan(
        root=root, command=tuple(command), vary=(), tolerances=plan.tolerances,
        data=tuple(data), keep=plan.keep, network=plan.network, isolate=plan.isolate,
        limits=plan.limits, commit=commit,
        variables={
            name: str(value) for name, value in given.items()
            if VARIABLES.fullmatch(name) and value != MASK
        },
        python=python_of(root, environment.get("executable")),
        alter=partial(altered, kept=kept),
    )  # fmt: skip
    if dirty not in ("true", "false"):
        notes.append("whether its tree differed from the commit is not recorded")
    packages = dict(environment.get("packages") or {})
    return Repeat(run, Tracked(dict(run.params), history), made, packages, tuple(notes))


def folder_of(root: Path, inside: str) -> Path:
    """Return the folder in which the command was started.

    Raises:
        ReproAuditError: when it is not in the work tree of `root`.
    """
    found = git_folder(root)
    top = (found[1] if found else root).resolve()
    folder = (top / inside).resolve()
    if not folder.is_dir() or not folder.is_relative_to(top):
        raise ReproAuditError(f"The run was made in {inside!r}, which is no folder of {top}.")
    return folder


def python_of(root: Path, executable: str | None) -> str:
    """Return the folder of the Python that the record names, where it is still there."""
    if not executable:
        return ""
    path = root / Path(executable).expanduser()
    return str(path.parent) if path.is_file() and os.access(path, os.X_OK) else ""


def kept_files(store: Store, run: StoredRun) -> dict[str, bytes]:
    """Return the patch and the uncommitted files that were kept in a run, by their paths.

    Raises:
        ReproAuditError: when they cannot be read.
    """
    assert run.record is not None  # noqa: S101 - its record names them
    source = run.record["source"]
    names = [PATCH] if source["patch"] else []
    names += [f"{UNTRACKED}/{path}" for path in source["copied"]]
    try:
        return {name: store.artifact(run.run_id, run.artifacts, name) for name in names}
    except OSError as problem:
        raise ReproAuditError(
            f"Run {run.run_id} cannot be repeated: what was changed cannot be read ({problem})."
        ) from problem


def altered(tree: Path, kept: Mapping[str, bytes]) -> None:
    """Make the changes of a run in a fresh copy of its commit.

    Raises:
        ReproAuditError: when they do not fit.
    """
    for name, content in kept.items():
        if name == PATCH:
            apply(tree, content)
            continue
        path = name.removeprefix(f"{UNTRACKED}/")
        target = place_in(tree, path)
        if target is None:
            raise ReproAuditError(f"The run kept {path!r}, which its commit leaves no place for.")
        target.write_bytes(content)


def place_in(tree: Path, path: str) -> Path | None:
    """Return where a new file goes, with its folders made; None where that would lead elsewhere."""
    *folders, name = path.split("/")
    if {"", ".", "..", ".git"} & {*folders, name}:
        return None
    here = tree
    for folder in folders:
        here = here / folder
        if here.is_symlink() or here.is_file():
            return None
        here.mkdir(exist_ok=True)
    return None if os.path.lexists(here / name) else here / name


def apply(tree: Path, patch: bytes) -> None:
    """Apply a patch; git itself refuses one that leads out of the tree.

    Raises:
        ReproAuditError: when git is missing or the patch does not fit.
    """
    program = shutil.which("git")
    if program is None:
        raise ReproAuditError("The run was made from a changed tree; git is needed to change it.")
    done = subprocess.run(  # noqa: S603 - git itself, in our own copy
        [program, "-C", str(tree), "apply", "--whitespace=nowarn", "-"],
        input=patch, capture_output=True, timeout=SECONDS, check=False,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
             "GIT_CEILING_DIRECTORIES": str(tree.parent)},
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise ReproAuditError(f"The changes that the run kept do not fit its commit: {said}")


def data_of(
    root: Path, given: Path, record: Mapping[str, Any], copied: set[str]
) -> tuple[list[str], list[str]]:
    """Return the files that the run read and git does not hold, and what is to be noted of them.

    Raises:
        ReproAuditError: when one is missing or another than it was.
    """
    found = git_folder(given)
    top = (found[1] if found else given).resolve()
    data: list[str] = []
    outside: list[str] = []
    for item in record.get("inputs", ()):
        path, wanted = str(item["path"]), item["digest"]
        if item["tracked"] is True or path in copied:
            continue
        if path.startswith(("/", "~")):
            outside.append(path)
            continue
        now = digests(top, [path]).get(path)
        if now is None or (wanted and now != wanted):
            what = "is not here" if now is None else "is another than it was"
            raise ReproAuditError(
                f"The run read {path}, which {what}; put it back, then try again."
            )
        inside = root.relative_to(top).as_posix()
        if inside != "." and not path.startswith(f"{inside}/"):
            raise ReproAuditError(f"The run read {path}, which lies outside of {root}.")
        data.append(path if inside == "." else path[len(inside) + 1 :])
    if not outside:
        return data, []
    note = f"{len(outside)} file(s) outside of the tree are taken as they are, such as {outside[0]}"
    return data, [note]
