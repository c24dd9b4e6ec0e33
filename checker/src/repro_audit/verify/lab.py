"""The place where runs are made: one work folder, and in it the same paths for every run."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.errors import ReproAuditError
from repro_audit.recording.environment import without_secrets
from repro_audit.recording.interpreter import Interpreter, find_interpreter
from repro_audit.recording.machine import Machine, this_machine
from repro_audit.recording.sources import Source, committed_source
from repro_audit.verify import outputs, process, tree
from repro_audit.verify.conditions import Condition, Setting
from repro_audit.verify.orders import untraced, write_orders
from repro_audit.verify.outputs import STDOUT, Written
from repro_audit.verify.places import linked, work_folder
from repro_audit.verify.plan import reseeded
from repro_audit.verify.sandbox import Fence, wrapped, write_stand_ins
from repro_audit.verify.surroundings import Surroundings
from repro_audit.verify.tools import Tools, this_machines_tools

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from repro_audit.verify.plan import Plan

AGENT = Path(__file__).with_name("agent")
DROPPED = ("PYTHONHASHSEED", "PYTHONSTARTUP", "FAKETIME", "LD_PRELOAD", "OLDPWD", "SHLVL", "_")


@dataclass(frozen=True)
class Run:
    """One run: under which condition, how it ended, and what it wrote."""

    condition: Condition
    ended: process.Ended
    written: Written
    last_words: str
    failed_at: tuple[str, int] | None = None
    trace: Path | None = None

    @property
    def failed(self) -> bool:
        """Whether it ended badly."""
        return self.ended.failed

    @property
    def reason(self) -> str:
        """Why it failed."""
        return self.ended.reason(self.last_words)


@dataclass
class Lab:
    """Makes runs; leaving it removes everything that they left behind."""

    plan: Plan
    tools: Tools = field(default_factory=this_machines_tools)
    made: int = 0

    def __enter__(self) -> Lab:
        """Copy the committed tree and look at what there is.

        Raises:
            ReproAuditError: when there is nothing to copy.
        """
        if not self.plan.isolate:
            self.tools = replace(self.tools, bubblewrap="")
        self.source: Source = committed_source(self.plan.root, self.plan.commit)
        inherited = {k: v for k, v in os.environ.items() if k not in DROPPED}
        if self.plan.python:
            inherited["PATH"] = f"{self.plan.python}:{inherited.get('PATH', os.defpath)}"
        kept = {name: inherited[name] for name in self.plan.keep if name in inherited}
        self.inherited = without_secrets(inherited) | kept
        self.interpreter: Interpreter | None = find_interpreter(self.plan.command, self.inherited)
        self.around = Surroundings(self.source, self.interpreter, self.inherited)
        self.machine: Machine = this_machine()
        self.work = work_folder()
        try:
            self.pristine = self.work / "pristine"
            self.data = tree.pristine(self.source, self.pristine, self.plan.data)
            self.plan.alter(self.pristine)
            write_stand_ins(self.work / "system")
            shutil.copytree(
                AGENT, self.work / "agent", ignore=shutil.ignore_patterns("__pycache__")
            )
        except BaseException:
            tree.remove(self.work)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the work folder."""
        tree.remove(self.work)

    def base(self) -> Condition:
        """Return the reference condition: everything that a variation changes is held still."""
        home, tmp = self.work / "home", self.work / "tmp"
        environment = {
            **self.inherited,
            "PYTHONHASHSEED": "0",
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "USER": "runner",
            "LOGNAME": "runner",
            **dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(tmp)),
        }
        for name in [name for name in environment if name.startswith("LC_") and name != "LC_ALL"]:
            del environment[name]
        if self.interpreter is not None:
            # Shims such as pyenv's ask the home folder which Python is meant; the runs do not.
            environment["PATH"] = f"{self.interpreter.folder}:{environment.get('PATH', os.defpath)}"
            if self.interpreter.user_base:
                environment["PYTHONUSERBASE"] = self.interpreter.user_base
        environment |= self.plan.variables
        return Condition(
            tree=self.work / "tree",
            home=home,
            tmp=tmp,
            environment=environment,
            network=self.plan.network or not (self.tools.bubblewrap or self.tools.unshare),
        )

    def setting(self, base: Condition) -> Setting:
        """Return what variations are made from."""
        usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else ()
        return Setting(
            base=base,
            tools=self.tools,
            cpus=tuple(usable),
            has_gpu=bool(self.machine.gpus),
            seed_in_command=reseeded(self.plan.command) != self.plan.command,
            closed=self.interpreter.closed if self.interpreter else "",
        )

    def run(
        self,
        condition: Condition,
        *,
        other_seed: bool = False,
        orders: Mapping[str, object] | None = None,
        prepared: Path | None = None,
    ) -> Run:
        """Make one run in a fresh copy, under a condition; `prepared` is a tree of an earlier run.

        The files are moved aside when it has ended, so that the next run finds its paths free.
        """
        self.made += 1
        kept = self.work / "kept" / str(self.made)
        kept.mkdir(parents=True)
        self.lay_out(condition, prepared)
        start, trace, aliases = self.start(condition, orders, kept, other_seed=other_seed)
        with linked(aliases):
            ended, older = self.carry_out(start, rounds=2 if condition.leftovers else 1)
        condition.tree.mkdir(exist_ok=True)
        condition.tree.rename(kept / "tree")
        for folder in (condition.home, condition.tmp):
            tree.remove(folder)
        words = outputs.last_line(kept / "stderr") or outputs.last_line(kept / "stdout")
        at = outputs.last_place(kept / "stderr", start.cwd) if ended.failed else None
        return Run(condition, ended, self.collected(kept, older), words, at, trace)

    def start(
        self,
        condition: Condition,
        orders: Mapping[str, object] | None,
        kept: Path,
        *,
        other_seed: bool,
    ) -> tuple[process.Start, Path | None, dict[Path, Path]]:
        """Return what is started, where its trace goes, and which old paths lead to new ones."""
        environment = self.environment(condition)
        if orders is not None:
            orders = {**orders, "root": str(condition.tree / self.source.inside)}
        trace = write_orders(condition, orders, self.work, kept, environment)
        command = reseeded(self.plan.command) if other_seed else self.plan.command
        cwd = condition.tree / self.source.inside
        earlier = str((orders or {}).get("earlier", ""))
        readable = [self.work / "agent", kept / "orders", *([Path(earlier)] if earlier else [])]
        aliases = self.aliases(condition) if (orders or {}).get("places") else {}
        own = (condition.tree, condition.home, condition.tmp)
        shown = tuple(path for path in readable if path.exists())
        fence = Fence(
            self.source.root, self.around.needed(), shown,
            own if trace is None else (*own, trace), self.work / "system", aliases,
        )  # fmt: skip
        start = process.Start(
            argv=wrapped(condition, self.tools, fence, self.resolved(command), cwd),
            environment=environment, cwd=cwd, stdout=kept / "stdout", stderr=kept / "stderr",
            cpus=condition.cpus, watched=own,
        )  # fmt: skip
        return start, trace, aliases

    def environment(self, condition: Condition) -> dict[str, str]:
        """Return the variables of a run: those of its condition, and what stands around it."""
        found = dict(condition.environment)
        found |= self.around.editable_paths(condition.tree, condition.environment)
        if condition.clock:
            found |= {
                "LD_PRELOAD": self.tools.faketime, "FAKETIME": condition.clock,
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
            }  # fmt: skip
        return found

    def carry_out(self, start: process.Start, rounds: int) -> tuple[process.Ended, frozenset[str]]:
        """Run once or several times in one place; return how the last ended, and what was there.

        Of several runs the last is traced and looked at.
        """
        plain = replace(start, environment=untraced(start.environment))
        older: frozenset[str] = frozenset()
        for _ in range(rounds - 1):
            ended = process.run(plain, self.plan.limits)
            if ended.failed:
                return ended, older
            older = frozenset(outputs.files_of(start.cwd))
        return process.run(start, self.plan.limits), older

    def collected(self, kept: Path, older: frozenset[str]) -> Written:
        """Return what a run wrote: files, or standard output where it wrote none."""
        folder = kept / "tree" / self.source.inside
        files = outputs.written(self.pristine / self.source.inside, folder, self.plan.expect)
        if not files and not self.plan.expect:
            (folder / STDOUT).write_bytes(outputs.said(kept / "stdout"))
            files = {STDOUT: outputs.digest(folder / STDOUT)}
        return Written(folder, files, older)

    def lay_out(self, condition: Condition, prepared: Path | None) -> None:
        """Make the folders of a run, all of them fresh."""
        for folder in (condition.tree, condition.home, condition.tmp):
            if folder.exists():
                tree.remove(folder)
        tree.duplicate(prepared or self.pristine, condition.tree)
        condition.home.mkdir(parents=True)
        condition.tmp.mkdir(parents=True)

    def aliases(self, condition: Condition) -> dict[Path, Path]:
        """Return the folders of the reference that values of it may name, and this run's own."""
        base = self.base()
        pairs = (
            (base.tree, condition.tree),
            (base.home, condition.home),
            (base.tmp, condition.tmp),
        )
        return {old: new for old, new in pairs if old != new}

    def forget(self, run: Run) -> None:
        """Free the disk of a run that is not looked at again."""
        tree.remove(next(p for p in run.written.folder.parents if p.parent.name == "kept"))

    def resolved(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """Find the first word on the search path of the runs, which is not ours."""
        search = self.base().environment["PATH"]
        if "/" in command[0]:
            return command
        found = shutil.which(command[0], path=search)
        return command if found is None else (found, *command[1:])


def check_platform() -> None:
    """Refuse where processes cannot be held under limits.

    Raises:
        ReproAuditError: on a system without them.
    """
    if sys.platform == "win32":
        raise ReproAuditError("verify needs Linux or macOS; use WSL or a container on Windows.")
