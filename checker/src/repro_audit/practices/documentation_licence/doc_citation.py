"""Judge whether the work can be cited."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit.facts.configs import read_yaml
from repro_audit.facts.prose import Prose

# A link to a paper at its publisher, or under words that say so.
PAPER = (
    r"openreview\.net/|aclanthology\.org/|aclweb\.org/|proceedings\.mlr\.press|papers\.nips\.cc|"
    r"proceedings\.neurips\.cc|openaccess\.thecvf|ieeexplore|dl\.acm\.org|link\.springer|"
    r"nature\.com/articles|sciencedirect|biorxiv\.org|/publications?/|/papers?/|"
    r"\[(the |our )?paper\]\(|\b(described|introduced|proposed|presented) in \[|"
    r"\b(inspired by|implementation of|based on)( the)?( paper)? \[[^\]]{25,200}\]\(http"
)
NEEDED = ("title", "authors", "cff-version")


def doc_citation(repo: Repository) -> Verdict:
    """A citation file, or a BibTeX entry in the README, names authors and title."""
    fix = "Add a CITATION.cff with title, authors, version and date"
    broken: list[Evidence] = []
    for file in repo.matching("citation.cff"):
        entries = read_yaml(file.path, repo.text(file.path) or "")
        keys = {entry.key.split(".")[0] for entry in entries if entry.value not in {None, ""}}
        missing = [key for key in NEEDED if key not in keys]
        seen = Evidence(
            file.path, 1, f"lacks {', '.join(missing)}" if missing else "names authors and title"
        )
        if not missing:
            return passed("A citation file names the work.", seen)
        broken.append(seen)
    for file in repo.matching(
        "codemeta.json", "citation.bib", "citation", "citation.md", "citation.txt"
    ):
        return passed("A citation file names the work.", Evidence(file.path, 1, "citation data"))
    for document in repo.fact(Prose).guide():
        for number, _ in document.find(
            r"^\s*@(article|inproceedings|misc|software|book|phdthesis|techreport|conference)\s*\{"
        ):
            return passed("A BibTeX entry names the work.", document.at(number, "BibTeX entry"))
    if broken:
        return partial("The citation file is not complete.", *broken, fix=fix)
    for document in repo.fact(Prose).guide()[:1]:
        for number, _ in document.find(
            # A badge may be the placeholder of a template.
            rf"arxiv\.org/|doi\.org/10\.|\bcite\b|\bcitation\b|\bour paper\b|"
            rf"^(?!\s*\[!\[).*({PAPER})"
        ):
            return partial(
                "The paper is mentioned without citation data.",
                document.at(number, "a mention only"),
                fix=fix,
            )
    return failed(
        "Nothing says how to cite the work.",
        Evidence(".", 0, "no CITATION.cff, codemeta.json or BibTeX"),
        fix=fix,
    )
