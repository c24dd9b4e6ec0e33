"""Enumerations whose order is not fixed: folder listings, sets, parallel reads, queries.

`os.listdir` says "in arbitrary order", `glob` and `Path.iterdir` the same; the order of a set of
strings follows the hash seed of the process (Python's documentation of these and of `__hash__`).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.flow import Flow
from repro_audit.facts.kind import Kind
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.syntax import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call, Module
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

LISTINGS = (
    "os.listdir",
    "os.scandir",
    "os.walk",
    "glob.glob",
    "glob.iglob",
    "*.glob",
    "*.rglob",
    "*.iterdir",
    "tensorflow.io.gfile.glob",
    "tensorflow.io.gfile.listdir",
    "tensorflow.gfile.Glob",
    "tensorflow.gfile.ListDirectory",
)
SORTS = {"sorted", "natsorted", "sort", "os_sorted", "humansorted", "argsort", "unique", "lexsort"}
# Consumers for which the order does not matter.
BLIND = SORTS | {"in", "len", "max", "min", "sum", "any", "all", "set", "frozenset", "bool"}
BLIND |= {
    "unpack",
    "Counter",
    "dump",
    "rmtree",
    "remove",
    "unlink",
    "isdisjoint",
    "issubset",
    "union",
}
DATA_CLASSES = ("*Dataset", "*DataModule", "*DataPipe", "*Sequence")
DATA_WORDS = re.compile(
    r"data|load|image|img|sample|train|test|valid|split|corpus|label|class|annot|mask|audio|video|"
    r"wav|csv|text|frame|fold|scene|item|vocab|record|read|input|prepare|preprocess|feature",
    re.IGNORECASE,
)
OTHER_WORDS = re.compile(
    r"checkpoint|ckpt|weight|model|result|output|log|plot|figure|clean|delete|remove|latest|resume|"
    r"cache|tmp|runs\b|aggregat|version|config|plugin|migrat|upload|backup|epoch|export|install|snapshot",
    re.IGNORECASE,
)
# Such a script goes through what runs have left.
GATHERS = re.compile(r"(^|/)(agg|aggregate|summari[sz]e|collect|gather)_(runs?|results?)\w*\.py$")
DATA_FILES = re.compile(
    r"\.(jpe?g|png|bmp|tiff?|gif|csv|tsv|txt|jsonl?|npy|npz|wav|flac|mp3|mp4|avi|parquet|h5|hdf5|"
    r"mat|nii(\.gz)?|dcm|tfrecords?|xml|pcd|ply|fits?|root)\b",
    re.IGNORECASE,
)
LABELS = re.compile(
    r"class|label|vocab|char|word|tag|token|user|item|id|speaker|target|name|entit|relation|node",
    re.IGNORECASE,
)
DELETES = {"rmtree", "remove", "unlink", "rmdir"}


class Listings(NamedTuple):
    """Enumerations in code that runs: ordered, in no fixed order, and of unclear use."""

    ordered: tuple[Evidence, ...]
    loose: tuple[Evidence, ...]
    unclear: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Listings:
        """Judge every enumeration of live code."""
        ordered: list[Evidence] = []
        loose: list[Evidence] = []
        unclear: list[Evidence] = []
        for module, call in running(repo):
            if matches(call.name, LISTINGS):
                folder(module, call, ordered, loose, unclear)
            elif call.name == "set":
                members(module, call, ordered, loose)
            elif reason := unordered(call):
                sorted_later = any(name in SORTS for name in call.around)
                (ordered if sorted_later else loose).append(call.evidence(reason))
            elif call.method in {"imap_unordered", "as_completed"} and fills(module, call):
                unclear.append(call.evidence(f"{call.method} gives results as they finish"))
        return cls(tuple(ordered), tuple(loose), tuple(unclear))


def running(repo: Repository) -> Iterator[tuple[Module, Call]]:
    """Yield the calls that an entry point reaches, and those of data sets; in a library, all."""
    index = repo.fact(PythonIndex)
    reached = repo.fact(Flow).entered
    everything = repo.fact(Kind).name == "library" or not repo.fact(Flow).traces
    for module in index.live():
        serving = {
            name
            for name, kind in module.classes.items()
            if any(matches(base, DATA_CLASSES) for base in kind.bases)
        }
        for call in module.calls:
            serves = call.scope.rpartition(".")[0] in serving
            if everything or serves or (module.path, call.scope) in reached:
                yield module, call


def bound(module: Module, call: Call) -> str:
    """Return the name that a call's value is assigned to in its scope, or nothing."""
    for item in module.assignments:
        near = item.scope == call.scope and item.line <= call.line <= item.line + 20
        if near and item.kind is not None and item.span.holds(call.span):
            return item.target
    return ""


