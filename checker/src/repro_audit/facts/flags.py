"""Settings that a person can give on the command line, with their defaults."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.syntax import Call, Module, dotted, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

OPTIONS = ("add_argument", "option")
ABSL = (
    "DEFINE_integer",
    "DEFINE_float",
    "DEFINE_string",
    "DEFINE_bool",
    "DEFINE_boolean",
    "DEFINE_enum",
)
# A call whose first argument is a plain text.
PLAIN = re.compile(r"[^(]*\(\s*(\"[-\w]*\"|'[-\w]*')\s*[,)]")
COMMANDS = frozenset(
    {"fire.Fire", "typer.run", "plac.call", "tyro.cli", "defopt.run", "clize.run"}
    | {"jsonargparse.CLI", "jsonargparse.auto_cli", "argh.dispatch_command"}
)
DEFAULTS = re.compile(r"default|hparams|hyper|^args$|^params$|^config$|^cfg$", re.IGNORECASE)
CONFIG_CLASSES = (
    "dataclass",
    "dataclasses.dataclass",
    "pydantic.dataclasses.dataclass",
    "attr.s",
    "attrs.define",
    "chex.dataclass",
    "flax.struct.dataclass",
)


class Flag(NamedTuple):
    """One flag or field, `also` under other long names.

    `default` is None when the person must give it or it is absent.
    """

    name: str
    spelled: str
    default: ast.expr | None
    path: str
    line: int
    also: tuple[str, ...] = ()


def from_call(call: Call) -> Flag | None:
    """Read argparse's add_argument, click's and typer's options and absl's flags."""
    if call.method not in OPTIONS and call.method not in ABSL:
        return None
    options = [text for node in call.node.args if isinstance(text := literal(node), str)]
    if call.method in OPTIONS:
        long = next((text for text in options if text.startswith("--")), "")
        chosen = call.literal("dest")
        name = str(chosen) if chosen else long.split("/")[0].lstrip("-").replace("-", "_")
        default = call.argument("default")
        if call.literal("action") == "store_true" and default is None:
            default = ast.Constant(value=False)
        also = tuple(text for text in options if text.startswith("--") and text != long)
        return Flag(name, long, default, call.path, call.line, also) if name else None
    if call.method in ABSL and options:
        return Flag(
            options[0], f"--{options[0]}", call.argument("default", 1), call.path, call.line
        )
    return None


def from_fields(module: Module) -> Iterator[Flag]:
    """Read the fields of configuration classes."""
    for name, kind in module.classes.items():
        configures = bool(set(kind.decorators) & set(CONFIG_CLASSES)) or any(
            base.endswith(("BaseModel", "BaseSettings", "Tap", "NamedTuple")) for base in kind.bases
        )
        if configures:
            for item in module.assignments:
                if item.target.startswith(f"{name}:"):
                    field = item.target.rpartition(":")[2]
                    yield Flag(field, field, item.value, module.path, item.line)


def from_functions(module: Module) -> Iterator[Flag]:
    """Read the parameters of functions that become commands: `fire.Fire(train)`, typer's too."""
    commands = {
        name
        for name, function in module.functions.items()
        if any(item.endswith(".command") for item in function.decorators)
        and any(item.module.startswith("typer") for item in module.imports)
    }
    for call in module.calls:
        if call.name in COMMANDS and call.node.args:
            commands.add(dotted(call.node.args[0]))
    for name in sorted(commands & module.functions.keys()):
        arguments = module.functions[name].arguments
        names = (*arguments.posonlyargs, *arguments.args)
        given = dict(zip(reversed(names), reversed(arguments.defaults), strict=False))
        given |= {
            item: default
            for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        }
        for item in (*names, *arguments.kwonlyargs):
            yield Flag(item.arg, f"--{item.arg}", given.get(item), module.path, item.lineno)


def from_mappings(module: Module) -> Iterator[Flag]:
    """Read a mapping of defaults, over which a loop goes: `parser.add_argument(f"--{name}")`."""
    for item in module.assignments:
        mapped = item.kind is ast.Dict or (item.kind is ast.Call and "dict" in module.methods)
        if not mapped or not DEFAULTS.search(item.target):
            continue
        pairs: list[tuple[object, ast.expr]] = []
        if isinstance(item.value, ast.Dict):
            pairs = [
                (literal(key), value)
                for key, value in zip(item.value.keys, item.value.values, strict=True)
                if key is not None
            ]
        elif isinstance(item.value, ast.Call) and dotted(item.value.func) == "dict":
            pairs = [(word.arg, word.value) for word in item.value.keywords if word.arg]
        for name, value in pairs:
            if isinstance(name, str):
                yield Flag(name, f"--{name}", value, module.path, value.lineno)


def of_trainers(module: Module) -> Iterator[Flag]:
    """Read the seed that TrainingArguments of transformers bring: 42, settable as `--seed`."""
    for call in module.calls if "HfArgumentParser" in module.methods else ():
        if call.method == "HfArgumentParser":
            yield Flag("seed", "--seed", ast.Constant(value=42), module.path, call.line)


def spelled_by_code(module: Module) -> bool:
    """Say whether flags are made from names that only the running code knows."""
    return "add_argument" in module.methods and any(
        call.method == "add_argument"
        and call.given
        and not PLAIN.match(call.text)
        and isinstance(call.node.args[0], (ast.JoinedStr, ast.BinOp))
        for call in module.calls
    )


@dataclass(frozen=True)
class Flags:
    """All flags, by the name under which code reads them."""

    by_name: dict[str, tuple[Flag, ...]]
    by_code: bool = False  # some are named only while the code runs

    @classmethod
    def collect(cls, repo: Repository) -> Flags:
        """Read the flags of live modules."""
        found: dict[str, list[Flag]] = {}
        live = list(repo.fact(PythonIndex).live())
        mapped = any(spelled_by_code(module) for module in live)
        for module in live:
            calls = () if module.methods.isdisjoint((*OPTIONS, *ABSL)) else module.calls
            flags = [flag for call in calls if (flag := from_call(call)) is not None]
            flags += [*from_fields(module), *from_functions(module), *of_trainers(module)]
            for flag in (*flags, *(from_mappings(module) if mapped else ())):
                found.setdefault(flag.name, []).append(flag)
        return cls({name: tuple(flags) for name, flags in found.items()}, by_code=mapped)

    @cached_property
    def spelled(self) -> frozenset[str]:
        """How every flag is written on a command line."""
        return frozenset(
            word
            for flags in self.by_name.values()
            for flag in flags
            for word in (flag.spelled, *flag.also)
        )

    @cached_property
    def defined(self) -> dict[str, set[str]]:
        """The names of the flags that each file defines."""
        found: dict[str, set[str]] = {}
        for flags in self.by_name.values():
            for flag in flags:
                found.setdefault(flag.path, set()).add(flag.name)
        return found

    def nearest(self, name: str, path: str) -> Flag | None:
        """Return the flag of this name, preferring the one of the same file."""
        flags = self.by_name.get(name, ())
        return next((flag for flag in flags if flag.path == path), flags[0] if flags else None)
