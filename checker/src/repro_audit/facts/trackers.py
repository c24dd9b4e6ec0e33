"""Calls that record a run, and those of them that entry points always reach."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.accesses import Accesses
from repro_audit.facts.code import as_code
from repro_audit.facts.configs import Configs
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.descent import extending
from repro_audit.facts.flow import Flow
from repro_audit.facts.hyperparameters import MODULE
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.quoting import quoted
from repro_audit.facts.randomness import skipped_by_default
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

TRACKERS = (
    "mlflow.start_run",
    "mlflow.*autolog",
    "mlflow.log_*",
    "wandb.init",
    "neptune.init*",
    "neptune.Context",
    "deepsense.neptune.Context",
    "comet_ml.*Experiment",
    "clearml.Task.init",
    "aim.Run",
    "dvclive.Live",
    "sacred.Experiment",
    "trackio.init",
    "swanlab.init",
    "SummaryWriter",
    "FileWriter",
    "*.SummaryWriter",
    "*.FileWriter",
    "tensorflow.*summary.create_file_writer",
    "MLFlowLogger",
    "WandbLogger",
    "CSVLogger",
    "TensorBoardLogger",
    "*.CometLogger",
    "*.NeptuneLogger",
    "*.MLFlowLogger",
    "*.WandbLogger",
    "*.CSVLogger",
    "*.TensorBoardLogger",
    "*.callbacks.TensorBoard",
    "*.report_to",
    "clu.metric_writers.*",
    "*.create_default_writer",
    "tensorboard_logger.configure",
    "visdom.Visdom",
)
# Estimators write what they measure, step by step, beside their checkpoints.
ESTIMATORS = ("tensorflow.*Estimator", "tensorflow.*MonitoredTrainingSession")
# Trainers of Transformers report to each tracker that they find, and write what they are told to:
# https://huggingface.co/docs/transformers/main_classes/trainer
REPORTING = ("transformers.*Trainer", "trl.*Trainer")
FOUND = {"wandb", "tensorboard", "tensorboardx", "mlflow", "comet-ml", "clearml", "dvclive"}
SAVED = ("*trainer.save_metrics", "*trainer.save_state", "*trainer.state.save_to_json")
HISTORY = re.compile(r"(^|[._])(history|logs?)$")
ARGUMENTS = ("transformers.*TrainingArguments", "trl.*Config", "trl.*Arguments")
WRITERS = ("csv.DictWriter", "csv.writer", "json.dumps", "json.dump", "*.to_csv", "*.writerow")
# Names of files that are filled while a run goes on; results and scores are written at its end.
LOG_TABLE = re.compile(
    r"(^|[/_])(train(ing)?_?)?(log|logs|progress|history|stats|summary)([_%{-][%\w{}-]*)?\.(csv|tsv|jsonl)$",
    re.IGNORECASE,
)
# The same, where a part of the name is computed.
LOG_FILE = re.compile(
    r"(^|[/_*-])(log|logs|progress|history)([_*-][\w*-]*)?\.(csv|tsv|jsonl)$", re.IGNORECASE
)
LOG_LINES = re.compile(
    r"(^|[/_])(train(ing)?_?)?(log|progress|history)([_%{-][%\w{}-]*)?\.(txt|json|log)$",
    re.IGNORECASE,
)
NOT_TRACKERS = ("logging.*", "*.getLogger", "getLogger", "*.logging.*")


class RunLogs(NamedTuple):
    """Signs of a run that keeps a record: by default, and only when it is asked to."""

    always: tuple[Evidence, ...]
    optional: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> RunLogs:
        """Sort trackers, settings of trainers, and logs that are written step by step."""
        values = repo.fact(Values)
        always: list[Evidence] = []
        optional: list[Evidence] = []
        told = ("report_to", "tensorboard_log")
        for call in repo.fact(Flow).calls.any_of(names=(*TRACKERS, *ARGUMENTS), keywords=told):
            if call.literal("mode") == "disabled":
                continue
            if matches(call.name, TRACKERS) and not matches(call.name, NOT_TRACKERS):
                off = skipped_by_default(call, values) and not switched_on(call, values)
                end = " when it is asked to" if off else ""
                seen = call.evidence(f"{call.name} records the run{end}")
                (optional if off else always).append(seen)
            elif (on := by_setting(call, values)) is not None:
                (always if on else optional).append(call.evidence("a setting records the run"))
        always += [
            call.evidence(f"{call.method} writes summaries into its folder")
            for call in repo.fact(Flow).calls.named(*ESTIMATORS)
        ]
        for seen, on in reporting(repo):
            (always if on else optional).append(seen)
        live = repo.fact(Flow).live
        for call in extending(repo, lambda base: matches(base, TRACKERS), live):
            kept = optional if skipped_by_default(call, values) else always
            kept.append(call.evidence(f"{call.method} records the run"))
        for entry in repo.fact(Configs).entries("_target_"):
            if matches(str(entry.value), TRACKERS):
                used = not values.composed or entry in values.composed.values()
                (always if used else optional).append(
                    entry.evidence(f"the configuration makes {entry.value}")
                )
        always += [
            item.evidence(f"writes {item.path[-60:]}")
            for item in repo.fact(Accesses).writes
            if LOG_FILE.search(item.path[-200:])
        ]
        for seen, off in written(repo, values):
            (optional if off else always).append(seen)
        return cls(tuple(always), tuple(optional))


def reporting(repo: Repository) -> Iterator[tuple[Evidence, bool]]:
    """Yield the calls whose library keeps a record, and whether it does so without being asked."""
    made = repo.fact(Flow).calls
    for call in made.named(*SAVED):
        yield call.evidence(f"{call.method} writes what was measured"), True
    for call in made.named("json.dump"):
        if call.given and HISTORY.search(as_code(call.node.args[0])[-100:]):
            off = skipped_by_default(call, repo.fact(Values))
            yield call.evidence("json.dump writes the history"), not off
    reached = {call.path for call in made.all}
    for module in repo.fact(PythonIndex).live():
        for text in module.texts if module.path in reached else ():
            if "." in text.value and matches(text.value[:100], TRACKERS):
                yield (
                    Evidence(module.path, text.line, f"names {text.value[:100]} as a logger"),
                    True,
                )
    own = extending(repo, lambda base: matches(base, REPORTING), made.all)
    reports = [*made.named(*REPORTING), *own]
    here = sorted(FOUND & repo.fact(Dependencies).names()) if reports else []
    for call in reports:
        where = f"{here[0]}, which is declared" if here else "whichever tracker is installed"
        yield call.evidence(f"the trainer reports to {where}"), bool(here)


def switched_on(call: Call, values: Values) -> bool:
    """Say whether a configuration module switches on what a condition around a call asks for."""
    asked = {
        node.id for test in call.conditions for node in ast.walk(test) if isinstance(node, ast.Name)
    }
    return any(
        isinstance(item.value, ast.Constant) and item.value.value is True
        for path, item in values.index.assignments(*asked)
        if MODULE.search(path)
    )


def by_setting(call: Call, values: Values) -> bool | None:
    """Say whether a trainer is told to record: always, when asked to, or (None) not at all."""
    name = "report_to" if matches(call.name, ARGUMENTS) else "tensorboard_log"
    given = call.argument(name)
    if given is None:
        # Transformers reports to whichever tracker is installed.
        return False if name == "report_to" else None
    value = values.of(given, call.path, call.scope)
    if value.state is State.FIXED and str(value.value) not in {"none", "False"}:
        return not isinstance(given, ast.IfExp)
    constant = isinstance(given, ast.Constant)
    return None if constant else False


def written(repo: Repository, values: Values) -> Iterator[tuple[Evidence, bool]]:
    """Yield the logs that reached code writes, and whether a setting leaves them out."""
    made = repo.fact(Flow).calls
    writers = made.named(*WRITERS)
    opens = {
        call.path
        for call in made.any_of(methods=("open",))
        if re.search(r"['\"][wax]", as_code(call.node)[:400])
    }
    # A class of the project's own that writes lines to a file: utils/logger.py.
    own = any("log" in path.rpartition("/")[2].lower() for path in opens)
    reached: dict[str, list[Call]] = {}
    for call in made.all:
        reached.setdefault(call.path, []).append(call)
    for module in repo.fact(PythonIndex).live():
        if module.path not in reached:
            continue
        near = [call for call in writers if call.path == module.path]
        near += [call for call in reached[module.path] if own and call.method.endswith("Logger")]
        opened = bool(writers) or module.path in opens
        for text in module.texts if opened or near else ():
            table = opened and LOG_TABLE.search(text.value[:200])
            if not (table or (near and LOG_LINES.search(text.value[:200]))):
                continue
            # The call that is handed the name says most about whether the file is written.
            told = [
                call
                for call in reached[module.path]
                if call.line <= text.line <= (call.node.end_lineno or call.line)
            ]
            asked = told or near
            off = bool(asked) and all(skipped_by_default(call, values) for call in asked)
            yield Evidence(module.path, text.line, f"writes {quoted(text.value)}"), off


def tracked(repo: Repository) -> tuple[Evidence, ...]:
    """Return the reached calls that record a run without being asked to."""
    values = repo.fact(Values)
    return tuple(
        call.evidence(f"{call.name} records the run")
        for call in repo.fact(Flow).calls.named(*TRACKERS)
        if not matches(call.name, NOT_TRACKERS) and not skipped_by_default(call, values)
    )
