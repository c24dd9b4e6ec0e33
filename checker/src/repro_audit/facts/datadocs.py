"""What the documents say of data: with an address, without one, or by a well-known name only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.data import Data
from repro_audit.facts.notebooks import Notebooks
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import LIVE
from repro_audit.facts.quoting import quoted
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.documents import Document, Heading
    from repro_audit.repository import Repository

ADDRESS = re.compile(r"https?://|\b10\.\d{4,9}/\S+|doi\.org", re.IGNORECASE)
# A paper says who made the data; it is not where the data is.
PAPERS = re.compile(
    r"(https?://)?(?<![\w.])[\w.]*(arxiv\.org|openreview\.net|aclanthology\.org|papers\.nips\.cc|"
    r"proceedings\.mlr\.press|semanticscholar\.org|dl\.acm\.org|ieeexplore\.ieee\.org)/[^\s)>\]]*",
    re.IGNORECASE,
)
ABOUT = r"\bdata(set|sets)?\b|\bcorpus\b|\bcorpora\b|\bbenchmarks?\b"
MADE = re.compile(r"\b(simulat|generat|synthe|random)\w*", re.IGNORECASE)
# Places whose pages are those of data sets only; Zenodo and its like hold anything.
HOSTS = re.compile(
    r"kaggle\.com/(c|competitions|datasets)/|archive\.ics\.uci\.edu|"
    r"huggingface\.co/datasets/|physionet\.org|openml\.org|dataverse|datadryad\.org|"
    r"image-net\.org|cocodataset\.org|data\.gov|ieee-dataport|data\.mendeley|opendata|"
    r"drivendata\.org|ncbi\.nlm\.nih\.gov/(geo|sra)|ebi\.ac\.uk|pangaea\.de|cs\.toronto\.edu/~kriz",
    re.IGNORECASE,
)
SPOKEN = re.compile(
    r"\b(data ?sets?|corpus|corpora|(training|raw|original) data|data (is|are|can be|were))\b",
    re.IGNORECASE,
)
BESIDE_DATA = re.compile(r"(^|/)(data|datasets?|corpus)/([^/]+/){0,2}readme[^/]*$", re.IGNORECASE)
WWW = re.compile(r"\bwww\.[\w-]+\.\w")
WEIGHTS = re.compile(r"checkpoint|weights\b|pre-?trained", re.IGNORECASE)
DATA_ALONE = re.compile(
    r"^(the )?(raw |training )?(data|data ?sets?|corpus|corpora)$", re.IGNORECASE
)
# Data sets that are known by name; a name alone says what, not where.
WELL_KNOWN = re.compile(
    r"\b(ImageNet(-?\w+)?|CIFAR-?100?|(Fashion-?)?MNIST|SVHN|MS-?COCO|COCO|CelebA|LSUN|KITTI|"
    r"Places365|iNaturalist\w*|Penn Treebank|PTB|Wiki[Tt]ext-?\d+|SQuAD|GLUE|LibriSpeech|ADE20K|"
    r"Cityscapes|Pascal VOC|UCI|MIMIC-?(III|IV)|MovieLens|Cora|Citeseer|PubMed|OpenWebText|C4|"
    r"The Pile|LAION\S*)\b"
)


class DataDocs(NamedTuple):
    """Lines that give data an address, sections that speak of data without, and mere names.

    `nameless` are those of the sections that stand in a folder of its own, are about its data alone
    and name a known set: another folder's address does not speak for them.
    """

    addressed: tuple[Evidence, ...]
    bare: tuple[Evidence, ...]
    mentioned: tuple[Evidence, ...]
    nameless: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> DataDocs:
        """Read the sections on data of every document, then the prose of the README."""
        addressed: list[Evidence] = []
        bare: list[Evidence] = []
        nameless: list[Evidence] = []
        prose = repo.fact(Prose)
        for document in prose.documents:
            good, poor = sections(document)
            addressed += good
            bare += poor
            if "/" in document.path and not good:
                nameless += [item for item in poor if names_data(document, item.line)]
        linked = [
            *within(prose.documents),
            *hosted(prose.guide()),
            *referred(prose.guide()),
            *imported(repo),
            *noted(repo),
            *commented(repo),
        ]
        mentioned = [
            document.at(number, "names a data set without an address")
            for document in prose.guide()
            for text, number in document.prose
            if WELL_KNOWN.search(text[:2000])
        ]
        return cls((*addressed, *linked), tuple(bare), tuple(mentioned[:5]), tuple(nameless))


def within(documents: tuple[Document, ...]) -> Iterator[Evidence]:
    """Yield the addresses in the read-me files of data folders, which have no section on data."""
    for document in documents:
        if not BESIDE_DATA.search(document.path):
            continue
        for text, number in document.prose:
            if ADDRESS.search(PAPERS.sub(" ", text[:2000])) or WWW.search(text[:2000]):
                yield document.at(number, "gives the address of the data beside it")
                break


def sections(document: Document) -> tuple[list[Evidence], list[Evidence]]:
    """Return the sections on data with an address or a way to make it, and those without."""
    good: list[Evidence] = []
    poor: list[Evidence] = []
    for heading in document.section(ABOUT):
        at = address(document, heading)
        if at:
            said = f"the section {quoted(heading.text)!r} says where data comes from"
            good.append(document.at(at, said))
        elif sum(len(text.split()) for text in body(document, heading)) > 5:  # noqa: PLR2004 - a stub
            said = f"the section {quoted(heading.text)!r} gives no address"
            poor.append(document.at(heading.line, said))
    return good, poor


def names_data(document: Document, line: int) -> bool:
    """Say whether the section at a line is about data alone, and names a known data set."""
    return any(
        heading.line == line
        and DATA_ALONE.match(heading.text.strip())
        and any(WELL_KNOWN.search(text[:2000]) for text in body(document, heading))
        for heading in document.headings
    )


def body(document: Document, heading: Heading) -> tuple[str, ...]:
    """Return the lines of a section below its heading."""
    return document.lines[heading.line : heading.end]


def address(document: Document, heading: Heading) -> int:
    """Return the line of a section that gives an address, or says how data is made; else 0."""
    for number, line in enumerate(body(document, heading), heading.line + 1):
        if ADDRESS.search(PAPERS.sub(" ", line[:2000])) or MADE.search(line[:2000]):
            return number
    return 0


def referred(documents: tuple[Document, ...]) -> Iterator[Evidence]:
    """Yield lines that name a well-known data set and a numbered reference with an address."""
    for document in documents:
        listed = {
            found.group(1): text
            for text, _ in document.prose
            if (found := re.match(r"\s*\[(\d{1,3})\]:?\s", text[:20]))
        }
        for text, number in document.prose:
            line = text[:2000]
            known = WELL_KNOWN.search(line) and not re.match(r"\s*\[\d", line)
            marks = re.findall(r"\[(\d{1,3})\]", line) if known else []
            if any(ADDRESS.search(listed.get(mark, "")[:2000]) for mark in marks):
                yield document.at(number, "names a data set, and the reference has its address")


def imported(repo: Repository) -> Iterator[Evidence]:
    """Yield the addresses from which DVC imported a file."""
    for file in repo.matching("*.dvc"):
        for number, line in enumerate(repo.lines(file.path), 1):
            if re.match(r"\s*(- )?(url|path): *(https?|s3|gs|azure|ssh)://\S", line):
                yield Evidence(file.path, number, "DVC brought the data from here")


def noted(repo: Repository) -> Iterator[Evidence]:
    """Yield the lines of the text in notebooks that give the address of data."""
    for notebook in repo.fact(Notebooks).all:
        for text, number in notebook.notes:
            if repo.by_path[notebook.path].role in LIVE and tells_data(text[:2000]):
                yield Evidence(notebook.path, number, "gives the address of data")


def tells_data(line: str) -> bool:
    """Say whether a line gives an address of data."""
    addressed = ADDRESS.search(PAPERS.sub(" ", line))
    spoken = SPOKEN.search(line) and addressed and not WEIGHTS.search(line)
    return bool(spoken or HOSTS.search(line))


def hosted(documents: tuple[Document, ...]) -> Iterator[Evidence]:
    """Yield the lines that link a place of data sets, or an address beside the word."""
    for document in documents:
        for text, number in document.prose:
            if tells_data(text[:2000]):
                yield document.at(number, "gives the address of data")


def commented(repo: Repository) -> Iterator[Evidence]:
    """Yield the comments that give the address of data, in code that reads some."""
    for path in sorted({call.path for call in repo.fact(Data).reads if call.path.endswith(".py")}):
        for number, line in enumerate(repo.lines(path), 1):
            text = line.strip()[:2000]
            if text.startswith("#") and "://" in text and tells_data(text):
                yield Evidence(path, number, "a comment gives the address of data")
