"""What plain reading says of a study in R: its packages, its lock, and where it is seeded.

R has one source of random numbers, which `set.seed` seeds; renv's lock names the version of R and
of every package with its digest (documentation of base R and of renv). R is not parsed: what its
code does beyond these lines is unknown.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.quoting import quoted
from repro_audit.model import Evidence, Verdict, failed, partial, passed, unknown
from repro_audit.roles import Role

if TYPE_CHECKING:
    from repro_audit.repository import Repository

COMMENT = re.compile(r"^\s*#|#[^\"']*$")
USED = re.compile(
    r"\b(?:library|require|requireNamespace)\(\s*[\"']?([A-Za-z][\w.]*)|\b([A-Za-z][\w.]*)::"
)
SEED = re.compile(r"\bset\.seed\(\s*(\d+)L?\s*[,)]")
DRAWS = re.compile(
    r"\b(sample|sample_n|sample_frac|slice_sample|r(?:norm|unif|binom|pois|gamma|beta|exp|t|chisq)|"
    r"createDataPartition|createFolds|initial_split|vfold_cv|bootstraps|kmeans|cv\.glmnet|"
    r"randomForest|ranger|train)\("
)
# Each target of such a pipeline has a seed of its own, made from its name.
PIPELINE = re.compile(r"\btar_(target|option_set|source)\(")
SHIPPED = frozenset(
    {"base", "stats", "utils", "methods", "graphics", "grDevices", "datasets", "tools", "parallel"}
    | {"grid", "splines", "stats4", "compiler", "tcltk"}
)


class RCode(NamedTuple):
    """Scripts in R of a repository without Python, and what was seen in them; else nothing.

    `seeded` and `loose` say of each script that draws whether a fixed seed is set before its first
    draw; `lock` holds name, version and digest of each package of renv.lock.
    """

    scripts: tuple[str, ...] = ()
    packages: tuple[tuple[str, Evidence], ...] = ()
    seeded: tuple[Evidence, ...] = ()
    loose: tuple[Evidence, ...] = ()
    pipeline: bool = False
    lock: tuple[tuple[str, str, str], ...] = ()
    version: str = ""

    @classmethod
    def collect(cls, repo: Repository) -> RCode:
        """Read the lines of all scripts, and renv.lock at the root."""
        roles = (Role.SOURCE, Role.EXAMPLE)
        scripts = tuple(file.path for file in repo.matching("*.r", roles=roles))
        if not scripts or repo.matching("*.py", "*.ipynb", roles=roles):
            return cls()
        packages: dict[str, Evidence] = {}
        seeded: list[Evidence] = []
        loose: list[Evidence] = []
        for path in scripts:
            first = read_script(path, repo.lines(path), packages)
            if first is not None:
                (seeded if SEED.search(first.message) else loose).append(first)
        text = "\n".join(repo.text(path) or "" for path in scripts)
        lock, version = read_lock(repo.text("renv.lock") or "")
        return cls(
            scripts,
            tuple(sorted(packages.items())),
            tuple(seeded),
            tuple(loose),
            PIPELINE.search(text) is not None,
            lock,
            version,
        )

    @property
    def unlocked(self) -> list[Evidence]:
        """Where packages are loaded that the lock does not hold."""
        held = {name for name, _, _ in self.lock}
        return [seen for name, seen in self.packages if name not in held]


def read_script(path: str, lines: list[str], packages: dict[str, Evidence]) -> Evidence | None:
    """Note the packages of a script; return its first fixed seed or draw, whichever is first."""
    first: Evidence | None = None
    for number, raw in enumerate(lines, 1):
        line = COMMENT.sub("", raw[:2000])
        for one, other in USED.findall(line):
            name = one or other
            if name not in SHIPPED:
                packages.setdefault(name, Evidence(path, number, f"{name} is loaded"))
        if first is None and (SEED.search(line) or DRAWS.search(line)):
            first = Evidence(path, number, quoted(line))
    return first


def read_lock(text: str) -> tuple[tuple[tuple[str, str, str], ...], str]:
    """Return name, version and digest of the packages of renv.lock, and the version of R."""
    try:
        document: Any = json.loads(text)
        found = tuple(
            (str(name), str(item.get("Version", "")), str(item.get("Hash", "")))
            for name, item in document["Packages"].items()
        )
        return found, str(document.get("R", {}).get("Version", ""))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return (), ""


def r_packages(repo: Repository, *, locked: bool) -> Verdict | None:
    """Judge whether the packages of a study in R are fixed, or locked too; None without R."""
    study = repo.fact(RCode)
    if not study.scripts:
        return None
    if not study.lock:
        seen = [item for _, item in study.packages]
        return unknown(
            "The packages of R are in no renv.lock; no other list of them is read.", *seen
        )
    fix = "Rscript -e 'renv::snapshot()'"
    if study.unlocked:
        return partial("renv.lock lacks packages that the code loads.", *study.unlocked, fix=fix)
    whole = Evidence("renv.lock", 1, f"fixes {len(study.lock)} packages of R")
    if locked and not all(version and digest for _, version, digest in study.lock):
        return partial("renv.lock has no digest for some packages.", whole, fix=fix)
    return passed("renv.lock fixes the packages of R.", whole)


def r_seeds(repo: Repository) -> Verdict | None:
    """Judge whether scripts in R are seeded before they draw; None without R."""
    study = repo.fact(RCode)
    if not study.scripts:
        return None
    if study.pipeline:
        return unknown("The pipeline in R gives each target a seed; a run shows what it fixes.")
    if study.seeded and not study.loose:
        return passed("Each script in R that draws sets a fixed seed before.", *study.seeded)
    if study.loose and not study.seeded:
        fix = "Call set.seed with a number at the top of the script"
        return failed("Scripts in R draw and set no seed before.", *study.loose, fix=fix)
    seen = (*study.seeded, *study.loose)
    return unknown("Whether the code in R draws before a seed is set is not seen.", *seen)
