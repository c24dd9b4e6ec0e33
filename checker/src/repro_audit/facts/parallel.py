"""Training on several devices or threads, and where their number is written down."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.configs import Configs
from repro_audit.facts.flow import Flow
from repro_audit.facts.hardware import DONE
from repro_audit.facts.prose import Prose, script_commands
from repro_audit.facts.python import matches
from repro_audit.facts.quoting import quoted
from repro_audit.facts.statements import Statements
from repro_audit.facts.tasks import Tasks
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.shell import Command
    from repro_audit.facts.syntax import Call
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

USES = (
    "torch.nn.DataParallel",
    "torch.nn.parallel.*DataParallel",
    "torch.distributed.init_process_group",
    "torch.distributed.*init_process_group",
    "torch.multiprocessing.spawn",
    "accelerate.Accelerator",
    "deepspeed.initialize",
    "deepspeed.init_distributed",
    "horovod.*.init",
    "tensorflow.distribute.*Strategy",
    "ray.train.*Trainer",
    "ray.train.*.*Trainer",
    "jax.pmap",
)
THREADS = (
    "torch.set_num_threads",
    "torch.set_num_interop_threads",
    "tensorflow.config.threading.set_*",
    "threadpoolctl.threadpool_limits",
)
TRAINERS = ("*.Trainer", "*.Fabric", "Trainer", "Fabric")
FIELDS = (
    "devices",
    "gpus",
    "num_nodes",
    "nodes",
    "strategy",
    "accumulate_grad_batches",
    "tpu_cores",
)
COUNTED = {"devices", "gpus", "num_processes", "num_nodes", "nproc_per_node", "world_size"}
COUNTED |= {"num_machines", "num_workers_per_node", "ngpus", "n_gpus", "num_gpus", "threads"}
LAUNCH = re.compile(
    r"--?(nproc[_-]per[_-]node|num[_-]processes|num[_-]gpus|ngpus|n[_-]?gpus?|gpus|num[_-]nodes|"
    r"nodes|nnodes|devices|ntasks-per-node)[= ]+\d|\b(horovodrun|mpirun)\b.*-np? \d|"
    r"CUDA_VISIBLE_DEVICES=\d|(trainer\.)?devices=\d|OMP_NUM_THREADS=\d|"
    r"\b(nproc_per_node|num_processes)=\d",
)
AUTO = {"auto", "-1", -1, "max", "gpu"}
BATCH = re.compile(
    r"\b(effective|total|global|overall) batch\b|\bbatch[- ]size\b.{0,60}\b(per[- ]gpu|gpus)\b",
    re.IGNORECASE,
)

DEVICES = re.compile(
    r"\b(\d+|two|three|four|eight|sixteen)[ -](\w+[ -]){0,2}?(GPU|TPU)s\b|"
    r"\b\d+\s?[x\u00d7]\s?(\w+[ -]){0,3}?([AHPV]\d00|T4|RTX|GPUs?|TPUs?)\b",
    re.IGNORECASE,
)

# What was done on them; "Hardware:" and the like introduce that too.
RAN = re.compile(rf"{DONE.pattern}|\b(hardware|machine|setup|system)\b", re.IGNORECASE)


@dataclass
class Parallel:
    """Uses of several devices or threads; their numbers, written or left to the machine."""

    uses: list[Evidence] = field(default_factory=list)
    counted: list[Evidence] = field(default_factory=list)
    automatic: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Parallel:
        """Read calls, configuration, commands and sentences."""
        found = cls()
        values = repo.fact(Values)
        for call in repo.fact(Flow).calls.named(*THREADS, *USES, *TRAINERS):
            found.from_call(call, values)
        for call in repo.fact(Flow).calls.named("joblib.Parallel"):
            found.jobs(call, values)
        for file in repo.fact(Configs).files.values():
            for entry in file.entries:
                if entry.key.rpartition(".")[2] in COUNTED and entry.value is not None:
                    found.put(entry.value, entry.evidence(f"{entry.key}: {entry.value}"))
        for command in commands(repo):
            if LAUNCH.search(command.text):
                found.counted.append(command.evidence(quoted(command.text)))
        said = repo.fact(Statements)
        found.counted += [item.evidence() for item in said.find(BATCH, r"\d")]
        found.counted += [item.evidence() for item in said.find(DEVICES, RAN)]
        return found

    def put(self, value: object, seen: Evidence) -> None:
        """Sort one number of devices."""
        automatic = isinstance(value, (str, int)) and value in AUTO
        (self.automatic if automatic else self.counted).append(seen)

    def jobs(self, call: Call, values: Values) -> None:
        """Read over how many processes joblib spreads the work.

        A forest that is told the same grows the same trees, one by one or all at once.
        """
        value = values.of(call.argument("n_jobs", 0), call.path, call.scope)
        if value.state is State.FIXED and isinstance(value.value, int) and value.value > 1:
            seen = call.evidence(f"n_jobs={value.value}")
            self.uses.append(seen)
            self.counted.append(seen)

    def from_call(self, call: Call, values: Values) -> None:
        """Read one call that spreads work, or says over how much."""
        if matches(call.name, THREADS):
            value = values.of(call.node.args[0] if call.given else None, call.path, call.scope)
            if value.state is State.FIXED:
                self.uses.append(call.evidence(f"{call.name} is called"))
                self.counted.append(call.evidence(f"{call.name} with {value.value}"))
            return
        if matches(call.name, USES):
            self.uses.append(call.evidence(f"{call.name} spreads the work"))
            ids = call.argument("device_ids", 1)
            if isinstance(ids, ast.List) and len(ids.elts) > 1:
                self.counted.append(call.evidence(f"device_ids={as_code(ids)[:40]}"))
        elif matches(call.name, TRAINERS):
            for keyword in FIELDS:
                node = call.argument(keyword)
                if node is None:
                    continue
                value = values.of(node, call.path, call.scope)
                seen = call.evidence(f"{keyword}={as_code(node)[:40]}")
                if value.state is State.FIXED or value.value == -1:
                    if value.value not in {1, "auto"}:
                        self.uses.append(seen)
                    if keyword in COUNTED:
                        self.put(value.value, seen)


def commands(repo: Repository) -> Iterator[Command]:
    """Yield the commands of scripts, tasks and documents."""
    yield from script_commands(repo)
    for task in repo.fact(Tasks).all:
        yield from task.commands
    yield from repo.fact(Prose).commands()
