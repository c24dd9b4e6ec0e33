"""Where the values stand that shape training: in files, on the command line, or in the code."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.configs import Configs, read_yaml
from repro_audit.facts.flags import Flags
from repro_audit.facts.mains import Mains
from repro_audit.facts.prose import Prose, script_commands
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.syntax import literal
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.shell import Command
    from repro_audit.facts.syntax import Module
    from repro_audit.repository import Repository

# Names that mean such a value wherever they stand, even as a constant of the code.
HYPER = re.compile(
    r"^(lr|learning_rate|batch_size|epochs|num_epochs|max_epochs|n_epochs|nb_epochs?|weight_decay|"
    r"hidden\w*|dropout|n_estimators|max_depth|optimizer|momentum|num_layers|n_layers|steps|max_steps|"
    r"alpha|gamma|latent\w*|kernel_size|embedding_dim|dim|warmup\w*|beta|train_batch_size|max_iter|"
    r"n_clusters)$",
    re.IGNORECASE,
)
# Names that mean one among the settings of a run.
SETTING = re.compile(
    HYPER.pattern[:-2]
    + r"|\w+_lr|lr_\w+|(base|init|peak)_?lr|\w*learning_rate\w*|\w*batch_size|bs|num_train_epochs|"
    r"\w*epochs?|n_iters?|num_iters?|max_iters?|iterations|total_timesteps|n_timesteps|\w*_steps|"
    r"discount|tau|\w*weight_decay|l[12]_\w+|reg_\w+|lambda\w*|\w*dropout\w*|clip\w*|grad_clip\w*|"
    r"n_heads?|num_heads|d_model|d_ff|n_embd|\w*hidden\w*|num_channels|num_filters|filters|channels|"
    r"width|depth|temperature|temp|max_features|min_samples\w*|penalty|subsample|colsample\w*|"
    r"num_leaves|n_neighbors|seq_len\w*|max_(seq_)?len\w*|cutoff_len|block_size|patience|"
    r"lrate\w*|label_smoothing|diffusion_steps|noise_schedule|num_res_blocks|lora_\w+|buffer_size)$",
    re.IGNORECASE,
)
MODULE = re.compile(r"(^|/)(configs?|conf|settings|hparams|params)(/[\w-]+)*\.py$")
# What holds the values of a run by their names.
HOLDERS = frozenset(
    {"HParams", "ConfigDict", "Namespace", "SimpleNamespace", "EasyDict", "AttrDict"}
)
# Files that hold such values by their name, whatever the keys are called.
PARAMETERS = re.compile(r"(^|/)(hyper_?)?(h?params|parameters)(/[\w-]+)*\.(ya?ml|json|toml)$")
LOADERS = (
    *("*load*", "*.fromfile", "*.from_yaml", "*.from_file", "*.from_json*", "*.merge_from_file"),
    *("*ConfigParser*", "*parse_config*", "*.LightningCLI", "hydra.*", "omegaconf.*", "gin.*"),
    *("*.parse_yaml*", "*.parse_json*", "*.read_config*", "*Config", "*ArgumentParser*", "*Parser"),
    *("*.params_show", "*.add_config", "subprocess.*", "dynaconf.*", "*.YAML", "*.open", "open"),
)
ENVIRONMENT = ("os.environ.get", "os.getenv", "*get_env*", "*env_int", "*env_float", "*env_str")
MOST_LINES = 500
DIGITS = re.compile(r"[\d.]")


class Hyperparameters(NamedTuple):
    """Values kept in files, flags and variables with defaults, commands, constants of the code.

    `written` are numbers that the experiments themselves hand to calls: `fit(x, epochs=10)`.
    """

    kept: tuple[Evidence, ...]
    flags: tuple[Evidence, ...]
    commands: tuple[Evidence, ...]
    constants: tuple[Evidence, ...]
    written: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Hyperparameters:
        """Read configuration, configuration modules, flags, commands and assignments."""
        index = repo.fact(PythonIndex)
        constants = [
            Evidence(path, item.line, f"{item.target} is set in the code")
            for path, item in index.assignments("*")
            if item.scope == ""
            and HYPER.match(item.target.rpartition(".")[2])
            and not MODULE.search(path)
        ]
        shown = (*script_commands(repo), *repo.fact(Prose).commands())
        return cls(
            tuple(kept(repo)),
            tuple(flags(repo)),
            tuple(
                item.evidence(f"starts with {quoted(item.text)}") for item in shown if sets(item)
            ),
            tuple(constants),
            tuple(written(repo)),
        )


def kept(repo: Repository) -> Iterator[Evidence]:
    """Yield the entries of configuration files and modules; what nothing could read is nothing."""
    for file in repo.fact(Configs).files.values():
        if not read(repo, file.path):
            continue
        for entry in file.entries:
            number = isinstance(entry.value, (int, float)) and not isinstance(entry.value, bool)
            if SETTING.match(entry.key.rpartition(".")[2]) or (
                number and PARAMETERS.search(entry.path)
            ):
                yield entry.evidence(f"{entry.key} is {entry.value}")
    for project in repo.matching("mlproject"):
        for entry in read_yaml(project.path, repo.text(project.path) or ""):
            if ".parameters." in entry.key and entry.key.endswith(".default"):
                yield entry.evidence(f"{entry.key} is {entry.value}")
    for module in repo.fact(PythonIndex).live():
        if MODULE.search(module.path):
            yield from configured(module)
    for call in repo.fact(PythonIndex).calls("*.add_argument", "*.add"):
        if call.literal("is_config_file") is True:
            yield from lines_of_flags(repo)
            break


def lines_of_flags(repo: Repository) -> Iterator[Evidence]:
    """Yield the numbers of files that ConfigArgParse reads: `lrate = 5e-4`, one in a line."""
    for file in repo.matching("*config*.txt", "*.conf", "*/configs/*.txt"):
        for number, line in enumerate(repo.lines(file.path)[:MOST_LINES], 1):
            given = re.match(
                r"\s*(?:--)?([\w-]{1,80})\s*[=:]\s*[-+]?[\d.]+(e-?\d+)?\s*$", line[:200]
            )
            if given:
                yield Evidence(file.path, number, f"{given.group(1)} is set here")


def configured(module: Module) -> Iterator[Evidence]:
    """Yield the values that a module of configuration assigns, or hands to what holds them."""
    message = "is kept in a configuration module"
    for call in module.calls:
        for word in call.words if call.method in HOLDERS else ():
            if word and SETTING.match(word):
                yield call.evidence(f"{word} {message}")
    for item in module.assignments:
        if SETTING.match(item.target.rpartition(".")[2].rpartition(":")[2]):
            yield Evidence(module.path, item.line, f"{item.target} {message}")


def read(repo: Repository, path: str) -> bool:
    """Say whether any code loads configuration, or anything names this file."""
    index = repo.fact(PythonIndex)
    if any(True for _ in index.calls(*LOADERS)) or not any(True for _ in index.live()):
        return True
    *folders, name = path.split("/")
    said = [text.value for module in index.live() for text in module.texts]
    said += [item.text for item in (*script_commands(repo), *repo.fact(Prose).commands())]
    return any(name in text or any(f"{folder}/" in text for folder in folders) for text in said)


def flags(repo: Repository) -> Iterator[Evidence]:
    """Yield flags and environment variables that have a default."""
    for name, found in repo.fact(Flags).by_name.items():
        for flag in found:
            if SETTING.match(name) and flag.default is not None:
                yield Evidence(flag.path, flag.line, f"{flag.spelled} has a default")
    for call in repo.fact(PythonIndex).calls(*ENVIRONMENT):
        variable = literal(call.node.args[0]) if call.given else None
        given = call.given > 1 or bool(call.words)
        words = variable.lower().split("_") if isinstance(variable, str) else []
        ends = ["_".join(words[start:]) for start in range(len(words))]
        if given and any(SETTING.match(end) for end in ends):
            yield call.evidence(f"the environment variable {variable} has a default")


def written(repo: Repository) -> Iterator[Evidence]:
    """Yield the first such number of each experiment that stands in a call of its own file."""
    for path in repo.fact(Mains).entries:
        for call in repo.fact(PythonIndex).modules[path].calls:
            named = any(word and HYPER.match(word) for word in call.words)
            given = next(filter(by_hand, call.node.keywords), None) if named else None
            if given is not None:
                yield call.evidence(f"{call.method} is given {as_code(given)[:60]}")
                break


def by_hand(given: ast.keyword) -> bool:
    """Say whether an argument is such a value, and a number."""
    number = isinstance(given.value, ast.Constant) and isinstance(given.value.value, (int, float))
    return number and given.arg is not None and HYPER.match(given.arg) is not None


def sets(command: Command) -> bool:
    """Say whether a command records two such values or more."""
    found = 0
    for word, after in pairwise((*command.words, "")):
        if not word.startswith("-") and "=" not in word:
            continue
        name, equals, value = word.lstrip("-+").partition("=")
        given = value if equals else after
        if DIGITS.match(given):
            found += SETTING.match(name.rpartition(".")[2].replace("-", "_")) is not None
    return found > 1
