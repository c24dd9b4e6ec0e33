"""Judge whether a small run of everything is tried automatically."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit import lazyre as re
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.configs import Configs
from repro_audit.facts.errands import Errand, Errands
from repro_audit.facts.flags import Flags
from repro_audit.facts.invocations import find, script_of
from repro_audit.facts.kind import training_calls
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.shell import commands
from repro_audit.facts.trials import Reach, Trials

SMALL = re.compile(
    r"fast_dev_run|max_?steps|limit_(train|val|test)_batches|\b(smoke|debug|dry[-_]?run|tiny|toy|"
    r"quick|mini)\b|--limit|\bepochs?[= ]\d\b|num_samples|subset",
    re.IGNORECASE,
)
MEANT = re.compile(r"^(train\w*|smoke\w*|reproduce\w*|repro|all|pipeline|demo|run)$")
SIZES = ("small", "base", "medium", "large", "huge", "xl")
OPTION = re.compile(
    r"^(fast_dev_run|max_(train_)?(steps|samples|batches)|limit_\w+|smoke\w*|debug|dry_run|tiny|"
    r"quick|num_samples|num_batches|data_size|subset)$"
)


def auto_smoke_run(repo: Repository) -> Verdict:
    """A test or a job of continuous integration trains on little, from data to evaluation."""
    trains = training_calls(repo)
    if not trains:
        return nothing_trained(repo)
    reach = Reach(repo)
    jobs = [item for item in repo.fact(Errands).all if small_run(item, repo, reach)]
    tests = [item for item in repo.fact(Trials).all if item.trains]
    good = [item.evidence(f"trains on little: {quoted(item.command.text)}") for item in jobs]
    whole = [item for item in tests if not item.skipped and not item.quick]
    good += [item.evidence(f"{item.name} trains") for item in whole]
    if good:
        return passed("A small run is tried automatically.", *good)
    half = [
        item.evidence("is left out by its mark" if item.skipped else "fast_dev_run saves nothing")
        for item in tests
    ]
    half += options(repo, reach)
    fix = "Add a small configuration, and a test that trains, saves, loads and evaluates with it"
    if half:
        return partial("A small run is possible, and nothing tries all of it.", *half, fix=fix)
    bare = [call.evidence("no test and no job comes here on little data") for call in trains[:5]]
    return failed("Nothing tries the training on little data.", *bare, fix=fix)


def small_run(item: Errand, repo: Repository, reach: Reach) -> bool:
    """Say whether a job's command trains: through a script that does, or a task called so."""
    if item.tests:
        return False
    named = script_of(item.command)
    path = find(repo, repo.fact(PythonIndex), named) if named else None
    if path is not None:
        inner = commands(repo.text(path) or "", path) if path.endswith(".sh") else ()
        words = [word.rpartition("/")[2] for command in inner for word in command.words]
        return bool({path.rpartition("/")[2], *words} & reach.scripts)
    reduced = any(SMALL.search(text) for text in item.texts)
    return item.task is not None and bool(MEANT.match(item.task.name)) and reduced


def options(repo: Repository, reach: Reach) -> list[Evidence]:
    """Return the switches and configurations that make a run small."""
    found = [
        Evidence(flag.path, flag.line, f"--{flag.name} makes a run small")
        for flags in repo.fact(Flags).by_name.values()
        for flag in flags
        if OPTION.match(flag.name) and flag.path.rpartition("/")[2] in reach.scripts
    ]
    paths = repo.fact(Configs).files
    stems = {path: path.rpartition("/")[2].partition(".")[0].lower() for path in paths}
    for path, stem in stems.items():
        small = re.search(r"(?:^|_)(smoke|debug|tiny|toy|fdr|fast_dev_run|quick)(?:_|$)", stem)
        if small is None:
            continue
        # Beside `net_base`, `net_tiny` is the size of a model and not that of a run.
        larger = tuple(f"{stem[: small.start(1)]}{size}" for size in SIZES)
        sized = small.group(1) == "tiny" and any(item.startswith(larger) for item in stems.values())
        if not sized:
            found.append(Evidence(path, 1, "a configuration for a small run"))
    return found
