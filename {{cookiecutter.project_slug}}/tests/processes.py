"""Stages in processes of their own, as commands start them, but for what takes seconds to import.

A server imports it once and forks for each stage; where a system cannot, each stage imports it.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from pathlib import Path

from {{ cookiecutter.project_slug }}.stages import ROOT

PACKAGE = "{{ cookiecutter.project_slug }}"
STAGES = ("preparation", "validation", "training", "evaluation")
METHODS = multiprocessing.get_all_start_methods()
CONTEXT = multiprocessing.get_context("forkserver" if "forkserver" in METHODS else "spawn")
CONTEXT.set_forkserver_preload(
    ["pytest", "mlflow.pytorch", "optuna", *(f"{PACKAGE}.{stage}" for stage in STAGES)]
)


def run(module: str, words: list[str], said: Path, cwd: Path, variables: dict[str, str]) -> None:
    """What `python -m` does, in the process of a stage."""
    descriptor = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(cwd)
    # Loader workers begin as they do in a command, and not as this process did.
    multiprocessing.set_start_method(METHODS[0], force=True)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


class Stage:
    """One that runs, with the face of a `subprocess.Popen`.

    Args:
        module: of the project, or its tests.
        words: overrides.
        said: gets what it prints, on either stream.
        cwd: the folder that it stands in.
        variables: of its environment, beside those of the tests without a tracking server.
    """

    def __init__(
        self, module: str, words: list[str], said: Path, cwd: Path = ROOT, **variables: str
    ) -> None:
        self.file = said
        inherited = {k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"}
        arguments = (module, words, said, cwd, inherited | variables)
        self.process = CONTEXT.Process(target=run, args=arguments)
        self.process.start()

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return self.file.read_text("utf-8") if self.file.exists() else ""

    def poll(self) -> int | None:
        """Its exit status, None while it runs."""
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """Its exit status, when it has one or the seconds are over."""
        self.process.join(timeout)
        return self.process.exitcode

    def kill(self) -> None:
        """Stop it there and then."""
        self.process.kill()
