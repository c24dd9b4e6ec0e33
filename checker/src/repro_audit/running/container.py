"""A command in a container: the image is built from the repository, the tree is mounted.

The tree has the same path inside as outside, so that what is read and written is observed as ever.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from repro_audit.errors import ReproAuditError
from repro_audit.recording.interpreter import find_interpreter
from repro_audit.running.handing import STORE, handed_over, has_server, words_elsewhere
from repro_audit.running.launch import Ended, launch
from repro_audit.running.place import AGENT
from repro_audit.running.requirements import requirements

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from repro_audit.running.recorder import Recorder

FILES = ("Dockerfile", "Containerfile")
LIST = "requirements.txt"
SECONDS = 60
ENGINE_FAILED = 125
# The whole image: many packages are built by a compiler, or ask git for their version.
RECIPE = """\
FROM docker.io/library/python:{python}
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements.txt /requirements.txt
RUN python -m pip install --requirement /requirements.txt
"""


@dataclass(frozen=True)
class Image:
    """A built image: its number, which is a digest, and the variables that it sets."""

    digest: str
    variables: dict[str, str]


@dataclass(frozen=True)
class Recipe:
    """What an image is built from: a file of the tree, or a list of requirements."""

    context: Path
    file: Path
    described: dict[str, Any]
    notes: tuple[str, ...] = ()


def engine_found(name: str) -> str:
    """Return the program of an engine that answers.

    Raises:
        ReproAuditError: when it is not installed or its service does not run.
    """
    program = shutil.which(name)
    if program is None:
        raise ReproAuditError(f"--in {name} needs {name}, which is not installed.")
    if os.name == "nt":
        raise ReproAuditError(f"--in {name} needs the paths of Linux or macOS; use it inside WSL.")
    done = asked([program, "version"])
    if done.returncode:
        said = last(done.stderr)
        raise ReproAuditError(f"{name} is installed and does not answer: {said}")
    return program


def run_in_container(
    recorder: Recorder,
    options: argparse.Namespace,
    environment: Mapping[str, str],
    began: Callable[[], None],
) -> Ended:
    """Build the image, run the command in it, and record that as any other.

    Raises:
        ReproAuditError: when there is nothing to build from, or it cannot be built.
    """
    program = engine_found(options.engine)
    with TemporaryDirectory(prefix="repro-audit-") as scratch:
        recipe = recipe_of(recorder, options.lock, Path(scratch))
        image = built(program, recipe, Path(scratch) / "image")
    recorder.record["where"] = {
        "kind": "container",
        "engine": options.engine,
        "image": image.digest,
        **recipe.described,
    }
    recorder.record["notes"] += recipe.notes
    handed = handed_over(environment, options.keep)
    if STORE in environment and not has_server(environment):
        recorder.track = False
        recorder.record["notes"].append(f"not tracked: {STORE} names no server, but a file here")
    container = Container(program, image, recorder, options)
    recorder.beside = lambda words: container.words(words, handed)
    recorder.begin(environment, {**image.variables, **handed})
    began()
    path = {"PYTHONPATH": image.variables.get("PYTHONPATH", "")}
    observed = recorder.observed_environment({**path, **handed})
    words = container.words(words_elsewhere(recorder.words), observed)
    ended = launch(words, {**environment, **observed}, recorder.folder, recorder.started)
    if ended.status == ENGINE_FAILED:
        ended.problem = f"{options.engine} could not start the container"
    recorder.end(ended)
    return ended


def recipe_of(recorder: Recorder, lists: Sequence[str], scratch: Path) -> Recipe:
    """Find what the image is built from: the named lists, a Dockerfile, or the lock of the tree."""
    top = recorder.state.top
    here = Path.cwd().resolve()
    files = [folder / name for folder in (here, top) for name in FILES]
    file = next((path for path in files if path.is_file()), None)
    if file is not None and not lists:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        shown = os.path.relpath(file, top)
        described: dict[str, Any] = {
            "file": shown,
            "file_digest": f"sha256:{digest}",
            "requirements": None,
        }
        return Recipe(file.parent, file, described)
    wanted = requirements(top, lists)
    if wanted is None:
        raise ReproAuditError(
            f"There is no Dockerfile and no lock in {top} to build an image from; write one, or "
            "name a list of requirements with --lock."
        )
    (scratch / LIST).write_text(wanted.text, "utf-8")
    text = RECIPE.format(python=python_of(recorder))
    (scratch / FILES[0]).write_text(text, "utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    described = {
        "file": None,
        "file_digest": f"sha256:{digest}",
        "requirements": list(wanted.paths),
    }
    notes = [f"not installed, as it is a folder of the tree: {name}" for name in wanted.left_out]
    return Recipe(scratch, scratch / FILES[0], described, tuple(notes))


def python_of(recorder: Recorder) -> str:
    """Return the version of Python that the tree names, else that of the command's Python here."""
    try:
        named = (recorder.state.top / ".python-version").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        named = ""
    if re.fullmatch(r"3\.\d+(\.\d+)?", named):
        return named
    found = find_interpreter(recorder.words, os.environ)
    return ".".join((found.version if found else platform.python_version()).split(".")[:2])


