"""Where results are computed: calls of metrics, functions and scripts that evaluate."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.flags import Flags
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import LIVE, PythonIndex, matches
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

LIBRARIES = (
    "sklearn.metrics.*",
    "sklearn.model_selection.cross_val*",
    "torchmetrics.*",
    "evaluate.load",
    "datasets.load_metric",
    "sacrebleu.*",
    "pycocotools.cocoeval.*",
    "rouge_score.*",
    "seqeval.metrics.*",
    "tensorflow.keras.metrics.*",
    "keras.metrics.*",
    "lm_eval.*",
    "skimage.metrics.*",
    "jiwer.*",
    "nltk.translate.*",
    "lifelines.utils.concordance_index",
    "lpips.LPIPS",
    "ranx.*",
    "trec_eval.*",
    "pytrec_eval.*",
)
NO_METRIC = re.compile(r"Display$|make_scorer$|plot_|get_scorer$|pairwise|MeanMetric$")
METHODS = {"evaluate", "test", "validate", "score", "eval"}
QUIET = ("no_grad", "inference_mode", "eval", "predict", "predict_proba")
RECEIVERS = re.compile(
    r"(trainer|model|net|clf|classifier|regressor|estimator|pipe(line)?|search|grid\w*|reg|"
    r"forest|svm|svc|knn|tree|lr|best_\w+|agent)\w*\.(evaluate|test|validate|score)$",
    re.IGNORECASE,
)
AVERAGED = {
    "f1_score": "average",
    "fbeta_score": "average",
    "precision_score": "average",
    "recall_score": "average",
    "jaccard_score": "average",
    "F1Score": "average",
    "FBetaScore": "average",
    "Precision": "average",
    "Recall": "average",
    "MulticlassF1Score": "average",
    "MulticlassAccuracy": "average",
    "MulticlassPrecision": "average",
    "MulticlassRecall": "average",
}
NAMED = re.compile(
    r"^(eval\w*|test|test_(?!data|set|loader)\w*|valid(ate|ation)?(_\w+)?|score\w*|benchmark\w*|"
    r"infer\w*|estimate_loss|compute_metrics?\w*|accuracy\w*|run_eval\w*|do_eval\w*|"
    r"\w*_eval(uation|uate)?|\w*accuracy\w*|\w+_(scores?|metrics?)|fid\w*|calc\w*_metrics?|get_metrics?|metrics?|predict_and_\w+)$",
    re.IGNORECASE,
)
SCRIPT = re.compile(
    r"(^|[_\-/])(eval\w*|test|benchmark\w*|score|scoring|infer\w*|metrics?|validate|validation|"
    r"predict\w*)([_\-]\w*)*\.(py|ipynb|sh)$",
    re.IGNORECASE,
)
COUNTED = re.compile(
    r"^((n|num|total|test|val)_)?correct|^(test|val|valid|eval)_(acc\w*|loss\w*|err\w*|score\w*|f1)$|"
    r"^(acc|accuracy|mse|rmse|f1|auc|error_rate)$",
    re.IGNORECASE,
)
RECORDS = ("scalar", "add_scalar", "log_metric", "log_scalar")
HELD_OUT = re.compile(
    r"(^|[/_ -])(val|valid|validation|test|eval|hold_?out)($|[/_ -])", re.IGNORECASE
)
OF_INPUT = re.compile(r"config|schema|(^|_)data(_|\.|$)|input|detail|arg|expectation|param")
FLAG = re.compile(r"^(do_|only_)?(eval|evaluate|test|eval_only|test_only|evaluation)$")
LOOP = ("*.backward", "*.train_on_batch", "*.apply_gradients", "*.minimize")


class Metrics(NamedTuple):
    """Metric calls that are reached, functions and scripts that evaluate, and vague calls."""

    calls: tuple[Call, ...]
    functions: tuple[Evidence, ...]
    scripts: tuple[Evidence, ...]
    flags: tuple[Evidence, ...]
    by_hand: tuple[Evidence, ...]
    recorded: tuple[Evidence, ...]
    vague: tuple[Evidence, ...]
    documented: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Metrics:
        """Read what entry points reach."""
        index = repo.fact(PythonIndex)
        flow = repo.fact(Flow)
        made = flow.calls.any_of(names=LIBRARIES, methods=METHODS)
        calls = tuple(call for call in made if measures(call, index))
        functions, documented = evaluators(repo)
        scripts = [
            Evidence(path, 1, "a script that evaluates")
            for path in flow.traces
            if SCRIPT.search(path) and not OF_INPUT.search(path) and index.roles[path] in LIVE
        ]
        flags = [
            Evidence(flag.path, flag.line, f"{flag.spelled} evaluates")
            for name, found in repo.fact(Flags).by_name.items()
            if FLAG.match(name)
            for flag in found
        ]
        return cls(
            calls,
            tuple(functions),
            tuple(scripts),
            tuple(flags),
            tuple(by_hand(repo)),
            tuple(recorded(repo)),
            tuple(vague(calls)),
            tuple(documented),
        )


def measures(call: Call, index: PythonIndex) -> bool:
    """Say whether a call computes a metric."""
    if matches(call.name, LIBRARIES):
        return NO_METRIC.search(call.name) is None
    if call.method == "eval":
        return evaluates(call, index)
    scored = call.method == "score" and call.given == 2  # noqa: PLR2004 - inputs, labels
    if call.method not in METHODS:
        return False
    owner = call.name.rpartition(".")[0]
    fitted = any(item.name == f"{owner}.fit" for item in index.modules[call.path].calls)
    if not (scored or fitted or RECEIVERS.search(call.name)):
        return False
    return index.locate(call.name, call.path, call.scope) is None


def evaluates(call: Call, index: PythonIndex) -> bool:
    """Say whether `strategy.eval(stream)` measures what `strategy.train(stream)` has fitted.

    Without arguments both only switch the mode of a network.
    """
    owner = call.name.rpartition(".")[0]
    fits = (item for item in index.modules[call.path].calls if item.name == f"{owner}.train")
    return bool(call.given) and any(item.given for item in fits)


def evaluators(repo: Repository) -> tuple[list[Evidence], list[Evidence]]:
    """Return reached functions that evaluate by their name, and those of them with a docstring."""
    index = repo.fact(PythonIndex)
    found: list[Evidence] = []
    documented: list[Evidence] = []
    for place in sorted(repo.fact(Flow).entered, key=lambda item: (item.path, item.name)):
        function = index.modules[place.path].functions.get(place.name)
        if function is None or index.roles[place.path] not in LIVE:
            continue
        name = place.name.rpartition(".")[2]
        if not NAMED.match(name) or OF_INPUT.search(name):
            continue
        seen = Evidence(place.path, function.line, f"{name} evaluates")
        found.append(seen)
        first = function.node.body[0]
        text = getattr(getattr(first, "value", None), "value", None)
        if isinstance(text, str) and len(text.split()) > 3:  # noqa: PLR2004 - says something
            documented.append(Evidence(place.path, function.line, f"{name} says what it computes"))
    return found, documented


def by_hand(repo: Repository) -> Iterator[Evidence]:
    """Yield measures that reached code computes itself, where it computes no gradients."""
    index = repo.fact(PythonIndex)
    reached = repo.fact(Flow).entered
    quiet = {(call.path, call.scope) for call in repo.fact(Flow).calls.any_of(methods=QUIET)}
    for module in index.live():
        for item in module.assignments:
            place = (module.path, item.scope)
            if place not in quiet or place not in reached:
                continue
            if COUNTED.match(item.target.rpartition(".")[2]):
                yield Evidence(module.path, item.line, f"{item.target} is computed here")


def recorded(repo: Repository) -> Iterator[Evidence]:
    """Yield calls that write a measure down which is called one of held-out data."""
    for call in repo.fact(Flow).calls.any_of(methods=RECORDS):
        said = call.literal("name", 0) or call.literal("tag")
        if isinstance(said, str) and HELD_OUT.search(said[:200]):
            yield call.evidence(f"{said[:60]} is written down")


def vague(calls: tuple[Call, ...]) -> Iterator[Evidence]:
    """Yield calls of metrics whose meaning over several classes is left to a default."""
    for call in calls:
        keyword = AVERAGED.get(call.method)
        if keyword is None or None in call.words:
            continue
        binary = call.literal("task") == "binary" or call.argument("pos_label") is not None
        if call.argument(keyword) is None and not binary:
            yield call.evidence(f"{call.method} leaves {keyword} to its default")


def in_loop(repo: Repository, calls: tuple[Call, ...]) -> bool:
    """Say whether every one of `calls` stands in a scope that also makes training steps."""
    stepping = {(call.path, call.scope) for call in repo.fact(Flow).calls.named(*LOOP)}
    return bool(calls) and all((call.path, call.scope) in stepping for call in calls)


def unreached(repo: Repository) -> list[Evidence]:
    """Return evaluating functions and metric calls of live modules, reached or not."""
    index = repo.fact(PythonIndex)
    found = [call.evidence(f"{call.name} measures") for call in index.calls(*LIBRARIES)]
    for module in index.live():
        for name, function in module.functions.items():
            if NAMED.match(name.rpartition(".")[2]):
                found.append(Evidence(module.path, function.line, f"{name} evaluates"))
    return found
