"""Judge whether released models are described."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit.facts.modelcard import PARTS, Cards
from repro_audit.facts.weights import Weights

USE = "what it is for"


def doc_model_card(repo: Repository) -> Verdict:
    """A card says what a model is, what it is for, its data, its evaluation and its limits."""
    cards = repo.fact(Cards).all
    weights = repo.fact(Weights)
    given = (*weights.linked, *weights.committed)
    fix = "Write docs/model-card.md: the model, its use, data, evaluation and limits"
    if cards:
        best = max(cards, key=lambda card: len(card.filled))
        seen = list(best.evidence())
        if len(best.filled) >= len(PARTS) - 1 and USE not in best.missing:
            return passed("A model card describes the model.", *seen)
        lack = Evidence(best.path, 1, f"does not say {', '.join(best.missing)}")
        if seen:
            return partial("The model card is not complete.", lack, *seen, fix=fix)
        return failed("The model card is an empty form.", lack, fix=fix)
    if given:
        return failed("Models are given away without a card.", *given[:5], fix=fix)
    return not_applicable("No model is given away.", *weights.unclear[:3])
