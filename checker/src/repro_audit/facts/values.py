"""What an expression is worth at run time, as far as reading can tell."""

from __future__ import annotations

import ast
import operator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.commandlines import CONFIGURES, FIELDS, SECTIONED, offered
from repro_audit.facts.configs import Configs, Entry
from repro_audit.facts.flags import Flags
from repro_audit.facts.python import Place, PythonIndex
from repro_audit.facts.syntax import Call, Module, dotted, literal
from repro_audit.facts.worth import UNKNOWN, State, Value, combined, first, of_constant

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_audit.repository import Repository

DEEPEST = 12
TWO = 2
MOST_ROOTS = 100
COMPARISONS: dict[type[ast.cmpop], Callable[[object, object], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
VARYING = (
    "time.*",
    "random.*",
    "numpy.random.*",
    "os.urandom",
    "uuid.*",
    "secrets.*",
    "datetime.*",
    "torch.initial_seed",
    "torch.seed",
)
WRAPPERS = {"int", "float", "str", "abs", "bool"}


def section_named(node: ast.expr) -> str:
    """Return `split` for `config["split"]` and `config.split`, which `**` hands over."""
    if isinstance(node, ast.Subscript):
        key = literal(node.slice)
        return key if isinstance(key, str) else ""
    return node.attr if isinstance(node, ast.Attribute) else ""


@dataclass(frozen=True)
class Values:
    """Resolves expressions through parameters, flags, configuration and constants."""

    repo: Repository
    index: PythonIndex
    flags: Flags
    configs: Configs
    composed: dict[str, Entry]

    @classmethod
    def collect(cls, repo: Repository) -> Values:
        """Compose the primary configuration, if there is one."""
        configs = repo.fact(Configs)
        roots = configs.roots()
        composed: dict[str, Entry] = {}
        for root in reversed(roots[:MOST_ROOTS]):
            composed.update(configs.composed(root))
        return cls(repo, repo.fact(PythonIndex), repo.fact(Flags), configs, composed)

    def of(self, node: ast.expr | None, path: str, scope: str, depth: int = 0) -> Value:
        """Return what `node` is worth in `scope` of the module at `path`."""
        if node is None:
            return Value(State.ABSENT)
        if depth > DEEPEST:
            return UNKNOWN
        if isinstance(node, ast.Constant):
            return of_constant(node.value)
        if isinstance(node, ast.UnaryOp):
            return self.unary(node, path, scope, depth)
        if isinstance(node, ast.Name):
            return self.name(node.id, path, scope, depth)
        if isinstance(node, ast.Attribute):
            return self.attribute(dotted(node), path, depth, scope)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            return self.attribute(f"{dotted(node.value)}.{node.slice.value!s}", path, depth)
        if isinstance(node, ast.Call):
            return self.call(node, path, scope, depth)
        if isinstance(node, ast.IfExp):
            return self.chosen(node, path, scope, depth + 1)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            values = [self.of(part, path, scope, depth + 1) for part in node.values]
            return first(values)
        parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        values = [self.of(part, path, scope, depth + 1) for part in parts]
        compare = COMPARISONS.get(type(node.ops[0])) if isinstance(node, ast.Compare) else None
        if compare and all(value.state is State.FIXED for value in values[:TWO]):
            return combined(values)._replace(value=compare(values[0].value, values[1].value))
        return combined(values)

    def chosen(self, node: ast.IfExp, path: str, scope: str, depth: int) -> Value:
        """Take the branch that a test of a known value leads to; with others, join both."""
        test, body, other = node.test, node.body, node.orelse
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test, body, other = test.operand, other, body
        if isinstance(test, ast.Compare) and is_none(test.comparators[0]):
            absent = isinstance(test.ops[0], (ast.Is, ast.Eq))
            asked = self.of(test.left, path, scope, depth)
            known = asked.state in {State.ABSENT, State.FIXED}
            holds = (asked.state is State.ABSENT) == absent
        else:
            asked = self.of(test, path, scope, depth)
            known = isinstance(test, (ast.Name, ast.Attribute)) and (
                asked.state in {State.ABSENT, State.FIXED}
            )
            holds = asked.state is State.FIXED and bool(asked.value)
        if known:
            return self.of(body if holds else other, path, scope, depth)
        return combined([self.of(part, path, scope, depth) for part in (body, other)])

    def unary(self, node: ast.UnaryOp, path: str, scope: str, depth: int) -> Value:
        """Negate a number; the negation of anything else keeps its state."""
        inner = self.of(node.operand, path, scope, depth + 1)
        if isinstance(node.op, ast.USub) and isinstance(inner.value, (int, float)):
            return of_constant(-inner.value, inner.setting, inner.path, inner.line)
        if isinstance(node.op, ast.Not) and inner.state is not State.UNKNOWN:
            return Value(State.FIXED, not inner.value, inner.setting, inner.path, inner.line)
        return inner

    def call(self, node: ast.Call, path: str, scope: str, depth: int) -> Value:
        """Look through conversions, `cfg.get("seed", 1)` and environment variables."""
        module = self.index.modules[path]
        head, _, method = dotted(node.func).rpartition(".")
        top, dot, rest = dotted(node.func).partition(".")
        name = module.aliases.get(top, top) + dot + rest
        if name in WRAPPERS and node.args:
            return self.of(node.args[0], path, scope, depth + 1)
        if name in {"os.environ.get", "os.getenv"} and node.args:
            default = self.of(node.args[1] if len(node.args) > 1 else None, path, scope, depth + 1)
            return Value(default.state, default.value, "an environment variable", path, node.lineno)
        if any(
            name == item or (item.endswith("*") and name.startswith(item[:-1])) for item in VARYING
        ):
            return Value(State.VARYING, None, "", path, node.lineno)
        place = self.index.locate(name, path, scope)
        if place is not None and place.name in self.index.modules[place.path].functions:
            return self.returned(place, depth)
        if name in FIELDS:
            given = next((item.value for item in node.keywords if item.arg == "default"), None)
            first = node.args[0] if node.args and name != "dataclasses.field" else None
            return self.of(given or first, path, scope, depth + 1)
        texts = [str(item.value) for item in node.args if isinstance(item, ast.Constant)]
        if method in SECTIONED and len(texts) > 1:
            found = self.attribute(f"{head}.{texts[0]}.{texts[1]}", path, depth)
            if found.state is not State.UNKNOWN or method != "get":
                return found
        if method == "get" and node.args and isinstance(node.args[0], ast.Constant):
            found = self.attribute(f"{head}.{node.args[0].value!s}", path, depth)
            default_node = node.args[1] if len(node.args) > 1 else None
            return (
                found
                if found.state is not State.UNKNOWN
                else self.of(default_node, path, scope, depth + 1)
            )
        return UNKNOWN

    def returned(self, place: Place, depth: int) -> Value:
        """Resolve what a function of the repository returns."""
        function = self.index.modules[place.path].functions[place.name].node
        returns = [item.value for item in ast.walk(function) if isinstance(item, ast.Return)]
        found = [
            self.of(value, place.path, place.name, depth + 1)
            for value in returns
            if value is not None
        ]
        return combined(found)

    def name(self, name: str, path: str, scope: str, depth: int) -> Value:
        """Resolve a plain name: assigned here, a parameter, or a constant of some module."""
        module = self.index.modules[path]
        while True:
            assigned = [
                item for item in module.assignments if item.target == name and item.scope == scope
            ]
            if assigned:
                return self.of(assigned[-1].value, path, scope, depth + 1)
            if scope in module.functions:
                found = self.parameter(name, Place(path, scope), depth)
                if found is not None:
                    return found
            if not scope:
                break
            scope = scope.rpartition(".")[0]
        source = module.aliases.get(name, "")
        owner, _, constant = source.rpartition(".")
        other = self.index.module_path(owner, path) if owner else None
        return self.constant(constant, other, depth) if other and depth < DEEPEST else UNKNOWN

    def parameter(self, name: str, place: Place, depth: int) -> Value | None:
        """Resolve a parameter by what live callers give, else by its default."""
        arguments = self.index.modules[place.path].functions[place.name].arguments
        names = [item.arg for item in (*arguments.posonlyargs, *arguments.args)]
        keywords = [item.arg for item in arguments.kwonlyargs]
        if name not in names and name not in keywords:
            return None
        position = names.index(name) if name in names else None
        if position is not None and names[0] in {"self", "cls"}:
            position -= 1
        callers = self.callers(place)
        for call in callers:
            given = call.argument(name, position)
            if given is not None:
                return self.of(given, call.path, call.scope, depth + 1)
        handed = [item.value for call in callers for item in call.node.keywords if not item.arg]
        for section in filter(None, map(section_named, handed)):
            for entry in self.configs.entries(name):
                if f".{entry.key}".endswith(f".{section}.{name}"):
                    return of_constant(entry.value, f"the key {entry.key}", entry.path, entry.line)
        defaults: dict[str, ast.expr | None] = dict(
            zip(keywords, arguments.kw_defaults, strict=True)
        )
        defaults.update(zip(reversed(names), reversed(arguments.defaults), strict=False))
        function = self.index.modules[place.path].functions[place.name]
        if any(item.endswith("click.option") for item in function.decorators):
            flag = self.flags.nearest(name, place.path)
            if flag is not None:
                inner = self.of(flag.default, flag.path, "", depth + 1)
                return Value(inner.state, inner.value, flag.spelled, flag.path, flag.line)
        default = defaults.get(name)
        if default is None:
            return UNKNOWN
        found = self.of(default, place.path, place.name, depth + 1)
        if found.setting or not offered(place, self.index):
            return found
        return Value(found.state, found.value, f"--{name}", place.path, function.line)

    def callers(self, place: Place) -> list[Call]:
        """Return the live calls that lead to a function or construct its class."""
        tail = place.name.rpartition(".")[2]
        owner = place.name.rpartition(".")[0]
        wanted = {place} | ({Place(place.path, owner)} if tail == "__init__" else set())
        label = owner.rpartition(".")[2] if tail == "__init__" else tail
        return [
            call
            for call in self.by_label.get(label, ())
            if self.index.locate(call.name, call.path, call.scope) in wanted
        ]

    @cached_property
    def by_label(self) -> dict[str, list[Call]]:
        """The live calls by the last part of their name, bound or imported."""
        found: dict[str, list[Call]] = {}
        for module in self.index.live():
            for call in module.calls:
                for label in {call.method, module_name(module, call.name)}:
                    found.setdefault(label, []).append(call)
        return found

    def attribute(self, name: str, path: str, depth: int, scope: str = "") -> Value:
        """Resolve `args.seed`, `cfg.seed`, `self.seed` by configuration, flag or assignment."""
        base, _, key = name.rpartition(".")
        parts = name.split(".")
        if base in {"self", "cls"} or base.startswith("self."):
            module = self.index.modules[path]
            own = [item for item in module.assignments if item.target == f"self.{key}"]
            # Several classes of a module may each keep one of this name.
            inside = f"{scope.rpartition('.')[0]}."
            own = [item for item in own if item.scope.startswith(inside)] or own
            # `self.seed = None` in a constructor only makes room for what is assigned later.
            own = [item for item in own if not is_none(item.value)] or own
            if own and base == "self":
                return self.of(own[0].value, path, own[0].scope, depth + 1)
        imported = self.index.modules[path].aliases.get(parts[0]) if len(parts) == TWO else None
        owner = self.index.module_path(imported, path) if imported else None
        if owner is not None and owner != path and depth < DEEPEST:
            return self.constant(key, owner, depth)
        if parts[0] == "snakemake":
            return self.workflow(key)
        for start in range(1, len(parts)):
            entry = self.composed.get(".".join(parts[start:]))
            if entry is not None:
                return of_constant(entry.value, f"the key {entry.key}", entry.path, entry.line)
        flag = self.flags.nearest(key, path)
        if flag is not None:
            inner = self.of(flag.default, flag.path, "", depth + 1)
            return Value(inner.state, inner.value, flag.spelled, flag.path, flag.line)
        entries = list(self.configs.entries(key))
        if entries:
            fixed = [item for item in entries if of_constant(item.value).state is State.FIXED]
            chosen = (fixed or entries)[0]
            return of_constant(chosen.value, f"the key {chosen.key}", chosen.path, chosen.line)
        assigned = [item for item in self.index.modules[path].assignments if item.target == name]
        if assigned:
            return self.of(assigned[-1].value, path, assigned[-1].scope, depth + 1)
        rest = name.partition(".")[2]
        for where, item in self.index.assignments(f"config.{key}", f"cfg.{key}", f"_C.{rest}"):
            # The configuration of ml_collections is what a function of this name returns, and the
            # defaults of yacs are assigned to `_C`.
            named = item.scope == ("" if item.target.startswith("_C.") else "get_config")
            if named and depth < DEEPEST:
                inner = self.of(item.value, where, item.scope, depth + 1)
                return Value(inner.state, inner.value, f"config.{key}", where, item.line)
        return self.held(key, depth)

    def held(self, key: str, depth: int) -> Value:
        """Resolve what a module hands to an object of settings by name: `HParams(seed=1)`."""
        for call in self.index.calls("HParams", "*.HParams") if depth < DEEPEST else ():
            given = call.argument(key)
            if given is not None:
                inner = self.of(given, call.path, call.scope, depth + 1)
                return Value(inner.state, inner.value, f"the key {key}", call.path, call.line)
        return UNKNOWN

    def constant(self, name: str, path: str, depth: int) -> Value:
        """Resolve a constant of another module; one of a module that configures is a setting."""
        found = self.name(name, path, "", depth + 1)
        if found.setting or not CONFIGURES.search(path):
            return found
        line = next(
            (item.line for item in self.index.modules[path].assignments if item.target == name), 0
        )
        return Value(found.state, found.value, f"the constant {name}", path, line)

    def workflow(self, key: str) -> Value:
        """Resolve what Snakemake hands to a script: a wildcard takes the values of its plural."""
        entries = list(self.configs.entries(key))
        entries += [
            entry
            for file in self.configs.files.values()
            for entry in file.entries
            if re.fullmatch(rf"(.*\.)?{re.escape(key)}s\.0", entry.key)
        ]
        if not entries:
            return UNKNOWN
        first = entries[0]
        return of_constant(first.value, f"the key {first.key}", first.path, first.line)


def is_none(node: ast.expr | None) -> bool:
    """Say whether an expression is the constant None."""
    return isinstance(node, ast.Constant) and node.value is None


def module_name(module: Module, name: str) -> str:
    """Return the last part of what a bound name was imported as."""
    return module.aliases.get(name, name).rpartition(".")[2]
