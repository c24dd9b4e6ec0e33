"""Where data lives: archives that are meant to last, hubs, and places that go away."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.croissant import Croissant
from repro_audit.facts.declarations import Declarations
from repro_audit.facts.getting import getting, own_commands
from repro_audit.facts.origins import Origins
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.quoting import quoted
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

# Prefixes of DOIs that data archives give out; a publisher's DOI is that of a paper.
LASTING = re.compile(
    r"\b10\.(5281/zenodo|5061/dryad|6084/m9|7910/dvn|17605/osf|24432/|13026/|17632/|1594/pangaea|"
    r"18112/openneuro|34740/|57967/hf|3886/icpsr|21227/|15468/|25959/|11588/data|48550/data)|"
    r"zenodo\.org/|datadryad\.org|\bosf\.io/|dataverse|figshare\.com|openml\.org|physionet\.org|"
    r"archive\.ics\.uci\.edu|openneuro\.org|ncbi\.nlm\.nih\.gov|ebi\.ac\.uk|pangaea\.de|"
    r"data\.mendeley\.com|icpsr\.umich\.edu|\b(GSE|PRJNA|PRJEB|E-MTAB-|EGAS|SRP)\d{3,}|"
    r"\bphs\d{6}|hdl\.handle\.net|\bark:/",
    re.IGNORECASE,
)
HUBS = re.compile(
    r"huggingface\.co/datasets|kaggle\.com|github\.com/|raw\.githubusercontent\.com|gitlab\.com/|"
    r"tensorflow\.org/datasets",
    re.IGNORECASE,
)
FLEETING = re.compile(
    r"drive\.google\.com|docs\.google\.com|dropbox\.com|1drv\.ms|onedrive\.live|pan\.baidu\.com|"
    r"mega\.nz|sharepoint\.com|wetransfer|https?://\d{1,3}(\.\d{1,3}){3}|/~\w+|X-Amz-Expires|"
    r"people\.\w+\.\w+/",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"(https?://[^\s)>\"'\]]+|\b10\.\d{4,9}/[^\s)>\"'\]]+)")
# The home page of a person; data there has a name behind it.
PERSON = re.compile(r"/~[\w.-]+/?$|/faculty/homepages/", re.IGNORECASE)
# A picture that a document shows.
SHOWN = re.compile(r"\.(png|jpe?g|gif|svg)(\?\S*)?$", re.IGNORECASE)
KEPT = ("sklearn.datasets.fetch_openml", "openml.*", "ucimlrepo.*", "sklearn.datasets.fetch_*")
MIRRORED = ("torchvision.datasets.*", "keras.datasets.*", "tensorflow.keras.datasets.*")
KEPT_OR_MIRRORED = (*KEPT, *MIRRORED)
HOSTED = ("datasets.load_dataset", "kagglehub.*", "tensorflow_datasets.load", "huggingface_hub.*")


class Homes(NamedTuple):
    """Addresses of data, by how long they may be expected to last."""

    lasting: tuple[Evidence, ...]
    hubs: tuple[Evidence, ...]
    fleeting: tuple[Evidence, ...]
    other: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Homes:
        """Sort the addresses that sections on data, scripts and loaders name."""
        heaps: dict[str, list[Evidence]] = {"lasting": [], "hubs": [], "fleeting": [], "other": []}
        for text, seen in addresses(repo):
            heaps[sort_address(text)].append(seen)
        for call in repo.fact(Origins).named:
            message = call.evidence(f"{call.name} names where the data is kept")
            if matches(call.name, KEPT_OR_MIRRORED):
                heaps["lasting"].append(message)
            elif matches(call.name, HOSTED):
                heaps["hubs"].append(message)
        return cls(*(tuple(heaps[name]) for name in ("lasting", "hubs", "fleeting", "other")))


def sort_address(text: str) -> str:
    """Say what sort of home an address names."""
    if FLEETING.search(text):
        return "fleeting"
    if LASTING.search(text):
        return "lasting"
    return "hubs" if HUBS.search(text) else "other"


def addresses(repo: Repository) -> Iterator[tuple[str, Evidence]]:
    """Yield every address that is one of data, with its place."""
    for section in repo.fact(Declarations).sections:
        for line, number in section.lines:
            for found in ADDRESS.findall(line[:2000]):
                if PERSON.search(found) or SHOWN.search(found):
                    continue
                yield found, section.document.at(number, quoted(found))
    yield from repo.fact(Croissant).addressed()
    for command in getting(own_commands(repo)):
        yield command.text, command.evidence(quoted(command.text))
    index = repo.fact(PythonIndex)
    fetching = {item.path for item in repo.fact(Origins).fetched}
    for module in index.live():
        if module.path in fetching and module.path.endswith((".py", ".ipynb")):
            for text in module.texts:
                if ADDRESS.match(text.value) and not re.search(r"\.pth?$|\.png$", text.value):
                    yield text.value, Evidence(module.path, text.line, quoted(text.value))
