"""Judge whether re-runs are compared with results by machine."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit import lazyre as re
from repro_audit.facts.errands import Errands
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import Results
from repro_audit.facts.trials import Trial, Trials

FIXTURES = {
    "num_regression",
    "dataframe_regression",
    "ndarrays_regression",
    "data_regression",
    "image_regression",
    "file_regression",
    "snapshot",
    "regtest",
}
TWICE = re.compile(
    r"determin|reproduc|repeat|same_seed|seed.*same|twice|identical|bit_?(wise|equal|for_bit)|"
    r"to_the_bit|resum\w*.*equal",
    re.IGNORECASE,
)
STORED = re.compile(
    r"(golden|expected|reference|baseline|snapshot|known|regression)\w*.*"
    r"\.(json|csv|npy|npz|ya?ml|pt|pkl|parquet|txt)$",
    re.IGNORECASE,
)
# A function that looks up what was reported.
TOLD = re.compile(
    r"(target|golden|reported|reference)_(results?|values?|metrics?|scores?|acc\w*)$", re.IGNORECASE
)
CLOSE = re.compile(r"allclose|approx|isclose|assert_\w*(equal|close)|assertAlmostEqual|assertEqual")
WRITES = re.compile(r"\.(save|savez|dump|write_text|to_csv|to_json|savetxt)$")
JOBS = re.compile(
    r"\bdvc (metrics diff|repro)\b|repro-audit verify|git diff --exit-code|--nbval(?!-lax)|"
    r"\b(cmp|diff) \S*(expected|golden|reference)|reprozip|\brepro(-|_)?check\b"
)


def auto_repro_check(repo: Repository) -> Verdict:
    """A test or a job runs an experiment again and compares what comes out."""
    tests = [(item, kind) for item in repo.fact(Trials).all if (kind := compares(item))]
    good = [item.evidence(kind) for item, kind in tests if item.trains and not item.skipped]
    good += [
        item.evidence(f"compares after a run: {quoted(item.command.text)}")
        for item in repo.fact(Errands).all
        if any(JOBS.search(text) for text in item.texts)
    ]
    if good:
        return passed("Re-runs are compared with results automatically.", *good)
    found = repo.fact(Results)
    stated = (*found.stated, *found.files)
    if not stated:
        return not_applicable("No results are reported that a re-run could be compared with.")
    half = [
        item.evidence(f"{kind}, and it trains nothing" if not item.trains else "is left out")
        for item, kind in tests
    ]
    fix = "Add a test that trains twice on little data and compares, or `repro-audit verify` in CI"
    if half:
        return partial("Parts are compared, and no experiment is.", *half, fix=fix)
    return failed("Nothing runs an experiment again to compare it.", *stated[:5], fix=fix)


def compares(item: Trial) -> str:
    """Say how a test compares a run with another or with what is stored; nothing if it does not."""
    if FIXTURES & set(item.arguments):
        return "compares with values stored by an earlier run"
    if not item.checks and not any(CLOSE.search(name) for name in item.calls):
        return ""
    if TWICE.search(item.name):
        return f"{item.name} compares a run with its repetition"
    stored = any(STORED.search(text) for text in item.texts)
    stored = stored or any(TOLD.search(name) for name in item.calls)
    # A test that writes what it then compares with always passes.
    made = any(WRITES.search(name) for name in item.calls)
    return "compares with a stored reference" if stored and not made else ""
