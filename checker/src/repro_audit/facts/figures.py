"""Figures: what code writes, what it only shows, and pictures that lie in the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import matches
from repro_audit.facts.results import RESULT
from repro_audit.facts.sections import own_documents
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

WRITES = (
    "*.savefig",
    "*.write_image",
    "*.write_html",
    "*.imsave",
    "imageio.*",
    "cv2.imwrite",
    "*.to_latex",
    "*.to_markdown",
    "*save_image",
    "mlflow.log_figure",
    "wandb.Image",
    "wandb.plot.*",
    "*.add_figure",
    "*.add_image*",
    "tabulate.tabulate",
    "*.save_figure",
)
SHOWS = ("matplotlib.pyplot.show", "*.imshow", "*.show")
PLOTTERS = ("matplotlib", "plotly", "seaborn")
DRAWS = ("matplotlib.pyplot.*", "seaborn.*", "plotly.*", "bokeh.*", "altair.*", "*.plot", "*.hist")
STYLES = re.compile(
    r"\.(set|use|style|palette|theme|context|rc|RcParams|config|option)(_|$|\.)|_(palette|style)$"
)
FILES = re.compile(
    r"(^|/)(fig(ure)?s?|plots?|graphs?|charts?)/.+\.(png|pdf|svg|jpe?g|eps)$|"
    r"(^|/)[^/]*(loss|accuracy|roc|curve|confusion|histogram|_plot|results?)[^/]*\.(png|pdf|svg|eps)$",
    re.IGNORECASE,
)
NO_PLOT = re.compile(
    r"badge|shields|logo|architecture|overview|diagram|banner|teaser", re.IGNORECASE
)
IMAGE = re.compile(r"!\[[^\]]{0,300}\]\(|<img\s|\\includegraphics|^\s*\.\. (image|figure)::")


class Figures(NamedTuple):
    """Calls that write figures or tables, calls that only show them, and pictures."""

    written: tuple[Evidence, ...]
    shown: tuple[Evidence, ...]
    pictures: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Figures:
        """Read reached calls, documents and the list of files."""
        made = repo.fact(Flow).calls
        written = [
            call.evidence(f"{call.method} writes it")
            for call in made.named(*WRITES, *DRAWS)
            if writes(call)
        ]
        shown = [
            call.evidence("shown, not saved")
            for call in made.named(*SHOWS)
            if call.name.startswith(PLOTTERS)
        ]
        return cls(tuple(written), tuple(shown), tuple(pictures(repo)))


def writes(call: Call) -> bool:
    """Say whether a call writes a figure or table; a notebook keeps what it draws."""
    if matches(call.name, WRITES):
        return True
    drawn = matches(call.name, DRAWS) and not STYLES.search(call.name)
    return drawn and call.path.endswith(".ipynb")


def pictures(repo: Repository) -> Iterator[Evidence]:
    """Yield committed plots, and pictures that documents show as results."""
    for file in repo.files:
        known = file.role in (Role.SOURCE, Role.DATA)
        if known and FILES.search(file.path) and not NO_PLOT.search(file.path):
            yield Evidence(file.path, 0, "a picture of results")
    for document in own_documents(repo):
        for heading in document.section(RESULT.pattern):
            for number in range(heading.line + 1, heading.end + 1):
                line = document.lines[number - 1][:2000]
                if IMAGE.search(line) and not NO_PLOT.search(line):
                    yield document.at(number, "a picture of results")
