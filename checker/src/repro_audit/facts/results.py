"""Results that a repository states: numbers in tables, sentences, outputs and result files."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.notebooks import Notebooks
from repro_audit.facts.prose import Prose
from repro_audit.facts.quoting import quoted
from repro_audit.facts.tables import Table, plain, tables
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.documents import Document
    from repro_audit.repository import Repository

STRONG = (
    r"acc(?:uracy|uracies|@\d|\.)?|top-?[15](?:[ -](?:acc\w*|err\w*))?|f1|f-?score|f-?measure|"
    r"(?:roc[ -]?|pr[ -]?)?auc(?:roc|pr)?|auroc|bleu|rouge\w*|meteor|cider|m?ap(?:@?\d+)?|"
    r"rmse|mse|mae|mape|psnr|ssim|lpips|fid(?:-?\d+k)?|perplexity|ppl|bpc|bpb|wer|cer|iou|miou|dice|"
    r"precision|recall|error rate|r2|r\^2|r²|ndcg(?:@\d+)?|mrr|hits?@\d+|elbo|nll|bits per \w+|"
    r"loss|mcc|kappa|spearman|pearson|pesq|stoi|si-?sn?dri?|exact match|em|pass@\d+|success rate|"
    r"win rate|c-?index"
)
METRIC = re.compile(rf"(?<![\w-])(?:{STRONG})(?![\w-])", re.IGNORECASE)
SPOKEN = re.compile(
    r"(?<![\w-])(?i:acc(uracy|uracies|@\d)|top-?[15] (acc|err)\w*|f1|f-?score|f-?measure|"
    r"(roc[ -]?|pr[ -]?)?auc(roc|pr)?|auroc|bleu|rouge\w*|meteor|cider|rmse|mse|mape|psnr|ssim|"
    r"lpips|fid(-?\d+k)?|inception score|perplexity|wer|cer|iou|miou|dice|error rate|r2|r\^2|"
    r"r²|ndcg(@\d+)?|mrr|hits?@\d+|"
    r"recall|mean (squared|absolute) error|squared error|absolute error|log-?likelihood|kappa|"
    r"spearman|pearson|pesq|stoi|si-?sn?dri?|exact match|pass@\d+|(success|win) rate|c-?index|"
    r"mean average precision|"
    r"(?<!mixed )(?<!mixed-)(?<!half )(?<!half-)(?<!single )(?<!double )(?<!full )precision)"
    r"(?![\w-])|\bmAP\b|\bMAE\b|\b(box|mask)[ -]AP\b|\bAP(50|75)?\b(?!I)"
)
WEAK = re.compile(
    r"\b(score|error|err|test|val|valid(ation)?|result|performance|reward|return|metric|"
    r"sensitivity|specificity|deviation|correlation|avg\.?|average|overall|cv|lb|leaderboard)s?(?!\w)",
    re.IGNORECASE,
)
RESULT = re.compile(
    r"\b(results?|benchmarks?|performance|accurac(y|ies)|evaluation|leaderboard|model zoo|"
    r"comparison|scores?|experiments)\b",
    re.IGNORECASE,
)
SIZE = re.compile(
    r"param|flops|macs|\bsize|epoch|batch|\blr\b|learning rate|time|speed|memory|\bgpus?\b|#|"
    r"samples|images|classes|\bnum|number|count|layers|hours|version|date|year|download|seed|"
    r"weight|\bstep|iter|throughput|latency|resolution|depth|width|license|\bid\b",
    re.IGNORECASE,
)
OPTIONS = re.compile(
    r"(.{0,20}\b)?(parameters?|options?|flags?|arguments?|hyper-?param\w*|settings?|"
    r"default( value)?s?|type|variables?|keys?|requirements?|packages?|columns?|fields?)",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"^[~≈<>≤≥+\-\s]{0,9}(\d{1,3}(?:,\d{3})+|\d+)?(\.\d+)?(e-?\d+)?\s{0,3}(%|pp|pts|dB)?"
    r"\s{0,3}((±|\+/-|\+-|\()\s{0,3}[\d.]+\s{0,3}%?\s{0,3}\)?)?[↑↓†‡*]*$"
)
# A cell may name its metric itself: ACC=0.88.
LABEL = re.compile(rf"^(?:{STRONG})\s?[=:]\s?(?=\d*\.?\d)", re.IGNORECASE)
RANGE = re.compile(r"^\s*(\d*\.\d+)\s*%?\s*(?:-|\u2013|to)\s*(\d*\.\d+)\s*%?\s*$")
DECIMAL = r"\d{1,4}\.\d+|\d{1,3}(?:\.\d+)?\s?%|%\d{1,3}(?:\.\d+)?"
SAID = re.compile(
    rf"(?<![\w-])(?:{STRONG})(?![\w-])[^|.;]{{0,60}}?(?<![\w.])(?:{DECIMAL})|"
    rf"(?<![\w.])(?:{DECIMAL})[^|.;]{{0,40}}?(?<![\w-])(?:{STRONG})(?![\w-])|"
    r"\b(?:score|lb|leaderboard)s?\b[^|.;\d]{0,30}(?<![\w.])\d{1,4}\.\d{3,}|"
    r"(?<![\w.])\d[\d.]*\s?% of the (?:\w+ ){0,2}(?:performance|accuracy|quality)\b",
    re.IGNORECASE,
)
CLAIM = re.compile(
    r"\b(achiev|reach|obtain|get|got|gives?|gave|observ|yield|scor|attain|should|expect|report|"
    r"result|best|final|about|our|we|around)",
    re.IGNORECASE,
)
ASIDE = re.compile(
    r"\b(trivial|chance|random(ly)? guess|naive|always predict|threshold|if (the|your)|weight|"
    r"learning rate|lower than|default|drop-?out|set )",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?<=[.;!?])\s+(?=[A-Z(])")
PRINTED = re.compile(
    rf"(?<![\w-])(?:{STRONG}|score)(?![\w-])[^\w\n]{{0,6}}(?:\w{{1,12}}[^\w\n]{{1,4}}){{0,3}}"
    rf"\d{{1,4}}\.\d+|(?<![\w-])(?:{STRONG}|score)(?![\w-])[^\n]{{0,60}}?"
    r"\s(?:was|is|of)?\s?[:=]?\s?\d{1,4}\.\d{2,}$",
    re.IGNORECASE,
)
BAR = re.compile(r"\[[=>.#\s-]{5,}\]|\b\d+\w?s/step|\bit/s\b")
BARE = re.compile(r"^\s*(0?\.\d{2,}|\d{1,2}\.\d{2,})\s*%?\s*$")
SCORED = re.compile(
    r"\bscore\w*\s*\(|\.score\b|accuracy|f1_|auc|\bacc\b|_error\(|evaluate\(", re.IGNORECASE
)
SCAFFOLD = re.compile(
    r"coming soon|\bto-?do\b|\btbd\b|\btba\b|to be (released|added|announced|completed|filled)|"
    r"will be (released|added|available|uploaded|published|updated)|stay tuned|under construction|"
    r"\bx{2}\.x|\bn/a\b|not (yet )?(released|available)|author review required|lorem ipsum|"
    r"work in progress|fill (this )?in",
    re.IGNORECASE,
)
FILES = re.compile(
    r"(^|/)(?!.*(config|schema|requirements|expected_dtypes))"
    r"((results?|metrics|scores?|predictions?|leaderboard|runs?|outputs?|benchmarks?)/.+|"
    r"[^/]*(results?|metrics|scores?|predictions?|leaderboard|(^|[/.])monitor)[^/]*)"
    r"\.(csv|tsv|json|jsonl|parquet|npz|npy)$",
    re.IGNORECASE,
)
LISTS = re.compile(r"(results?|metrics|scores?|leaderboard|benchmarks?)[^/]*\.\w+$", re.IGNORECASE)


class Results(NamedTuple):
    """Everything in the repository that states a result as a number."""

    tables: tuple[Table, ...]
    said: tuple[Evidence, ...]
    outputs: tuple[Evidence, ...]
    files: tuple[Evidence, ...]
    scaffolds: tuple[Evidence, ...]
    unread: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Results:
        """Read the README, the documents it links or that stand in docs, notebooks and files."""
        documents = told(repo)
        found = [table for item in documents for table in tables(item) if is_result(table)]
        said = [claim for item in documents for claim in claims(item)]
        scaffolds = [mark for item in documents for mark in promised(item)]
        files = kept(repo)
        unread = [item for item in files if repo.why.get(item.path)]
        return cls(
            tables=tuple(found),
            said=tuple(said),
            outputs=tuple(printed(repo)),
            files=tuple(item for item in files if item not in unread),
            scaffolds=tuple(scaffolds),
            unread=tuple(unread),
        )

    @property
    def stated(self) -> tuple[Evidence, ...]:
        """Where results are stated for a reader: documents first, then outputs."""
        shown = [table.evidence("a table of results") for table in self.tables]
        return (*shown, *self.said, *self.outputs)

    @property
    def listed(self) -> tuple[Evidence, ...]:
        """The files that list results; predictions and logs of runs are no results yet."""
        return tuple(item for item in self.files if LISTS.search(item.path))


def told(repo: Repository) -> tuple[Document, ...]:
    """Return the README, the documents it links, model cards, and the files named for results."""
    prose = repo.fact(Prose)
    guide = prose.guide()
    paths = {item.path for item in guide}
    named = re.compile(
        r"(^|/)(results?|benchmarks?|model[-_]?card|model[-_]?zoo|reproduc\w*|experiments?)"
        r"[^/]*\.(md|rst)$",
        re.IGNORECASE,
    )
    others = [
        item
        for item in prose.documents
        if item.path not in paths
        and (
            named.search(item.path)
            or (item.path.startswith("docs/") and any(item.section(RESULT.pattern)))
        )
        and repo.by_path[item.path].role in (Role.PROSE, Role.SOURCE)
    ]
    return (*guide, *others)


def is_result(table: Table) -> bool:
    """Say whether a table states results: numbers under or beside the name of a metric."""
    options = any(OPTIONS.fullmatch(cell.strip()) for cell in table.header[:1])
    options = options or any(cell.lower().startswith("default") for cell in table.header)
    shown = (LABEL.sub("", cell[:60]) for cell in cells(table))
    if not any(is_number(cell) and re.search("[1-9]", cell) for cell in shown):
        return False  # a form whose numbers are still to come
    titled = bool(RESULT.search(f"{table.heading} {table.caption}"))
    loose = 0
    for row in table.rows:
        beside = bool(METRIC.search(" ".join(row.cells[:1]))) and not SIZE.search(row.cells[0])
        for column, cell in enumerate(row.cells):
            name = table.header[column] if column < len(table.header) else ""
            name = name.replace("_", " ")
            told = LABEL.match(cell[:60])
            if told and is_number(cell[told.end() :]):
                return True
            if not is_number(cell) or SIZE.search(name):
                continue
            exact = "." in cell or "%" in cell
            if METRIC.search(name) or (beside and column and exact and not options):
                return True
            if (
                exact
                and not options
                and (WEAK.search(name) or titled)
                and (column or WEAK.search(name))
            ):
                loose += 1
    return loose > 1


def ranged(cell: str) -> bool:
    """Say whether a cell holds the lowest and the highest of several measured numbers."""
    found = RANGE.match(cell[:60])
    return found is not None and float(found.group(1)) < float(found.group(2))


def cells(table: Table) -> Iterator[str]:
    """Yield the cells of a table that are not its first column."""
    return (cell for row in table.rows for cell in row.cells[1:])


def is_number(cell: str) -> bool:
    """Say whether a cell holds one measured number and nothing else."""
    return any(sign.isdigit() for sign in cell) and NUMBER.match(cell[:60]) is not None


def claims(document: Document) -> Iterator[Evidence]:
    """Yield sentences that claim a measured number, and printed output that shows one."""
    for number, line in enumerate(document.visible, 1):
        text = plain(line[:2000])
        if "|" in text or not SAID.search(text):
            continue
        # A paragraph may stand on one line.
        for sentence in SENTENCE.split(text):
            if SAID.search(sentence) and CLAIM.search(sentence) and not ASIDE.search(sentence):
                yield document.at(number, quoted(sentence))
                break
    shown = {number for number, line in enumerate(document.visible, 1) if line.strip()}
    for number, line in enumerate(document.lines, 1):
        inside = number not in shown and line.strip()
        if inside and PRINTED.search(line[:500]) and not re.search(r"--\w|[=(]\s*\w+\(|<!--", line):
            yield document.at(number, f"an expected output: {quoted(line)}")


def promised(document: Document) -> Iterator[Evidence]:
    """Yield sections for results that hold a promise instead of numbers."""
    for heading in document.section(RESULT.pattern):
        for number in range(heading.line + 1, heading.end + 1):
            line = document.lines[number - 1]
            if SCAFFOLD.search(line[:500]):
                yield document.at(number, f"a promise, no result: {quoted(line)}")


def printed(repo: Repository) -> Iterator[Evidence]:
    """Yield saved outputs of notebooks that show the value of a metric."""
    for notebook in repo.fact(Notebooks).all:
        if repo.by_path[notebook.path].role is Role.TEST:
            continue
        for cell in notebook.cells:
            scored = any(SCORED.search(line[:500]) for line in cell.source)
            for text in cell.printed:
                if BAR.search(text[:500]) and not SPOKEN.search(text[:500].replace("_", " ")):
                    continue  # the loss of training, while it goes on
                if PRINTED.search(text[:500]) or (scored and BARE.match(text[:100])):
                    line = cell.lines[-1] if cell.lines else 1
                    yield Evidence(notebook.path, line, f"a saved output: {quoted(text)}")
                    break


def kept(repo: Repository) -> list[Evidence]:
    """Return committed files of results that a program can read, and those that were not read."""
    found: list[Evidence] = []
    for file in repo.files:
        known = file.role in (Role.SOURCE, Role.DATA, Role.GENERATED)
        if not known or not FILES.search(file.path):
            continue
        if file.suffix not in {".csv", ".tsv", ".json", ".jsonl"}:
            found.append(Evidence(file.path, 0, "a file of results"))
        elif repo.text(file.path) is None:
            found.append(Evidence(file.path, 0, f"not read: {repo.why.get(file.path)}"))
        elif line := measured(repo, file.path):
            found.append(Evidence(file.path, line, "a file of results"))
    return found


def measured(repo: Repository, path: str) -> int:
    """Return the line that names a metric, a score or a prediction in a file of results."""
    # `r,l,t` heads what a Monitor of Gymnasium or Stable-Baselines writes: reward, length, time.
    named = re.compile(
        rf"{METRIC.pattern}|{WEAK.pattern}|predict|label|prob|top\d|^r,l,t\b", re.IGNORECASE
    )
    for number, line in enumerate(repo.lines(path)[:200], 1):
        words = line[:2000].replace("_", " ")
        if named.search(words) and (
            number > 1 or re.search(r"\d", line) or rows_follow(repo, path)
        ):
            return number
    return 0


def rows_follow(repo: Repository, path: str) -> bool:
    """Say whether a table of a file has a row with a number under its header."""
    rows = csv.reader(repo.lines(path)[1:3])
    return any(re.search(r"\d", cell) for row in rows for cell in row)
