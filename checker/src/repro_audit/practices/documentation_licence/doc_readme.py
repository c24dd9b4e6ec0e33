"""Judge whether a README explains the project."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit import lazyre as re
from repro_audit.facts.prose import Prose
from repro_audit.facts.quoting import quoted

WORDS = 60
RESIDUE = re.compile(
    r"\bMy Paper Title\b|📋|\bTODO\b|\bREVIEW REQUIRED\b|<your |lorem ipsum|(?<!\w\()\bTBD\b|"
    r"project title here",
    re.IGNORECASE,
)
# A heading over what the authors have in mind was left by nobody.
PLANS = re.compile(r"\s*#+\s*(the )?TODOs?\b[\s:]*(list)?\s*$", re.IGNORECASE)
EMPTY = re.compile(rf"{RESIDUE.pattern}|\bcoming soon\b", re.IGNORECASE)
NOISE = re.compile(r"!\[[^\]]*\]\([^)]*\)|\[[^\]]*\]\([^)]*\)|<[^>]{1,300}>|https?://\S+")


def doc_readme(repo: Repository) -> Verdict:
    """A README at the top says what the project is, in its own words and under headings."""
    readme = repo.fact(Prose).readme
    fix = "Write what the project answers, what is needed, and where things are"
    if readme is None:
        return failed("There is no README.", Evidence(".", 0, "no README at the top"), fix=fix)
    residue = [
        readme.at(number, "left over from a template")
        for number, line in readme.find(RESIDUE.pattern)
        if not PLANS.match(line)
    ]
    own = (line[:2000] for line, _ in readme.prose if not EMPTY.search(line[:2000]))
    words = sum(len(re.findall(r"\w{2,}", NOISE.sub(" ", line))) for line in own)
    if words < WORDS and not (residue and words > WORDS // 2):
        return failed(
            f"The README says almost nothing ({words} words).",
            readme.at(1, f"{words} words"),
            fix=fix,
        )
    if residue:
        return partial("The README holds what a template left there.", *residue, fix=fix)
    if len(readme.headings) <= 1:
        return partial(
            "The README has no sections.", readme.at(1, "no heading below the title"), fix=fix
        )
    seen = [
        readme.at(
            heading.line, f"explains {quoted(heading.text)!r}" if heading.text else "a heading"
        )
        for heading in readme.headings
    ]
    return passed(f"The README explains the project in {words} words.", *seen)
