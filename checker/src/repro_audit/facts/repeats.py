"""Runs that are made more than once: in sentences, loops, configuration, jobs and result files."""

from __future__ import annotations

import ast
import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.configs import Configs
from repro_audit.facts.flow import Flow
from repro_audit.facts.prose import Prose, script_commands
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import Results, ranged
from repro_audit.facts.statements import Statements
from repro_audit.facts.syntax import Loop, dotted, literal
from repro_audit.facts.tasks import Tasks
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from repro_audit.facts.shell import Command
    from repro_audit.facts.syntax import Module
    from repro_audit.facts.tables import Table
    from repro_audit.repository import Repository

MANY = (
    r"(?:[2-9]|\d{2,}|two|three|four|five|six|seven|eight|nine|ten|twenty|multiple|several|"
    r"different|various|independent|repeated)"
)
RUNS = re.compile(
    rf"\b{MANY}\s+(?:\w+[ -]){{0,2}}?(?:seeds?|runs|trials|repetitions|repeats|replicates|"
    rf"initiali[sz]ations|restarts|replications)\b|"
    rf"\b(?:trained|run|ran|repeated|repeat|executed)\b[^.]{{0,40}}\b{MANY} times\b",
    re.IGNORECASE,
)
SUMMARY = re.compile(
    r"\b(mean|averag\w*|median|std|stdev|standard (deviation|error)s?|variance|error bars?|spread|"
    r"confidence|interquartile|report\w*|aggregat\w*|best of)\b|±|\+/-|\\pm",
    re.IGNORECASE,
)
# Runs that a number was taken over: the sentence is about what was done.
OVER = re.compile(
    rf"\b(?:over|across|from|on|in|obtained (?:on|over|from|with))\s+(?:the\s+)?{MANY}\s+"
    rf"(?:\w+[ -]){{0,2}}?(?:seeds?|runs|trials)\b",
    re.IGNORECASE,
)
# Seeds that are counted out: from 0 to 9, or {0, 1, 2}.
COUNTED = re.compile(
    r"\bseeds?\b[^.;]{0,40}?\b(?:from\s+)?\d+\s*(?:to|-|\u2013|,\s*\d+\s*,)\s*\d+\b", re.IGNORECASE
)
REPORTED = re.compile(r"\b(our|the) results\b|\bin (the|our) paper\b", re.IGNORECASE)
PAST = re.compile(
    r"\b(we|were|was|have|had|has been) \w*\s?(run|ran|trained|repeated|made|used|averaged)",
    re.IGNORECASE,
)
# How a thing may be used is no word about what was done.
HOWTO = re.compile(
    r"\b(you can|you may|can be|could be|to run|if you|for example|e\.g\.|use the flag|allows?|"
    r"supports?|lets you|should|will be|planned|future)\b",
    re.IGNORECASE,
)
PLUS_MINUS = re.compile(r"\d\s*%?\s*\$?\s*(±|\+/-|\+-|\\pm|&plusmn;)\s*\$?\s*\d")
METRIC = re.compile(
    r"\b(acc\w*|score|f1|auc|auroc|loss|error|mean|rmse|mae|mse|reward|return|precision|recall|"
    r"map|bleu|perplexity|r2|iou|dice|top-?\d|average)\b|%|\|",
    re.IGNORECASE,
)
RANGED = re.compile(
    r"\bseeds\b|\b(args\.|cfg\.|self\.)?(n_runs|num_runs|n_seeds|num_seeds|n_repeats|num_repeats|"
    r"repeats|runs|repetitions|n_repetitions|n_reps|num_trials|n_trials|replicates|"
    r"n_exps?|num_exps?|n_experiments|num_experiments)\b"
)
# Rounds of whole experiments where each is trained and tested, else steps of one.
ROUNDS = re.compile(r"\b(itr|iters?|rounds|times)\b")
TRAINS = re.compile(r"(^|[._])(train|fit)\w*$", re.IGNORECASE)
TESTS = re.compile(r"(^|[._])(test|eval\w*)$", re.IGNORECASE)
WORK = re.compile(r"(train|fit|experiment|evaluate|run|main|seed|learn)", re.IGNORECASE)
FOLDS = ("*.cross_val_score", "*.cross_validate", "sklearn.model_selection.Repeated*")
SPREADS = ("numpy.std", "numpy.nanstd", "statistics.stdev", "statistics.pstdev", "scipy.stats.sem")
SCORES = re.compile(
    r"(^|[^a-z])(score|acc|accuracy|auc|f1|r2|rmse|mae|fold|cv)s?([^a-z]|$)",
    re.IGNORECASE,
)
SEED_KEY = re.compile(r"^(?:.*\.)?(?:\w*_)?seeds?(?:\.values)?\.\d+$", re.IGNORECASE)
SWEEP = re.compile(
    r"\bseeds?\s*=\s*(?:\d+\s*,\s*\d+|range\(|\[\d+\s*,)|--seeds[ =]+\d+[ ,]+\d+", re.IGNORECASE
)
SEED_OF = re.compile(r"seeds?[ =]+[\"']?\$\{?(\w+)", re.IGNORECASE)
RESULTS = (
    "*result*.csv",
    "*metric*.csv",
    "*score*.csv",
    "*runs*.csv",
    "*seeds*.csv",
    "*result*.tsv",
)
FEWEST = 3


