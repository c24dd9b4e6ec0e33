"""Judge whether the size and make-up of the data is reported."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit import lazyre as re
from repro_audit.facts.croissant import Croissant
from repro_audit.facts.declarations import Declarations
from repro_audit.facts.origins import Origins
from repro_audit.facts.prose import Prose

COUNT = (
    # The year of a data set counts nothing: COCO 2017 train images.
    r"\b(?!(?:19|20)\d\d\s+(?:train|val|test|challenge))"
    r"\d[\d,.' _]*\s*(k|m|million|thousand)?\s+(\w+[- ]){0,3}(samples|images|rows|records|"
    r"events|examples|sentences|documents|patients|subjects|participants|recordings|instances|points|"
    r"classes|graphs|showers|videos|tokens|observations|utterances|pictures|reviews)\b|"
    r"\bnum_examples\s*:\s*\d+"
)
PARTS = r"\b(train\w*|test|valid\w*|val|per class|each class|class(es)?|label|kinds?)\b"
OTHER = re.compile(
    r"\bbatch|\bepochs?\b|\bworkers?\b|\bgpus?\b|\biterations?\b|\bsteps\b|optimi[sz]er|"
    r"\bper (second|minute|hour|node)\b|\bpoints? of\b|\blayers\b",
    re.IGNORECASE,
)
PAPER = r"arxiv\.org|doi\.org/10\.(?!5281/|6084/|5061/)|\bpaper\b"


def data_statistics(repo: Repository) -> Verdict:
    """Numbers of samples are given, in all and for each part or class."""
    if not repo.fact(Origins).any:
        return not_applicable("The code reads no data.")
    counts = [item for item in repo.fact(Declarations).saying(COUNT) if counted(item.message)]
    described = repo.fact(Croissant).saying("description")
    counts += [item for item in described if counted(item.message)]
    fix = "Write how many samples there are in all, for each split and for each class"
    split = [item for item in counts if re.search(PARTS, counted(item.message), re.IGNORECASE)]
    if split:
        return passed("The size of the data and of its parts is reported.", *split, *counts)
    if counts:
        return partial("Only the size as a whole is reported.", *counts, fix=fix)
    readme = repo.fact(Prose).readme
    papers = list(readme.find(PAPER)) if readme else []
    if readme and papers:
        place = readme.at(papers[0][0], "names a paper")
        return unknown("No numbers are given here; a paper may hold them.", place, fix=fix)
    sections = [item.at("says nothing of its size") for item in repo.fact(Declarations).sections]
    seen = sections or ([readme.at(1, "says nothing of the size of the data")] if readme else [])
    if not seen:
        return unknown("There is no document that could hold numbers.", fix=fix)
    return failed("The size of the data is reported nowhere.", *seen, fix=fix)


def counted(text: str) -> str:
    """Return the sentences that count data: what a model, a run or a machine does is none of it."""
    sentences = re.split(r"(?<=[.;!?])\s+", text)
    own = [item for item in sentences if not OTHER.search(item)]
    return " ".join(item for item in own if re.search(COUNT, item, re.IGNORECASE))
