"""What to say when no training is seen: absent, or only invisible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.kind import ML, Kind, training_calls
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.sources import drawn_by
from repro_audit.model import Evidence, failed, not_applicable, unknown

if TYPE_CHECKING:
    from repro_audit.model import Verdict
    from repro_audit.repository import Repository


LOADS = (
    "torch.jit.load",
    "torch.hub.load*",
    "*.load_state_dict",
    "*.load_weights",
    "*.from_pretrained",
    "*.load_model",
)
WEIGHTS = re.compile(r"^https?://\S+\.(pt|pth|ckpt|bin|safetensors|h5|npz|tar|onnx|pkl)$")
LAYERS = ("torch.nn.*", "tensorflow.keras.layers.*", "keras.layers.*")


def only_infers(repo: Repository) -> bool:
    """Say whether finished weights are loaded and nothing is trained.

    Layers that are made then draw numbers which the weights replace; any other draw counts.
    """
    index = repo.fact(PythonIndex)
    if training_calls(repo) or not any(index.calls(*LOADS)):
        return False
    drawn = (call for call in index.calls("*") if drawn_by(call))
    return all(matches(call.name, LAYERS) or "init" in call.scope.lower() for call in drawn)


def published_weights(repo: Repository) -> list[Evidence]:
    """Return the addresses of weights that live code fetches, in a repository of a paper."""
    readme = repo.fact(Prose).readme
    paper = readme is not None and any(readme.find(r"\[paper\]|our paper|^\s*@(article|inproc)"))
    return [
        Evidence(module.path, text.line, "trained weights are published here")
        for module in (repo.fact(PythonIndex).live() if paper else ())
        for text in module.texts
        if WEIGHTS.match(text.value[:500])
    ]


def nothing_trained(repo: Repository) -> Verdict:
    """Not applicable without a machine-learning import or in a library; unknown otherwise."""
    released = published_weights(repo)
    if released and not any(repo.fact(PythonIndex).calls("*.backward", "*.fit")):
        summary = "Trained weights are published, and nothing shows how they were trained."
        return failed(summary, *released[:5], fix="Publish the code that trains, and its commands")
    kind = repo.fact(Kind).name
    if kind in {"library", "app"}:
        return not_applicable(f"This is a repository of the kind {kind}; it trains nothing itself.")
    seen = {
        top: Evidence(path, line, f"imports {top}")
        for path, line, top in repo.fact(PythonIndex).imported(*sorted(ML))
    }
    if not seen:
        return not_applicable("No machine-learning package is imported, so nothing is trained.")
    return unknown(
        "A machine-learning package is imported and no training is seen.", *seen.values()
    )


def only_software(repo: Repository) -> bool:
    """Say whether this is software for others, which trains nothing and so has no results."""
    return repo.fact(Kind).name in {"library", "app"} and not training_calls(repo)


def no_learning(repo: Repository) -> Verdict | None:
    """Not applicable where no live code imports a machine-learning package; None otherwise."""
    if any(repo.fact(PythonIndex).imported(*sorted(ML))):
        return None
    if repo.fact(PythonIndex).modules:
        return not_applicable("No machine-learning package is imported.")
    return unknown("No Python code is read here, so nothing is known of any results.")
