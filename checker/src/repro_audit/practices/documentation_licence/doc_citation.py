"""Judge whether the work can be cited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit import lazyre as re
from repro_audit.facts.configs import read_yaml
from repro_audit.facts.declarations import OPEN
from repro_audit.facts.prose import Prose

if TYPE_CHECKING:
    from repro_audit.facts.documents import Document

# A link to a paper at its publisher, or under words that say so.
PAPER = (
    r"openreview\.net/|aclanthology\.org/|aclweb\.org/|proceedings\.mlr\.press|papers\.nips\.cc|"
    r"proceedings\.neurips\.cc|openaccess\.thecvf|ieeexplore|dl\.acm\.org|link\.springer|"
    r"nature\.com/articles|sciencedirect|biorxiv\.org|/publications?/|/papers?/|"
    r"\b(the|our) paper,? \[[^\]]{10,300}\]\(http|\[(the |our )?paper\]\(|"
    r"\b(described|introduced|proposed|presented) in \[|"
    r"\b(inspired by|implementation of|based on)( the)?( paper)? \[[^\]]{25,200}\]\(http"
)
MENTION = rf"arxiv\.org/|doi\.org/10\.|\bcite\b|\bcitation\b|\bour paper\b|^(?!\s*\[!\[).*({PAPER})"
CITED = re.compile(r"@\w+\s*\{|\bauthors?\b|\bdoi\b|\b(19|20)\d\d\b", re.IGNORECASE)
OTHERS = re.compile(
    r"\b(references|bibliography|acknowledge?ments?|credits|related)\b", re.IGNORECASE
)
ASKS = re.compile(r"\b(cite|citing|citation)\b|\bif you (use|find)\b", re.IGNORECASE)
NEEDED = ("title", "authors", "cff-version")


def doc_citation(repo: Repository) -> Verdict:
    """A citation file, or a BibTeX entry in the README, names authors and title."""
    fix = "Add a CITATION.cff with title, authors, version and date"
    broken: list[Evidence] = []
    for file in repo.matching("citation.cff"):
        entries = read_yaml(file.path, repo.text(file.path) or "")
        # What is to be cited instead, such as a paper, names authors and title too.
        told = [
            entry.key.removeprefix("preferred-citation.") for entry in entries if says(entry.value)
        ]
        keys = {key.split(".")[0] for key in told}
        missing = [key for key in NEEDED if key not in keys]
        seen = Evidence(
            file.path, 1, f"lacks {', '.join(missing)}" if missing else "names authors and title"
        )
        if not missing:
            return passed("A citation file names the work.", seen)
        broken.append(seen)
    names = ("codemeta.json", "citation.bib", "citation", "citation.md", "citation.txt")
    for file in repo.matching(*names):
        text = "\n".join(line for line in repo.lines(file.path) if says(line))
        if CITED.search(text[:20_000]):
            seen = Evidence(file.path, 1, "citation data")
            return passed("A citation file names the work.", seen)
        broken.append(Evidence(file.path, 1, "names no authors or title"))
    for document in repo.fact(Prose).guide():
        for number, _ in document.find(
            r"^\s*@(article|inproceedings|misc|software|book|phdthesis|techreport|conference)\s*\{"
        ):
            if of_others(document, number):
                continue
            return passed("A BibTeX entry names the work.", document.at(number, "BibTeX entry"))
    if broken:
        return partial("The citation file is not complete.", *broken, fix=fix)
    for document in repo.fact(Prose).guide()[:1]:
        titles = {heading.line for heading in document.headings}
        # A badge may be the placeholder of a template.
        for number, line in document.find(MENTION):
            if number not in titles and says(line):
                seen = document.at(number, "a mention only")
                return partial("The paper is mentioned without citation data.", seen, fix=fix)
    return failed(
        "Nothing says how to cite the work.",
        Evidence(".", 0, "no CITATION.cff, codemeta.json or BibTeX"),
        fix=fix,
    )


def of_others(document: Document, number: int) -> bool:
    """Say whether an entry stands in a list of what the work itself cites."""
    near = [item for item in document.headings if item.line <= number <= item.end]
    if not (near and OTHERS.search(near[0].text)):
        return False
    return not any(ASKS.search(line[:500]) for line in document.lines[near[0].line - 1 : number])


def says(value: object) -> bool:
    """Say whether a value is there and no placeholder."""
    return value not in {None, ""} and not OPEN.search(str(value)[:2000])
