"""What fixes the content of data that comes from outside: versions, revisions, digests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.croissant import LOADER, loaded
from repro_audit.facts.data import Data
from repro_audit.facts.digests import comparisons, recorded, sum_commands
from repro_audit.facts.getting import getting, own_commands
from repro_audit.facts.origins import Origins
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.quoting import quoted
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

COMMIT = re.compile(r"\b[0-9a-f]{40}\b")
MOVING = {"main", "master", "latest", "head", "active", "default"}
# These packages hold the digests of the files that they fetch.
VERIFIED = (
    "torchvision.datasets.*",
    "sklearn.datasets.fetch_*",
    "keras.datasets.*",
    "tensorflow.keras.datasets.*",
    "torchaudio.datasets.*",
    "medmnist.*",
)
FILES = {
    "csv",
    "json",
    "parquet",
    "text",
    "imagefolder",
    "audiofolder",
    "arrow",
    "pandas",
    "webdataset",
}
DATED = re.compile(r"(?<!\d)(19|20)\d\d[-_]?(0[1-9]|1[0-2])[-_]?([0-2]\d|3[01])(?!\d)")
VERSIONED = re.compile(r"/v?\d+\.\d+(\.\d+)?/|/versions?/\d+|zenodo\.org/(api/)?records?/\d+")


@dataclass
class Pins:
    """References that are fixed, fixed by a name that can move, not fixed, and of unclear state."""

    fixed: list[Evidence] = field(default_factory=list)
    tags: list[Evidence] = field(default_factory=list)
    loose: list[Evidence] = field(default_factory=list)
    unclear: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Pins:
        """Judge every reference to data from outside."""
        found = cls()
        values, origins = repo.fact(Values), repo.fact(Origins)
        modules = repo.fact(PythonIndex).modules
        sums, _ = sum_commands(repo, own_commands(repo))
        checked = [*comparisons(repo), *sums]
        found.fixed += [*checked, *recorded(repo)[0], *(subdatasets(repo))]
        for call in origins.named:
            if call.name == LOADER:
                found.croissant(call, repo)
            else:
                found.loader(call, values)
        for target in repo.fact(Data).targets:
            heap = found.fixed if "torchvision" in target.message else found.unclear
            heap.append(target)
        addresses = [
            (item, [*item.words]) for item in (*getting(own_commands(repo)),) if "://" in item.text
        ]
        for command, words in addresses:
            found.address(" ".join(words), command.evidence(quoted(command.text)), bool(checked))
        at = {(item.path, item.line) for item in origins.fetched}
        for call in repo.fact(Data).fetched:
            if (call.path, call.line) in at:
                texts = [text.value for text in modules[call.path].texts if "://" in text.value]
                seen = call.evidence(f"{call.name} fetches what stands there today")
                found.address(" ".join(texts), seen, bool(checked))
        return found

    def address(self, text: str, seen: Evidence, checked: bool) -> None:
        """Judge an address by what it names."""
        if checked:
            self.fixed.append(seen)
        elif COMMIT.search(text) or DATED.search(text) or VERSIONED.search(text):
            self.fixed.append(Evidence(seen.path, seen.line, "the address names a version"))
        elif "://" in text:
            self.loose.append(seen)
        else:
            self.unclear.append(seen)

    def loader(self, call: Call, values: Values) -> None:
        """Judge one loader of a named data set."""
        if matches(call.name, ("sklearn.datasets.fetch_openml", "openml.*.get_dataset")):
            self.openml(call)
        elif matches(call.name, VERIFIED):
            self.fixed.append(call.evidence(f"{call.name} knows the digests of its files"))
        elif matches(call.name, ("datasets.load_dataset", "huggingface_hub.*download")):
            self.hub(call, values)
        elif call.name.startswith("tensorflow_datasets."):
            name = call.literal("name", 0)
            fixed = isinstance(name, str) and re.search(r":\d+\.\d+\.\d+$", name)
            heap = self.fixed if fixed else self.loose
            heap.append(call.evidence(f"{call.name} of {name or 'a name'}"))
        elif call.name == "kagglehub.dataset_download":
            handle = str(call.literal("handle", 0) or "")
            heap = self.fixed if "/versions/" in handle else self.loose
            heap.append(call.evidence(f"kagglehub takes {handle or 'a data set'}"))
        elif call.argument("version") is not None:
            self.fixed.append(call.evidence(f"{call.name} is given a version"))
        else:
            self.unclear.append(call.evidence(f"{call.name} names no version"))

    def croissant(self, call: Call, repo: Repository) -> None:
        """A description that stands here fixes the files whose digests it holds."""
        name, found = loaded(call, repo)
        if found is not None and found.fixed:
            self.fixed.append(call.evidence(f"{found.path} holds the digest of each file"))
        elif found is not None:
            self.loose.append(call.evidence(f"{found.path} holds no digest of some files"))
        elif "://" in name:
            self.tags.append(call.evidence(f"the description at {quoted(name)} can change"))
        else:
            self.unclear.append(call.evidence("the description that is loaded is not resolved"))

    def openml(self, call: Call) -> None:
        """OpenML numbers fix a data set; a name means the version that is active today."""
        number = call.argument("data_id") or call.argument("dataset_id")
        version = call.literal("version", 1)
        fixed = number is not None or (isinstance(version, int) and not isinstance(version, bool))
        fixed = fixed or isinstance(call.literal("dataset_id", 0), int)
        heap = self.fixed if fixed else self.loose
        heap.append(call.evidence(f"{call.method} by {'a number' if fixed else 'name alone'}"))

    def hub(self, call: Call, values: Values) -> None:
        """A revision of the hub: a commit fixes, a tag can move, none means the newest."""
        if call.literal("path", 0) in FILES:
            return
        given = call.argument("revision")
        if given is None:
            self.loose.append(call.evidence(f"{call.method} without a revision takes the newest"))
            return
        value = values.of(given, call.path, call.scope)
        text = str(value.value) if value.state is State.FIXED else ""
        if COMMIT.fullmatch(text):
            self.fixed.append(call.evidence(f"{call.method} at the commit {text[:12]}"))
        elif text.lower() in MOVING or value.state is State.ABSENT:
            self.loose.append(call.evidence(f"{call.method} at {text or 'no revision'}"))
        elif text:
            self.tags.append(call.evidence(f"{call.method} at {text}, a name that can move"))
        else:
            self.unclear.append(call.evidence(f"{call.method} at a revision that is not resolved"))


def subdatasets(repo: Repository) -> list[Evidence]:
    """Return the submodules and DataLad subdatasets that hold data: git fixes their commit."""
    if ".gitmodules" not in repo.by_path:
        return []
    return [
        Evidence(".gitmodules", number, "git fixes the commit of the submodule that holds data")
        for number, line in enumerate(repo.lines(".gitmodules"), 1)
        if re.search(r"path\s*=\s*\S*data", line)
    ]