def built(program: str, recipe: Recipe, number: Path) -> Image:
    """Build an image; what the engine says about it is passed on."""
    words = ["build", "--file", str(recipe.file), "--iidfile", str(number), str(recipe.context)]
    # Everything that it says is for a person: our output is the command's alone.
    done = subprocess.run([program, *words], stdout=2, stdin=subprocess.DEVNULL, check=False)  # noqa: S603
    if done.returncode:
        name = recipe.described["file"] or "the lock"
        raise ReproAuditError(f"The image cannot be built from {name}; the reason stands above.")
    digest = number.read_text("ascii").strip()
    told = asked([program, "image", "inspect", "--format", "{{json .Config.Env}}", digest])
    listed: list[str] = json.loads(told.stdout or "null") or []
    pairs = (entry.partition("=") for entry in listed)
    return Image(digest, {name: value for name, _, value in pairs})


def asked(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Ask the engine something that takes no time."""
    try:
        return subprocess.run(  # noqa: S603 - the engine that the user named
            list(words), capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(list(words), 1, "", f"no answer in {SECONDS} s")


def last(text: str) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it gives no reason"


@dataclass(frozen=True)
class Container:
    """How commands are written so that they run in the image, with the tree where it is here."""

    program: str
    image: Image
    recorder: Recorder
    options: argparse.Namespace

    def words(self, words: Sequence[str], variables: Mapping[str, str]) -> list[str]:
        """Write a command; the values of the variables are taken from the engine's environment."""
        first, *others = words
        top, folder = self.recorder.state.top, self.recorder.folder
        mounted = {str(top): "", str(self.recorder.notes_folder): "", str(AGENT): ",readonly"}
        if not folder.is_relative_to(top):
            mounted[str(folder)] = ""
        asked_for = ["run", "--rm", "--init", "--interactive", "--workdir", str(Path.cwd())]
        for path, more in mounted.items():
            asked_for += ["--mount", f"type=bind,source={path},target={path}{more}"]
        for name in variables:
            asked_for += ["--env", name]
        # PyTorch's workers hand tensors over through shared memory, of which there is little else.
        asked_for += ["--ipc", "host", "--security-opt", "label=disable", *self.person()]
        asked_for += self.share()
        return [self.program, *asked_for, "--entrypoint", first, self.image.digest, *others]

    def person(self) -> list[str]:
        """Run as who we are, so that the outputs are ours."""
        if os.getuid() == 0:
            return []
        who = ["--user", f"{os.getuid()}:{os.getgid()}", "--env", "HOME=/tmp"]
        return [*who, "--userns", "keep-id"] if self.options.engine == "podman" else who

    def share(self) -> list[str]:
        """Ask for processors."""
        words = ["--cpus", f"{self.options.cpus:g}"] if self.options.cpus else []
        if self.options.gpus and self.options.engine == "podman":
            return [*words, "--device", "nvidia.com/gpu=all"]
        return [*words, "--gpus", f"{self.options.gpus:g}"] if self.options.gpus else words