@dataclass
class Repeats:
    """Runs that were repeated, repetitions that are only offered, and folds of one run."""

    stated: list[Evidence] = field(default_factory=list)
    made: list[Evidence] = field(default_factory=list)
    offered: list[Evidence] = field(default_factory=list)
    folds: list[Evidence] = field(default_factory=list)
    unread: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Repeats:
        """Read sentences, loops, lists of seeds, commands and tables of results."""
        found = cls()
        for statement in repo.fact(Statements).all:
            if stated(statement.text):
                found.stated.append(statement.evidence())
        found.from_code(repo)
        found.from_configs(repo)
        for command in script_commands(repo):
            found.from_command(command, found.made)
        for head in seeding(script_commands(repo)):
            found.made.append(head.evidence(f"{quoted(head.text)} gives the seeds"))
        for task in repo.fact(Tasks).all:
            for command in task.commands:
                found.from_command(command, found.made)
        for command in repo.fact(Prose).commands():
            found.from_command(command, found.offered)
        found.from_tables(repo)
        for table in repo.fact(Results).tables:
            seeds = seeds_of(table)
            if len(seeds) > 1:
                where = found.made if len(seeds) >= FEWEST else found.offered
                where.append(table.evidence(f"results of {len(seeds)} seeds"))
            found.stated += [
                Evidence(table.path, row.line, "the lowest and the highest of several results")
                for row in table.rows
                if any(ranged(cell) for cell in row.cells)
            ]
        return found

    def from_code(self, repo: Repository) -> None:
        """Read loops over seeds or runs in code that some entry point reaches."""
        index, values = repo.fact(PythonIndex), repo.fact(Values)
        reached = repo.fact(Flow).entered
        for module in index.live():
            for loop in module.loops:
                if (module.path, loop.scope) in reached and repeats(loop, module):
                    times = count(loop, module, values)
                    seen = Evidence(
                        module.path, loop.line, f"repeats the work {times or '?'} times"
                    )
                    (self.offered if times is None or times < 2 else self.made).append(seen)  # noqa: PLR2004 - once is no repetition
        for call in repo.fact(Flow).calls.named(*FOLDS):
            self.folds.append(call.evidence(f"{call.name} gives one score for each fold"))
        for call in repo.fact(Flow).calls.named(*SPREADS):
            if call.node.args and SCORES.search(as_code(call.node.args[0])[:200]):
                self.folds.append(call.evidence(f"{call.name} tells how far scores lie apart"))

    def from_configs(self, repo: Repository) -> None:
        """Read lists of seeds."""
        for file in repo.fact(Configs).files.values():
            seeds = [entry for entry in file.entries if SEED_KEY.match(entry.key)]
            distinct = {entry.value for entry in seeds if isinstance(entry.value, int)}
            if len(distinct) > 1:
                self.made.append(seeds[0].evidence(f"{len(distinct)} seeds are listed"))

    def from_command(self, command: Command, where: list[Evidence]) -> None:
        """Read shell loops over seeds, job arrays and sweeps."""
        words, text = command.words, command.text
        loop = words[0] == "for" and len(words) > 3 and "seed" in words[1].lower()  # noqa: PLR2004 - for NAME in LIST
        several = loop and (len(words) > 4 or re.search(r"\.\.|seq ", text))  # noqa: PLR2004 - more than one
        if several or SWEEP.search(text):
            where.append(command.evidence(quoted(text)))

    def from_tables(self, repo: Repository) -> None:
        """Read tables of results for those of several seeds."""
        for file in repo.matching(*RESULTS, roles=(Role.DATA, Role.SOURCE, Role.EXAMPLE)):
            if repo.text(file.path) is None:
                self.unread.append(Evidence(file.path, 0, f"not read: {repo.why.get(file.path)}"))
            lines = repo.lines(file.path)[:2000]
            if not lines or len(lines[0]) > 10_000:  # noqa: PLR2004 - no header of a table of results
                continue
            seeds = seeds_in(lines, "\t" if file.path.endswith(".tsv") else ",")
            if len(seeds) >= FEWEST:
                self.made.append(Evidence(file.path, 1, f"results of {len(seeds)} seeds"))


