"""What each function, class and module does when it runs: which others it leads to, and when."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.chance import by_chance
from repro_audit.facts.commandlines import REGISTERS
from repro_audit.facts.python import Place, PythonIndex
from repro_audit.facts.syntax import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from repro_audit.facts.syntax import Call, Module, Reference

PLAIN_BASES = {"object", "ABC", "abc.ABC", "Protocol", "typing.Protocol", "Enum", "enum.Enum"}
CONSTRUCTORS = {"__init__", "__post_init__", "__new__"}
HYDRA = ("hydra.main", "hydra.utils.instantiate", "hydra.utils.call", "hydra.compose")
# What calls the function that it is given, there and then.
RUNNERS = frozenset(
    {"absl.app.run", "tensorflow.app.run", "tensorflow.compat.v1.app.run", "app.run"}
    | {"tensorflow.python.platform.app.run", "fire.Fire", "typer.run", "plac.call", "tyro.cli"}
    | {"defopt.run", "clize.run", "jsonargparse.CLI", "jsonargparse.auto_cli"}
    | {"torch.multiprocessing.spawn", "torch.multiprocessing.start_processes"}
    | {"accelerate.notebook_launcher", "ray.tune.run"}
)
NOWHERE = -1
LONGEST_NAME = 200
DOTTED = re.compile(r"[A-Za-z_]\w*(\.\w+)+")
# Some hundred times what the largest repositories of the field need.
MOST_ACTS = 20_000_000


# What one used name does: the call of chance that is made, the place it leads to, whether that is
# entered at once or by a framework later, and the bare name of a method that is called on an object
# of unknown class, or the name of a function of Hydra that makes what the configuration names.
# Plain tuples, because Python takes those apart faster, and it is done millions of times.
Act: TypeAlias = "tuple[Call | None, int, bool, str]"
# What one place does: what is entered before anything else, then its acts, and the methods of a
# class, each with its number among all methods of its name.
Step: TypeAlias = "tuple[tuple[int, ...], tuple[Act, ...], tuple[tuple[str, int], ...]]"


class CallGraph:
    """The places by number, and their steps; each is worked out when it is first asked for.

    Numbers instead of names, because a large repository is walked from hundreds of entry points.
    """

    def __init__(self, index: PythonIndex, targets: list[str]) -> None:
        self.index = index
        # What configurations name for Hydra to make.
        self.targets = targets
        # How many acts may yet be gone through, from all entry points together.
        self.left = MOST_ACTS
        self.places: list[Place] = []
        self.paths: list[str] = []
        self.numbers: dict[Place, int] = {}
        self.steps: dict[int, Step] = {}
        # The modules among them: the code at the top of each file.
        self.modules: set[int] = set()
        # The classes among them: to enter one makes an object.
        self.made: set[int] = set()
        # The places that do nothing that matters.
        self.leaves: set[int] = set()
        # Classes of which all bases are of the repository.
        self.plain: set[Place] = set()
        # The methods of all classes by name, in the order of the files.
        self.methods: dict[str, list[int]] = {}
        self.owned: dict[int, list[tuple[str, int]]] = {}
        self.inherited: dict[int, list[tuple[str, int]]] = {}
        for module in index.live():
            for name, function in module.functions.items():
                if function.owner:
                    owner, _, method = name.rpartition(".")
                    same = self.methods.setdefault(method, [])
                    owned = self.owned.setdefault(self.number(Place(module.path, owner)), [])
                    owned.append((method, len(same)))
                    same.append(self.number(Place(module.path, name)))

    def number(self, place: Place) -> int:
        """Return the number of a place."""
        found = self.numbers.get(place)
        if found is None:
            found = self.numbers[place] = len(self.places)
            self.places.append(place)
            self.paths.append(place.path)
            if not place.name:
                self.modules.add(found)
        return found

    def step(self, number: int) -> Step:
        """Return what a place does."""
        found = self.steps.get(number)
        if found is None:
            place = self.places[number]
            module = self.index.modules[place.path]
            if place.name in module.classes:
                self.made.add(number)
                found = self.construction(module, place)
            else:
                found = self.execution(module, place)
            self.steps[number] = found
            if not any(found):
                self.leaves.add(number)
        return found

    def methods_of(self, number: int) -> list[tuple[str, int]]:
        """Return the methods of a class and of its bases; kept once all of these are known."""
        if number in self.inherited:
            return self.inherited[number]
        chain, found = [number], list[tuple[str, int]]()
        for kind in chain:
            if kind in self.made:
                first, _, owned = self.step(kind)
                chain += [base for base in first if base not in chain]
                found += [(name, self.methods[name][at]) for name, at in owned]
        if all(kind in self.steps for kind in chain):
            self.inherited[number] = found
        return found

    def configured(self, path: str) -> Iterator[int]:
        """Yield what Hydra makes when it is called in a file: what is said with `_target_`."""
        for target in self.targets:
            place = self.index.locate(target, path)
            if place is not None:
                yield self.number(Place(place.path, ""))
                yield self.number(place)

    def execution(self, module: Module, place: Place) -> Step:
        """Return what the imports of one scope load, and what its references do."""
        loads = [
            self.number(found)
            for item in module.imports
            if item.scope == place.name
            for found in self.loads(item.module, item.name, module.path)
        ]
        function = module.functions.get(place.name)
        # Through a class method an object of its class is made.
        if function is not None and function.owner and function.parameters[:1] == ("cls",):
            loads.append(self.number(Place(place.path, function.owner)))
        told = [] if place.name else list(self.told(module))
        loads += [self.number(Place(found.path, "")) for found in told]
        tops, tails = module.tops, module.tails
        acts = [
            self.act(item, module.path)
            for item in module.by_scope.get(place.name, ())
            # Most names are variables, which lead nowhere.
            if item.call is not None
            or item.name.startswith(".")
            or item.name.partition(".")[0] in tops
            or item.name.rpartition(".")[2] in tails
        ]
        for item in module.by_scope.get(place.name, ()):
            if item.call is not None and item.call.name in RUNNERS:
                acts += self.commands(item, module.path)
        # A program with commands calls the one that the user names.
        acts += [
            (None, self.number(Place(module.path, name)), False, "")
            for name, function in module.functions.items()
            if not place.name and any(item.endswith(REGISTERS) for item in function.decorators)
        ]
        if any(takes_all(item) for item in module.by_scope.get(place.name, ())):
            # Whoever is handed all names of a module may call what they mean.
            acts += [
                (None, self.number(Place(module.path, name)), False, "")
                for name in (*module.functions, *module.classes)
                if "." not in name
            ]
        # When it is made, nothing tells; by then all that stands here has been done.
        acts += [(None, self.number(found), False, "") for found in told]
        return tuple(dict.fromkeys(loads)), tuple(once(acts)), ()

    def told(self, module: Module) -> Iterator[Place]:
        """Yield what a text names for an import at run time: `make("training.loss.Loss")`."""
        for text in module.texts:
            name = text.value
            if len(name) < LONGEST_NAME and DOTTED.fullmatch(name) and self.imports_late:
                place = self.index.locate(name, module.path)
                if place is not None and place.name:
                    yield place

    @cached_property
    def imports_late(self) -> bool:
        """Whether any code imports a module by a name that it is given."""
        return any(True for _ in self.index.calls("importlib.import_module", "__import__"))

    def loads(self, name: str, symbol: str, importer: str) -> Iterator[Place]:
        """Yield the module that an import names, and the package it stands in."""
        joint = "" if name.endswith(".") else "."
        for candidate in (name, f"{name}{joint}{symbol}" if symbol else ""):
            path = self.index.module_path(candidate, importer) if candidate else None
            if path is not None and path != importer:
                yield Place(path, "")

    def act(self, reference: Reference | Call, path: str) -> Act:
        """Say what one reference does."""
        place = self.meant(reference, path) or self.started(reference, path)
        named = place if place is not None and place.name else None
        called = reference.call is not None
        drawn = reference.call if reference.call and by_chance(reference.call) else None
        own = reference.name.startswith("self.")
        free = called and (place is None or (named is not None and own))
        free = free and not self.borrowed(reference.name, path)
        _, dot, method = reference.name.rpartition(".")
        if reference.name in HYDRA:
            method = reference.name
        elif not (free and dot and method in self.methods):
            method = ""
        return drawn, self.number(named) if named else NOWHERE, called, method

    def meant(self, reference: Reference | Call, path: str) -> Place | None:
        """Return what a name means; a variable that is called like a module is no module."""
        top = reference.name.partition(".")[0]
        if not top or top in self.index.modules[path].tops:
            return self.index.locate(reference.name, path, reference.scope)
        return self.index.local(reference.name, path, reference.scope)

    def started(self, reference: Reference | Call, path: str) -> Place | None:
        """Return the function that a runner is given: `app.run(main)`, `fire.Fire(train)`."""
        call = reference.call
        if call is None or call.name not in RUNNERS:
            return None
        given = next(iter(call.node.args), None) or call.argument("fn") or call.argument("function")
        # `tf.app.run()` calls the `main` of the script.
        name = dotted(given) if given is not None else "main"
        return self.index.locate(name, path, reference.scope) if name else None

    def commands(self, reference: Reference | Call, path: str) -> Iterator[Act]:
        """Yield what a runner may do that is given a class: `fire.Fire(Experiment)`."""
        place = self.started(reference, path)
        waiting, seen = [place] if place is not None else [], set[Place]()
        while waiting:
            kind = waiting.pop()
            module = self.index.modules[kind.path]
            if kind in seen or kind.name not in module.classes:
                continue
            seen.add(kind)
            for name, function in module.functions.items():
                if function.owner == kind.name and not name.rpartition(".")[2].startswith("_"):
                    yield None, self.number(Place(kind.path, name)), False, ""
            found = (self.index.locate(base, kind.path) for base in module.classes[kind.name].bases)
            waiting += [base for base in found if base is not None]

    def borrowed(self, name: str, path: str) -> bool:
        """Say whether a name belongs to another distribution: `pickle.load` is no own `load`."""
        top = name.partition(".")[0]
        return top in self.index.modules[path].tops and self.index.module_path(top, path) is None

    def construction(self, module: Module, place: Place) -> Step:
        """Return a class's bases and what making it runs: its constructor, and what waits.

        Its other methods are a framework's to call, if it has one.
        """
        kind = module.classes[place.name]
        found = [self.index.locate(base, module.path) for base in kind.bases]
        foreign = any(self.foreign(base, module.path) for base in kind.bases)
        acts: list[Act] = []
        for name, function in module.functions.items():
            if function.owner != place.name:
                continue
            method = name.rpartition(".")[2]
            now = method in CONSTRUCTORS
            if now or method.startswith("__") or foreign:
                acts.append((None, self.number(Place(module.path, name)), now, ""))
        bases = tuple(self.number(base) for base in found if base is not None)
        return bases, tuple(acts), tuple(self.owned.get(self.number(place), ()))

    def foreign(self, base: str, path: str) -> bool:
        """Say whether a base class leads to a class of another distribution."""
        waiting, seen = [(base, path)], set[Place]()
        while waiting:
            name, importer = waiting.pop()
            found = self.index.locate(name, importer)
            if found is None and name not in PLAIN_BASES:
                return True
            # Bases in diamonds and circles are asked once.
            if found is None or found in seen or found in self.plain:
                continue
            seen.add(found)
            kind = self.index.modules[found.path].classes.get(found.name)
            waiting += [(inner, found.path) for inner in kind.bases] if kind else []
        self.plain |= seen
        return False


def takes_all(reference: Reference | Call) -> bool:
    """Say whether a reference hands on all names of a module: `globals()`, `fire.Fire()`."""
    call = reference.call
    if reference.name == "globals" or call is None:
        return reference.name == "globals"
    return call.name == "fire.Fire" and not call.given and call.argument("component") is None


def once(acts: list[Act]) -> Iterator[Act]:
    """Yield what matters of the acts of one scope: to lead to the same place twice does not."""
    seen: set[Act] = set()
    for act in acts:
        call, target, _, method = act
        if call is not None or method:
            yield act
        elif target != NOWHERE and act not in seen:
            seen.add(act)
            yield act
