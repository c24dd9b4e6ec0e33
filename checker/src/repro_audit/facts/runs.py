"""What ties a stated result to the run that made it: commands, links, records, written values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.configs import Configs
from repro_audit.facts.flags import Flags
from repro_audit.facts.flow import Flow
from repro_audit.facts.invocations import Invocations
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import matches
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import Results
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

RECORDS = re.compile(
    r"(^|/)(runs?|outputs?|results?|logs?|checkpoints?|experiments?|lightning_logs|saved|exps?|"
    r"mlruns|multirun)/(.*/)?(hparams|args|arguments|params|config|overrides|run|metadata|"
    r"training_args|commandline_args|all_results|trainer_state)\.(ya?ml|json|txt|bin|toml)$",
    re.IGNORECASE,
)
WAY = re.compile(r"\.ya?ml\b|\.json\b|\.toml\b|\.sh\b|configs?/|wandb\.ai/\S+/runs")
SETTING = re.compile(r"(^|\s)--?\w[\w-]*|\w=\S|\.ya?ml|\.json|configs?/")
HYPER = re.compile(
    r"^(lr|learning_rate|base_lr|blr|weight_decay|momentum|dropout|batch_size|epochs?|max_epochs|"
    r"hidden(_\w+)?|n_layers?|num_layers|n_estimators|max_depth|optimi[sz]er|warmup\w*|beta\w*|alpha|"
    r"gamma|max_iters?|max_steps|num_train_epochs)$",
    re.IGNORECASE,
)
FILES = (
    "json.dump",
    "*.to_csv",
    "*.to_json",
    "*.to_parquet",
    "numpy.save",
    "numpy.savez*",
    "numpy.savetxt",
    "csv.writer",
    "csv.DictWriter",
    "pickle.dump",
)
MEASURED = re.compile(
    r"result|metric|score|acc|loss|pred|output|eval|history|log|f1|auc", re.IGNORECASE
)
LOGS = (
    "mlflow.log_metric*",
    "mlflow.log_table",
    "*.log_metrics",
    "wandb.log",
    "*.add_scalar*",
    "*.CSVLogger",
    "*.TensorBoardLogger",
    "*.WandbLogger",
    "*.MLFlowLogger",
    "*.SummaryWriter",
    "self.log",
    "self.log_dict",
)


# A function that lays the values of one run over those that it takes otherwise.
DEFAULTS = re.compile(r"default_(args|config|params|hparams)$|(args|config|params)_defaults$")


class RunRecords(NamedTuple):
    """Ways from a result to its run, records of runs, kept values, and code that writes results."""

    commands: tuple[Evidence, ...]
    linked: tuple[Evidence, ...]
    kept: tuple[Evidence, ...]
    values: tuple[Evidence, ...]
    writers: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> RunRecords:
        """Read documents, files and reached calls."""
        results = repo.fact(Results)
        told = {table.path for table in results.tables} | {item.path for item in results.said}
        commands = {
            item.command.text: item.command.evidence(quoted(item.command.text))
            for item in repo.fact(Invocations).shown
            if not item.problem and item.command.path in told
        }
        kept = [
            Evidence(file.path, 0, "the record of a run")
            for file in repo.files
            if file.role in (Role.SOURCE, Role.DATA, Role.GENERATED) and RECORDS.search(file.path)
        ]
        writers = [
            call.evidence(f"{call.name} writes results")
            for call in repo.fact(Flow).calls.named(*LOGS, *FILES)
            if matches(call.name, LOGS)
            or (matches(call.name, FILES) and MEASURED.search(as_code(call.node)[:400]))
        ]
        return cls(
            tuple(seen for text, seen in commands.items() if SETTING.search(text) or lone(results)),
            tuple(linked(repo, results)),
            tuple(kept),
            tuple(values(repo)),
            tuple(writers),
        )


def lone(results: Results) -> bool:
    """Say whether so few results are stated that one plain command can have made them."""
    return sum(len(table.rows) for table in results.tables) <= 2  # noqa: PLR2004 - one, and another


def linked(repo: Repository, results: Results) -> Iterator[Evidence]:
    """Yield the rows of results that name a configuration, a script or a run."""
    documents = {item.path: item for item in repo.fact(Prose).documents}
    for table in results.tables:
        for row in table.rows:
            line = documents[table.path].lines[row.line - 1][:4000]
            if WAY.search(line):
                yield Evidence(table.path, row.line, f"names what made it: {quoted(line)}")


def values(repo: Repository) -> Iterator[Evidence]:
    """Yield hyperparameters that stand in configuration or in defaults of flags."""
    for file in repo.fact(Configs).files.values():
        for entry in file.entries:
            if HYPER.match(entry.key.rpartition(".")[2]):
                yield entry.evidence(f"{entry.key} is {entry.value}")
    for name, found in repo.fact(Flags).by_name.items():
        for flag in found:
            if HYPER.match(name) and flag.default is not None:
                yield Evidence(flag.path, flag.line, f"{flag.spelled} has a default")
    for call in repo.fact(Flow).calls.any_of(like=DEFAULTS):
        first = call.node.args[0] if call.given else None
        keys = first.keys if isinstance(first, ast.Dict) else ()
        names = [key.value for key in keys if isinstance(key, ast.Constant)]
        told = [name for name in names if isinstance(name, str) and HYPER.match(name)]
        if told:
            yield call.evidence(f"{call.method} is given {', '.join(told)}")