def stated(text: str) -> bool:
    """Say whether a sentence tells of several runs, or gives a spread."""
    wished = HOWTO.search(text) is not None
    told = SUMMARY.search(text) or PAST.search(text) or OVER.search(text)
    if RUNS.search(text) and told and not wished:
        return True
    if COUNTED.search(text) and REPORTED.search(text):
        return True
    return bool(PLUS_MINUS.search(text) and METRIC.search(text))


def seeding(found: Iterable[Command]) -> Iterator[Command]:
    """Yield the heads of shell loops whose variable a command of the same file takes as a seed."""
    heads: dict[tuple[str, str], Command] = {}
    for command in found:
        words = command.words
        name = re.match(r"(\(\()?(\w+)", words[1]) if words[0] == "for" and len(words) > 1 else None
        if name:
            several = name[1] or len(words) > 4 or re.search(r"\.\.|seq ", command.text)  # noqa: PLR2004 - for NAME in A B
            if several and "seed" not in name[2].lower():
                heads[command.path, name[2]] = command
        for used in SEED_OF.findall(command.text):
            if (command.path, used) in heads:
                yield heads.pop((command.path, used))


def repeats(loop: Loop, module: Module) -> bool:
    """Say whether a loop does the same work again: it runs over seeds, or over runs of training."""
    inside = [call for call in module.calls_in.get(loop.scope, ()) if loop.holds(call)]
    if not any(WORK.search(call.name) for call in inside):
        return False
    aim = loop.target
    target = dotted(aim).lower() if isinstance(aim, ast.Name) else ""
    pairs = isinstance(aim, ast.Tuple) and any("seed" in dotted(item).lower() for item in aim.elts)
    over = as_code(loop.over)[:200].lower()
    if "seed" in target or pairs or RANGED.search(over):
        return True
    whole = all(any(sort.search(call.name) for call in inside) for sort in (TRAINS, TESTS))
    made = any(call.name[:1].isupper() for call in inside)
    return whole and made and ROUNDS.search(over) is not None


def count(loop: Loop, module: Module, values: Values) -> int | None:
    """Return how often a loop runs, as far as reading can tell."""
    over = loop.over
    if isinstance(over, ast.Call) and dotted(over.func) in {"enumerate", "tqdm", "trange", "list"}:
        over = over.args[0] if over.args else over
    if isinstance(over, ast.Call) and dotted(over.func).endswith("range") and over.args:
        ends = [values.of(item, module.path, loop.scope) for item in over.args[:2]]
        if not all(isinstance(item.value, int) and item.state is State.FIXED for item in ends):
            last = ends[-1].value
            zero = len(ends) > 1 and ends[0].value == 0
            return last if zero and isinstance(last, int) else None
        numbers = [item.value for item in ends if isinstance(item.value, int)]
        return numbers[-1] - (numbers[0] if len(numbers) > 1 else 0)
    if isinstance(over, ast.Name):
        given = [item.value for item in module.assignments if item.target == over.id]
        over = given[-1] if given and given[-1] is not None else over
    listed = literal(over)
    if isinstance(listed, (list, tuple, set)):
        return len(listed)
    if isinstance(over, ast.Call) and dotted(over.func).endswith("range") and over.args:
        last = values.of(over.args[-1], module.path, loop.scope).value
        return last if isinstance(last, int) and len(over.args) == 1 else None
    return None


def seeds_of(table: Table) -> set[str]:
    """Return the seeds that the rows of a table of results name."""
    columns = [
        n for n, name in enumerate(table.header) if re.search(r"\bseed$", name, re.IGNORECASE)
    ]
    column = columns[0] if columns else None
    return {
        row.cells[column]
        for row in table.rows
        if column is not None and len(row.cells) > column and row.cells[column].isdigit()
    }


def seeds_in(lines: list[str], delimiter: str) -> set[str]:
    """Return the seeds of a table of results, by the first column that is called so."""
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        column = next((n for n, name in enumerate(header) if name.endswith("seed")), None)
        return {row[column] for row in rows if column is not None and len(row) > column}
    except csv.Error:
        return set()
