"""What happens to rows of data on the way from reading to scoring, in every script and notebook."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from repro_audit.facts.accesses import Accesses
from repro_audit.facts.code import as_code
from repro_audit.facts.flow import Flow
from repro_audit.facts.learners import words
from repro_audit.facts.python import Place, PythonIndex
from repro_audit.facts.runner import Runner
from repro_audit.facts.syntax import literal

if TYPE_CHECKING:
    from repro_audit.facts.accesses import Access
    from repro_audit.facts.frames import Sight
    from repro_audit.facts.syntax import Module
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

PACKAGES = words(
    "sklearn imblearn pandas polars numpy torch torchvision lightning pytorch_lightning keras "
    "tensorflow xgboost lightgbm catboost datasets transformers optuna category_encoders"
)
TARGETS = frozenset({"y", "target", "label", "labels", "targets", "y_all", "Y"})
MOST_ALTOGETHER = 120_000  # about a second and a half; a study of fifty modules takes 80,000
MOST_SHOWN = 5
NONE: frozenset[str] = frozenset()
LONGEST = 400


class DataFlow(NamedTuple):
    """Everything that was seen, by kind; `unread` names what was too long or too deep to follow."""

    sights: tuple[Sight, ...]
    unread: tuple[str, ...]

    @classmethod
    def collect(cls, repo: Repository) -> DataFlow:
        """Run every live module and every function that an entry point reaches."""
        index = repo.fact(PythonIndex)
        flow = repo.fact(Flow)
        holding = {module.path for module in index.live() if holds_data(module)}
        modules = [module for module in index.live() if near(module, holding, index)]
        modules.sort(key=lambda module: module.path not in flow.traces)
        accesses = [item for item in repo.fact(Accesses).all if item.known]
        modules = handed_on(modules, accesses)
        runner = Runner(index, {module.path: target_columns(module) for module in modules})
        runner.files = {
            (item.call.path, item.call.span): item.path.rpartition("/")[2] for item in accesses
        }
        reached = flow.entered
        unread: list[str] = []
        total = 0
        for module in modules:
            if total > MOST_ALTOGETHER:
                unread.append(module.path)
                continue
            if not runner.read(module, reached):
                unread.append(module.path)
            total += runner.steps
            compares_parts(module, reached, runner)
        return cls(tuple(runner.sights), tuple(unread))

    def of(self, *kinds: str, sure: bool | None = True) -> tuple[Evidence, ...]:
        """Return the evidence of some kinds; `sure=None` takes the uncertain as well."""
        return tuple(
            sight.evidence
            for sight in self.sights
            if sight.kind in kinds and (sure is None or sight.sure is sure)
        )


def handed_on(modules: list[Module], accesses: list[Access]) -> list[Module]:
    """Put a module that writes a file before those that read it; a ring stays as it is."""
    written: dict[str, set[str]] = {}
    read: dict[str, set[str]] = {}
    for item in accesses:
        files = (written if item.writes else read).setdefault(item.call.path, set())
        files.add(item.path.rpartition("/")[2])
    handing = [module for module in modules if module.path in written]
    wanted = {path: files - written.get(path, set()) for path, files in read.items()}
    left: list[Module] = list(modules)
    placed: list[Module] = []
    done: set[str] = set()
    while left:
        free = [
            module
            for module in left
            if not any(
                written.get(other.path, NONE) & wanted.get(module.path, NONE)
                for other in handing
                if other is not module and other.path not in done
            )
        ]
        placed += free or left
        done |= {module.path for module in placed}
        left = [module for module in left if module.path not in done]
    return placed


def compares_parts(module: Module, reached: frozenset[Place], runner: Runner) -> None:
    """Note tests that stop a run when two parts share members."""
    for check in module.checks:
        text = as_code(check.test)[:LONGEST].lower()
        shared = "isdisjoint" in text or "intersection" in text or " & " in text
        if (
            shared
            and "train" in text
            and "test" in text
            and Place(module.path, check.scope) in reached
        ):
            message = "the run stops when the parts share members"
            runner.see("disjoint", module.path, check.line, message)


def uses(
    repo: Repository, names: frozenset[str], *, borrowed: bool = False
) -> tuple[Evidence, ...]:
    """Return the live calls of functions and classes with one of `names`, a few of them.

    Where they have to be `borrowed`, those that the repository defines do not count.
    """
    index = repo.fact(PythonIndex)
    return tuple(
        call.evidence(f"{call.method} is called")
        for module in index.live()
        if not names.isdisjoint(module.methods) and holds_data(module)
        for call in module.calls
        if call.method in names
        and not (borrowed and index.locate(call.name, call.path, call.scope))
    )[:MOST_SHOWN]


def holds_data(module: Module) -> bool:
    """Say whether a module can hold data: it imports a package for it."""
    return any(item.module.partition(".")[0] in PACKAGES for item in module.imports)


def near(module: Module, holding: set[str], index: PythonIndex) -> bool:
    """Say whether a module can hold data, or imports one of the repository that can."""
    return module.path in holding or any(
        index.module_path(f"{item.module}{suffix}", module.path) in holding
        for item in module.imports
        for suffix in ("", f".{item.name}")
    )


def target_columns(module: Module) -> frozenset[str]:
    """Return the columns that are bound to a name such as `y`, which makes them targets."""
    found: set[str] = set()
    for assignment in module.assignments:
        if assignment.target not in TARGETS:
            continue
        chained = assignment.kind in (ast.Attribute, ast.Call, ast.Subscript)
        node = assignment.value if chained else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            popped = literal(node.args[0]) if node.func.attr == "pop" and node.args else None
            found |= {popped} if isinstance(popped, str) else set()
            node = node.func.value
        if isinstance(node, ast.Attribute) and node.attr == "values":
            node = node.value
        if isinstance(node, ast.Subscript) and isinstance(literal(node.slice), str):
            found.add(str(literal(node.slice)))
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return frozenset(found)
