"""Judge whether records of runs are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit import lazyre as re
from repro_audit import unknown as undecided
from repro_audit.facts.archives import DEPOSIT
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import SCAFFOLD, Results, told
from repro_audit.facts.runlinks import run_links

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = re.compile(r"\b(logs?|records|metrics|predictions|outputs|runs|container)\b", re.IGNORECASE)
DASHBOARD = re.compile(
    r"https?://(www\.)?(wandb\.ai|app\.neptune\.ai|(www\.)?comet\.(com|ml)|tensorboard\.dev|"
    r"app\.clear\.ml)/\S+",
    re.IGNORECASE,
)
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}|\.(sif|tar|tar\.gz|tar\.zst)\b.*\b[0-9a-f]{64}\b")
RECORDS = re.compile(
    r"(^|/)(mlruns|wandb|lightning_logs|logs?|runs)/.+|\.tfevents\.|(^|/)mlflow\.db$"
)


def archive_records(repo: Repository) -> Verdict:
    """Logs, metrics and checkpoints of the reported runs stand in an archive."""
    found = repo.fact(Results)
    results = (*found.stated, *found.files)
    if not results:
        return not_applicable("No results are reported, so there are no runs to keep.")
    archived = said(repo, lambda line: DEPOSIT.search(line) or DIGEST.search(line))
    if archived:
        return passed("Records of the runs are archived.", *archived)
    fix = "Export logs, metrics and configurations of the runs, and deposit them with a DOI"
    hosted = said(repo, DASHBOARD.search, needs_word=False)
    stored = [
        Evidence(file.path, 0, "a record in the repository")
        for file in repo.files
        if RECORDS.search(file.path) and not file.path.endswith((".py", ".sh", ".md", ".gitkeep"))
    ]
    kept = (*stored[:10], *found.files, *hosted, *run_links(repo))
    if kept:
        return partial("Records are kept, and not in an archive.", *kept, fix=fix)
    promised = said(repo, SCAFFOLD.search)
    if promised:
        return failed("Records are promised and not there.", *promised, fix=fix)
    return undecided("Records may be kept where reading does not see them.", *results[:3])


def said(
    repo: Repository, test: Callable[[str], object], *, needs_word: bool = True
) -> list[Evidence]:
    """Return the lines that speak of records and pass a test."""
    return [
        document.at(number, quoted(line))
        for document in told(repo)
        for number, line in enumerate(document.lines, 1)
        if test(line[:2_000]) and (KEPT.search(DEPOSIT.sub(" ", line[:2_000])) or not needs_word)
    ]
