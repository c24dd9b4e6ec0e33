"""Which files the code reads and writes, as far as their paths can be folded to a text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.data import READ
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.syntax import dotted, literal
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call, Module
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

DEEPEST = 8
WRITE_FIRST = (
    "*.to_csv",
    "*.to_parquet",
    "*.to_pickle",
    "*.to_feather",
    "*.to_hdf",
    "*.to_json",
    "*.to_excel",
    "*.save_to_disk",
    "*.tofile",
    "*.write_parquet",
    "*.write_csv",
    "numpy.save*",
    "scipy.io.savemat",
)
WRITE_SECOND = ("torch.save", "joblib.dump", "shutil.move", "shutil.copy*", "os.rename")
WRITE_OWNER = ("*.write_text", "*.write_bytes")
# All that `access_kind` knows, beside methods called `open`.
NAMES = (*WRITE_FIRST, *WRITE_SECOND, *WRITE_OWNER, *READ, "h5py.File", "numpy.memmap")
JOINS = ("os.path.join", "*.joinpath", "pathlib.Path", "pathlib.PurePath", "str")


class Access(NamedTuple):
    """One file access; `path` has `*` for what reading cannot tell."""

    call: Call
    path: str
    writes: bool

    @property
    def known(self) -> bool:
        """Whether the file's own name is known."""
        return bool(self.path) and "*" not in self.path.rpartition("/")[2]

    def evidence(self, message: str) -> Evidence:
        """Point at the access."""
        return self.call.evidence(message)


class Accesses(NamedTuple):
    """All accesses of live code that some entry point reaches, or that no entry point could."""

    all: tuple[Access, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Accesses:
        """Find reads and writes, and fold their paths."""
        index, values, flow = repo.fact(PythonIndex), repo.fact(Values), repo.fact(Flow)
        reached = flow.entered
        found: list[Access] = []
        for call in index.made.any_of(names=NAMES, methods=("open",)):
            if reached and (call.path, call.scope) not in reached:
                continue
            kind = access_kind(call)
            if kind is not None:
                node, writes = kind
                path = folded(node, index.modules[call.path], call.scope, values)
                found.append(Access(call, path, writes))
        return cls(tuple(found))

    @property
    def reads(self) -> tuple[Access, ...]:
        """The reads."""
        return tuple(item for item in self.all if not item.writes)

    @property
    def writes(self) -> tuple[Access, ...]:
        """The writes."""
        return tuple(item for item in self.all if item.writes)


def access_kind(call: Call) -> tuple[ast.expr | None, bool] | None:
    """Return the path's expression and whether the call writes; None when it is no access."""
    if matches(call.name, WRITE_FIRST):
        given = call.argument("path", 0) or call.argument("path_or_buf") or call.argument("file")
        return given, True
    if matches(call.name, WRITE_SECOND):
        return call.argument("dst", 1) or call.argument("filename") or call.argument("f"), True
    if matches(call.name, WRITE_OWNER) and isinstance(call.node.func, ast.Attribute):
        return call.node.func.value, True
    opened = call.name in {"open", "io.open", "gzip.open"} or call.method == "open"
    if opened or call.name in {"h5py.File", "numpy.memmap"}:
        place = 2 if call.name == "numpy.memmap" else 1
        owned = call.method == "open" and call.name not in {"open", "io.open", "gzip.open"}
        if owned and not call.name.endswith("PIL.Image.open"):
            return None
        mode = call.literal("mode", place)
        return call.argument("file", 0), isinstance(mode, str) and bool(re.search("[wax]", mode))
    if matches(call.name, READ):
        node = call.node.args[0] if call.given else call.argument("filepath_or_buffer")
        return node, False
    return None


def folded(
    node: ast.expr | None, module: Module, scope: str, values: Values, depth: int = 0
) -> str:
    """Fold an expression to a path; `*` stands for what is not known."""
    if node is None or depth > DEEPEST:
        return "*"
    if isinstance(node, ast.Constant):
        return str(node.value) if isinstance(node.value, str) else "*"
    if isinstance(node, ast.JoinedStr):
        parts = [
            folded(getattr(part, "value", None), module, scope, values, depth + 1)
            if isinstance(part, ast.FormattedValue)
            else str(literal(part) or "")
            for part in node.values
        ]
        return tidy("".join(parts))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Add)):
        joint = "/" if isinstance(node.op, ast.Div) else ""
        sides = (folded(side, module, scope, values, depth + 1) for side in (node.left, node.right))
        return tidy(joint.join(sides))
    if isinstance(node, ast.Call):
        head, dot, rest = dotted(node.func).partition(".")
        name = module.aliases.get(head, head) + dot + rest
        if matches(name, JOINS):
            inner = [folded(part, module, scope, values, depth + 1) for part in node.args]
            return tidy("/".join(inner))
        return "*"
    if isinstance(node, ast.Name):
        own = [
            item.value
            for item in module.assignments
            if item.target == node.id and item.scope in {scope, ""} and item.value is not None
        ]
        if own and not any(part is node for part in own):
            return folded(own[-1], module, scope, values, depth + 1)
    value = values.of(node, module.path, scope)
    return tidy(value.value) if value.state is State.FIXED and isinstance(value.value, str) else "*"


def tidy(path: str) -> str:
    """Drop what does not change a path's meaning."""
    short = re.sub(r"/{2,}", "/", path.replace("\\", "/"))
    while short.startswith("./"):
        short = short[2:]
    return short[:500]
