"""Judge whether new data is documented in a card."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit import lazyre as re
from repro_audit.facts.croissant import Croissant
from repro_audit.facts.declarations import DATA_DOCUMENT, Declarations
from repro_audit.facts.origins import Origins

# What a card speaks of: words of its headings, and properties of a Croissant description.
THEMES = (
    (r"motivation|purpose|summary|about|overview", ("description",)),
    (r"composition|what is in|content|structure|fields|columns|files|instances", ("recordSet",)),
    (r"collect|source|acquisition|simulat|annotat", ("dataCollection", "creator")),
    (r"pre-?process|clean|label", ("dataPreprocessingProtocol", "dataAnnotationProtocol")),
    (r"\buses?\b|limit|rules|bias", ("dataUseCases", "dataLimitations", "dataBiases")),
    (r"distribut|licen|terms", ("license",)),
    (r"maint|upkeep|version|contact", ("version", "dataReleaseMaintenancePlan")),
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
    croissant = repo.fact(Croissant)
    if not (origins.any or sections or croissant.all):
        return not_applicable("The code reads no data.")
    headings = [
        (item.heading.text, item.at(f"the section {item.heading.text!r}"))
        for item in sections
        if not item.hollow
    ]
    themes = [
        [
            *(at for text, at in headings if re.search(words, text, re.IGNORECASE)),
            *croissant.saying(*names),
        ]
        for words, names in THEMES
    ]
    seen = [places[0] for places in themes if places]
    fix = "Write a datasheet: motivation, composition, collection, cleaning, uses, distribution"
    if len(seen) >= ENOUGH:
        return passed("The data is documented in a card.", *seen)
    if seen:
        return partial("A card says something of the data, and not all.", *seen, fix=fix)
    if sections and not any(item.lines for item in sections):
        left = [item.at("left open") for item in sections]
        return failed("The data's card is an empty form.", *left, fix=fix)
    return unknown("There is no card; whether the data is new is for a person to say.", fix=fix)
