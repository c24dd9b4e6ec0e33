"""How data is parted into training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.configs import Configs
from repro_audit.facts.flow import Flow
from repro_audit.facts.origins import Origins
from repro_audit.facts.parts import cut, told
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.randomness import Hold, Randomness
from repro_audit.facts.sources import drawn_by
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State, Value
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from repro_audit.facts.randomness import Path
    from repro_audit.facts.syntax import Call, Module
    from repro_audit.repository import Repository

SPLITTERS = (
    "sklearn.model_selection.*train_test_split",
    "sklearn.model_selection.*Split",
    "*.train_test_split",
    "sklearn.model_selection.*KFold",
    "torch.utils.data.random_split",
    "random_split",
    "*.randomSplit",
    "iterstrat.*",
    "skmultilearn.*train_test_split",
)
OFFICIAL = re.compile(
    r"(^|[/_.-])(train|valid(ation)?|val|test|dev|fold\d*|split)s?([_.-]\w+)?\.(csv|tsv|txt|json|jsonl|npy|npz|parquet|pkl|h5|index|idx|ids|lst|bin|mat|arff|"
    r"tfrecords?|arrow|conll|pickle|gz)$",
    re.IGNORECASE,
)
PARTS = frozenset({"train", "val", "valid", "validation", "test", "dev"})
PLACE = re.compile(r"/|\.(txt|csv|json|jsonl|npy|h5|parquet)$|^(train|val|test)\w*$")
# Files of other kinds that are called so too.
NO_DATA = re.compile(r"(^|[/_.-])(requirements?|constraints?|locks?|docs?|deps)([/_.-]|$)")
STORED = (
    "*split*.json",
    "*split*.csv",
    "*split*.txt",
    "*split*.npy",
    "*_ids.txt",
    "*folds.csv",
    "*indices*.npy",
)

# How entry points reach a call: each path, and the moment on it.
Ways = dict[int, list[tuple["Path", "int | None"]]]


@dataclass
class Splits:
    """Splits that are fixed, splits that are not, and those of unclear state."""

    fixed: list[Evidence] = field(default_factory=list)
    loose: list[Evidence] = field(default_factory=list)
    unclear: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Splits:
        """Judge every splitting call, and note official and stored splits."""
        found = cls()
        values, index = repo.fact(Values), repo.fact(PythonIndex)
        ways, central = ways_to(repo)
        for call in index.calls(*SPLITTERS):
            found.judge(call, values, ways.get(id(call), ()))
        if central:
            # What stands beside the main experiment does not loosen its split.
            places = {(call.path, call.line) for call in central}
            found.loose = [item for item in found.loose if (item.path, item.line) in places]
        found.official(repo)
        found.fixed += listed(repo)
        for file in repo.matching(*STORED, roles=(Role.DATA, Role.SOURCE, Role.EXAMPLE)):
            if not file.path.endswith(".py"):
                found.fixed.append(Evidence(file.path, 0, "a stored split"))
        for module in index.live():
            found.fixed += [*folders(module), *told(module), *ready_files(module)]
            for seen, mixing in cut(module):
                found.mixed(seen, mixing, ways)
        return found

    def official(self, repo: Repository) -> None:
        """Note the parts that those who made a data set hand out."""
        for call in repo.fact(Origins).named:
            module = repo.fact(PythonIndex).modules[call.path]
            if official(call) or asked_by_name(call, module):
                self.fixed.append(call.evidence(f"{call.name} offers its official split"))
        for call in repo.fact(PythonIndex).calls("*.as_dataset"):
            if call.argument("split") is not None:
                self.fixed.append(call.evidence("the builder hands out its official split"))

    def mixed(self, seen: Evidence, mixing: tuple[Call, ...], ways: Ways) -> None:
        """Sort a cut by position: rows that were mixed before it stand as the draw fell."""
        loose = [
            call
            for call in mixing
            if {
                path.hold_at(drawn_by(call) or "", position)[0]
                for path, position in ways.get(id(call), ())
            }
            != {Hold.SEEDED}
        ]
        if loose:
            message = f"{loose[0].name} mixes the rows without a seed, and they are cut by position"
            self.unclear.append(loose[0].evidence(message))
        else:
            self.fixed.append(seen)

    def judge(self, call: Call, values: Values, ways: Iterable[tuple[Path, int | None]]) -> None:
        """Sort one splitting call, as the entry points reach it."""
        name = f"{call.method} parts the data"
        given = call.argument("shuffle")
        shuffle = values.of(given, call.path, call.scope)
        off = shuffle.state is State.FIXED and shuffle.value is False
        quiet = call.method.endswith("KFold") and (given is None or off)
        quiet = quiet or matches(
            call.method, ("TimeSeriesSplit", "PredefinedSplit", "GroupKFold", "LeaveOne*")
        )
        if off or quiet:
            self.fixed.append(call.evidence(f"{name} without shuffling"))
            return
        given = call.argument("random_state") or call.argument("generator") or call.argument("seed")
        if given is None:
            library = drawn_by(call) or ("torch" if "random_split" in call.method else "numpy")
            holds = {path.hold_at(library, position)[0] for path, position in ways}
            if holds == {Hold.SEEDED}:
                self.fixed.append(call.evidence(f"{name} after {library} was seeded"))
            elif holds and holds <= {Hold.SEEDED, Hold.UNRESOLVED}:
                self.unclear.append(call.evidence(f"{name}; {library} is {Hold.UNRESOLVED.value}"))
            else:
                late = f"; {library} is {Hold.LATE.value}" if Hold.LATE in holds else ""
                self.loose.append(call.evidence(f"{name} without a seed{late}"))
            return
        value = values.of(given, call.path, call.scope)
        if call.argument("generator") is not None and value.state is State.UNKNOWN:
            value = generator_seed(call, values)
        if value.state is State.FIXED:
            self.fixed.append(call.evidence(f"{name} with the seed {value.value}"))
        elif value.state is State.UNKNOWN:
            self.unclear.append(call.evidence(f"{name} with a seed that reading cannot resolve"))
        else:
            self.loose.append(call.evidence(f"{name} with a seed that is not fixed"))


def ways_to(repo: Repository) -> tuple[Ways, list[Call]]:
    """Return how entry points reach the calls of chance, and the splits of those that count.

    A split that none is seen to reach may be reached by any of those that count.
    """
    found, traces = repo.fact(Randomness), repo.fact(Flow).traces
    first = found.main()
    ways: Ways = {}
    for paths in (first, [path for path in found.paths if path not in first]):
        known = set(ways)
        for path in paths:
            for position, call in enumerate(traces[path.entry].chance):
                if id(call) not in known:
                    ways.setdefault(id(call), []).append((path, position))
    reached = {id(call) for path in first for call in traces[path.entry].chance}
    splits = list(repo.fact(PythonIndex).calls(*SPLITTERS))
    for call in splits:
        ways.setdefault(id(call), [(path, None) for path in first if path.seedings])
    return ways, [call for call in splits if id(call) in reached]


def official(call: Call) -> bool:
    """Say whether a loader of a named data set hands out its official parts."""
    whole = ("*keras.datasets.*load_data", "torch_geometric.datasets.*", "ogb.*", "torchtext.*")
    chosen = any(call.argument(name) is not None for name in ("train", "split", "subset"))
    return chosen or matches(call.name, whole)


def listed(repo: Repository) -> Iterator[Evidence]:
    """Yield configuration that names a place of training rows and another one: `val: val2017`."""
    for file in repo.fact(Configs).files.values():
        places = {
            entry.key: entry
            for entry in file.entries
            if entry.key in PARTS and isinstance(entry.value, str) and PLACE.search(entry.value)
        }
        if "train" in places and len({entry.value for entry in places.values()}) > 1:
            yield places["train"].evidence("the configuration names where each part stands")


def ready_files(module: Module) -> Iterator[Evidence]:
    """Yield the files that are named by the part which they hold."""
    for text in module.texts:
        end = text.value[-200:]
        if OFFICIAL.search(end) and not NO_DATA.search(end):
            yield Evidence(module.path, text.line, f"reads the ready split {text.value[-60:]}")


def asked_by_name(call: Call, module: Module) -> bool:
    """Say whether the parts of a data set of the hub are taken by their names: `rows["test"]`."""
    other = {"validation", "test", "validation_matched"}
    return call.method == "load_dataset" and any(text.value in other for text in module.texts)


def folders(module: Module) -> Iterator[Evidence]:
    """Yield the place where a module joins paths of a training and of another ready folder."""
    parts = [text for text in module.texts if text.joined]
    train = [text for text in parts if re.fullmatch(r"/?train(ing)?(_\w+|20\d\d)?/?", text.value)]
    other = [
        text
        for text in parts
        if re.fullmatch(r"/?(val|valid|validation|test|dev)(20\d\d)?/?", text.value)
    ]
    if train and other:
        yield Evidence(module.path, train[0].line, "training and test folders stand ready")


def generator_seed(call: Call, values: Values) -> Value:
    """Return the seed of the generator that a call is given."""
    module = values.index.modules[call.path]
    seeds = [
        item for item in module.calls if item.method == "manual_seed" and item.scope == call.scope
    ]
    seeds = seeds or [item for item in module.calls if item.method == "manual_seed"]
    return values.of(seeds[0].argument("seed", 0) if seeds else None, call.path, call.scope)
