"""Judge whether new data is documented in a card."""

from __future__ import annotations

import re

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.declarations import DATA_DOCUMENT, Declarations
from repro_audit.facts.origins import Origins

THEMES = (
    r"motivation|purpose|summary|about|overview",
    r"composition|what is in|content|structure|fields|columns|files|instances",
    r"collect|source|acquisition|simulat|annotat",
    r"pre-?process|clean|label",
    r"\buses?\b|limit|rules|bias",
    r"distribut|licen|terms",
    r"maint|upkeep|version|contact",
)
ENOUGH = 4


def data_card(repo: Repository) -> Verdict:
    """A datasheet or card exists and its sections say something."""
    origins = repo.fact(Origins)
    sections = [
        item
        for item in repo.fact(Declarations).sections
        if DATA_DOCUMENT.search(item.document.path)
    ]
    if not (origins.any or sections):
        return not_applicable("The code reads no data.")
    full = [item for item in sections if not item.hollow]
    themes = [
        next((item for item in full if re.search(theme, item.heading.text, re.IGNORECASE)), None)
        for theme in THEMES
    ]
    seen = [item.at(f"the section {item.heading.text!r}") for item in themes if item is not None]
    fix = "Write a datasheet: motivation, composition, collection, cleaning, uses, distribution"
    if len(seen) >= ENOUGH:
        return passed("The data is documented in a card.", *seen)
    if seen:
        return partial("A card says something of the data, and not all.", *seen, fix=fix)
    if sections and not any(item.lines for item in sections):
        left = [item.at("left open") for item in sections]
        return failed("The data's card is an empty form.", *left, fix=fix)
    return unknown("There is no card; whether the data is new is for a person to say.", fix=fix)
