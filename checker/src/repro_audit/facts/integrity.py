"""Which data is checked byte by byte, which by the package that loads it, and which by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.croissant import LOADER, loaded
from repro_audit.facts.data import Data
from repro_audit.facts.digests import comparisons, given_digests, recorded, sum_commands
from repro_audit.facts.getting import getting, own_commands
from repro_audit.facts.origins import Origins, is_data
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import Place, PythonIndex, matches
from repro_audit.facts.quoting import quoted

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

# Loaders that compare what they download with digests of their own (read in torchvision 0.20,
# Keras 3, TensorFlow Datasets 4 and scikit-learn 1.5).
VERIFIED = (
    "torchvision.datasets.*",
    "keras.datasets.*",
    "tensorflow.keras.datasets.*",
    "tensorflow_datasets.*",
    "sklearn.datasets.fetch_*",
    "medmnist.*",
    "avalanche.benchmarks.*",
)
# Classes of torchvision that read what somebody put there, and check nothing.
UNCHECKED = re.compile(
    r"\.(LSUN\w*|CocoDetection|CocoCaptions|Flickr\d+k|Cityscapes|HMDB51|UCF101|Kinetics\w*|SBDataset)$"
)


class Integrity(NamedTuple):
    """Checks of the project's own, of tools and of loaders, and data that nobody checks.

    `beside` are checks of files that the code does not read.
    """

    checked: tuple[Evidence, ...]
    recorded: tuple[Evidence, ...]
    verified: tuple[Evidence, ...]
    loose: tuple[Evidence, ...]
    beside: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Integrity:
        """Sort loaders, downloads and commands by what they check."""
        own = list(own_commands(repo))
        sums, beside = sum_commands(repo, iter(own))
        checked = (*comparisons(repo), *sums)
        index, verified, loose = repo.fact(PythonIndex), [], []
        for call in repo.fact(Origins).named:
            if verifies(call, index) or described(call, repo):
                verified.append(call.evidence(f"{call.name} checks what it downloads"))
            else:
                loose.append(call.evidence(f"{call.name} takes the bytes as they come"))
        given = {
            (item.path, item.line) for found in given_digests(index.made).values() for item in found
        }
        loose += [
            call.evidence(f"{call.name} takes the bytes as they come")
            for call in repo.fact(Data).fetched
            if (call.path, call.line) not in given and is_data(call, index.modules[call.path])
        ]
        told = [item for document in repo.fact(Prose).documents for item in document.commands]
        loose += [
            item.evidence(f"fetches without a check: {quoted(item.text)}")
            for item in getting(iter([*own, *told]))
            if item.words[:1] not in {("dvc",), ("datalad",)} and item.words[:2] != ("git", "annex")
        ]
        kept, others = recorded(repo)
        return cls(checked, tuple(kept), tuple(verified), tuple(loose), (*beside, *others))


def described(call: Call, repo: Repository) -> bool:
    """Say whether mlcroissant loads by a description of the repository that holds all digests."""
    if call.name != LOADER:
        return False
    _, found = loaded(call, repo)
    return found is not None and found.fixed


def verifies(call: Call, index: PythonIndex) -> bool:
    """Say whether a loader checks what it loads; a subclass may have switched that off."""
    if matches(call.name, VERIFIED):
        return not UNCHECKED.search(call.name)
    place = index.locate(call.name, call.path, call.scope)
    if place is None:
        return False
    return sound(place, index)


def sound(place: Place, index: PythonIndex) -> bool:
    """Say whether a class of the repository keeps the check of the loader that it extends."""
    module = index.modules[place.path]
    kind = module.classes.get(place.name)
    if kind is None or f"{place.name}._check_integrity" in module.functions:
        return False
    return any(matches(base, VERIFIED) and not UNCHECKED.search(base) for base in kind.bases)