def sorts_later(module: Module, call: Call, name: str) -> bool:
    """Say whether the value, or the list that a loop over it fills, is sorted in its scope."""
    for other in module.calls:
        if other.scope != call.scope or other.line < call.line or other.method not in SORTS:
            continue
        given = {dotted(node) for node in other.node.args[:1]}
        receiver = other.name.rpartition(".")[0]
        if not name or name in given or receiver == name or {"for", "each"} & set(call.around):
            return True
    return False


def folder(
    module: Module,
    call: Call,
    ordered: list[Evidence],
    loose: list[Evidence],
    unclear: list[Evidence],
) -> None:
    """Sort one listing of a folder into the three heaps."""
    tails = {name.rpartition(".")[2] for name in call.around}
    name = bound(module, call)
    if tails & SORTS or sorts_later(module, call, name):
        ordered.append(call.evidence(f"{call.method} is sorted before it is used"))
        return
    deletes = any(item.scope == call.scope and item.method in DELETES for item in module.calls)
    if (
        tails & BLIND
        or call.around[:1] == ("unpack",)
        or deletes
        or (name and blind_name(module, call, name))
    ):
        return
    shown = " ".join(as_code(node) for node in (*call.node.args[:2], call.node.func))[:300]
    about = f"{shown} {call.scope} {name}"
    if "for" in call.around and not fills(module, call):
        return
    other = OTHER_WORDS.search(about) or GATHERS.search(call.path)
    if other and not DATA_WORDS.search(shown):
        return
    if call.method == "walk":
        unclear.append(call.evidence("os.walk goes through folders in no fixed order"))
    elif DATA_FILES.search(shown) or DATA_WORDS.search(about):
        loose.append(call.evidence(f"{call.method} gives files in no fixed order"))
    else:
        unclear.append(call.evidence(f"{call.method} is not sorted, and its use is unclear"))


def blind_name(module: Module, call: Call, name: str) -> bool:
    """Say whether every use of a name asks only for its size or members."""
    uses = [
        other
        for other in module.calls
        if other.scope == call.scope and any(dotted(node) == name for node in other.node.args)
    ]
    return bool(uses) and all(other.method in BLIND for other in uses)


def members(module: Module, call: Call, ordered: list[Evidence], loose: list[Evidence]) -> None:
    """Sort one `set(...)` that is turned into a sequence or numbered."""
    if not call.given:
        return
    tails = [name.rpartition(".")[2] for name in call.around]
    if set(tails) & SORTS:
        ordered.append(call.evidence("the members of a set are sorted before they are used"))
        return
    first = tails[0] if tails else ""
    if first not in {"enumerate", "list", "tuple"}:
        return
    name = bound(module, call)
    if first == "enumerate" or (
        first in {"list", "tuple"}
        and not set(tails[1:]) & BLIND
        and (LABELS.search(name) or "enumerate" in tails)
    ):
        if sorts_later(module, call, name or "?"):
            ordered.append(call.evidence("the members of a set are sorted before they are used"))
        else:
            loose.append(
                call.evidence(
                    "a set becomes a sequence, in an order that changes with each process"
                )
            )


def unordered(call: Call) -> str:
    """Say why a query or a list of files comes in no fixed order, if it does."""
    if call.method == "list_files" and call.name.startswith(("tensorflow.", "tf.")):
        quiet = call.literal("shuffle", 1) is False or call.argument("seed", 2) is not None
        return "" if quiet else "tf.data shuffles the files it lists, without a seed"
    if call.method in {"read_sql", "read_sql_query"}:
        query = call.literal("sql", 0)
        if isinstance(query, str) and re.search(r"\bselect\b", query, re.IGNORECASE):
            total = re.search(r"\border\s+by\b|\bcount\s*\(", query, re.IGNORECASE)
            return "" if total else "a query without ORDER BY gives rows in no fixed order"
    return ""


def fills(module: Module, call: Call) -> bool:
    """Say whether a loop collects what it meets: in a list, a dictionary, or as it yields."""
    collected = any(
        item.scope == call.scope and item.method in {"append", "extend"} and item.line >= call.line
        for item in module.calls
    )
    keyed = any(
        item.scope == call.scope and item.target.endswith("[]") and item.line >= call.line
        for item in module.assignments
    )
    function = module.functions.get(call.scope)
    yields = function is not None and any(
        isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(function.node)
    )
    return collected or keyed or yields
