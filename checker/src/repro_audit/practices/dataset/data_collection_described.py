"""Judge whether the collection of new data is described."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, passed, unknown
from repro_audit.facts.croissant import Croissant
from repro_audit.facts.declarations import Declarations
from repro_audit.facts.origins import Origins


def data_collection_described(repo: Repository) -> Verdict:
    """How new data came about is written down, or its generator stands in the repository."""
    origins = repo.fact(Origins)
    found = list(repo.fact(Declarations).titled(r"collect|annotat|acquisition|label+ing"))
    described = repo.fact(Croissant)
    told = list(described.saying("dataCollection"))
    if not (origins.any or found or told):
        return not_applicable("The code reads no data.")
    left = [item.at("left open") for item in found if item.hollow]
    if left:
        fix = "Write where, when, with what and by whom the data was collected and labelled"
        return failed("The place for the collection is left open.", *left, fix=fix)
    if origins.made and not (origins.reads or origins.outside or origins.stored):
        return passed("The data is made by code that stands here.", *origins.made)
    guides = repo.matching("*guidelines*", "codebook*", "*annotation_instructions*")
    rules = [Evidence(file.path, 1, "the rules that people followed") for file in guides]
    rules += described.saying("dataAnnotationProtocol", "dataCollectionTimeFrame")
    told += [item.at("describes the collection") for item in found]
    if told and rules:
        return passed("The collection is described, with its rules.", *told, *rules)
    return unknown("Whether the project collected data is for a person to say.", *told)
