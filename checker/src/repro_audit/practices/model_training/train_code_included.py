"""Judge whether the code that fits the models is there."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, passed, unknown
from repro_audit import lazyre as re
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.fitting import delegated, model_fits, written
from repro_audit.facts.kind import ML
from repro_audit.facts.languages import OTHER_CODE, no_code
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import Results
from repro_audit.facts.sections import own_documents
from repro_audit.facts.weights import Weights

PROMISE = (
    r"\btrain\w*\b.{0,40}\b(code|scripts?)\b.{0,60}"
    r"(coming soon|will be|to be released|to-?do|not (yet )?(released|included|available))|"
    r"(coming soon|to-?do|tbd)\b.{0,40}\btrain\w* (code|scripts?)"
)

ANNOUNCED = (
    r"\b(code|implementation)\b.{0,40}(coming soon|will be|to be released|to-?do|"
    r"not (yet )?(released|available))"
)


def train_code_included(repo: Repository) -> Verdict:
    """Some entry point fits a model, or hands that to a program with a configuration."""
    trains = [call.evidence(f"{call.name} fits a model") for call in model_fits(repo)]
    handed = delegated(repo)
    if trains or handed:
        return passed("The code that fits the models is there.", *trains, *handed)
    index = repo.fact(PythonIndex)
    promised = [
        document.at(line, f"a promise, no code: {quoted(text)}")
        for document in own_documents(repo)
        for line, text in document.find(PROMISE)
        if not re.search(r"\[x\]|\d{4}[-./]\d\d", text)
    ]
    fix = "Commit the script that fits the models, with its configuration"
    if promised:
        return failed("Training code is promised and not there.", *promised, fix=fix)
    announced = [
        document.at(line, f"a promise, no code: {quoted(text)}")
        for document in (own_documents(repo) if no_code(repo) else ())
        for line, text in document.find(ANNOUNCED)
    ]
    if announced:
        return failed("Code is promised and there is none.", *announced, fix=fix)
    foreign = repo.matching(*OTHER_CODE)
    if foreign:
        seen = Evidence(foreign[0].path, 0, "code that is not Python is not read")
        return unknown("Models may be trained in another language.", seen)
    defined = written(repo)
    if defined:
        return unknown("Training is written down and no entry point reaches it.", *defined)
    given = [*repo.fact(Weights).linked, *repo.fact(Weights).committed]
    shown = [table.evidence("results of a model") for table in repo.fact(Results).tables]
    if given and any(index.imported(*sorted(ML))):
        return failed("Models are handed out and no code fits them.", *given, *shown, fix=fix)
    if given and not any(index.live()):
        return unknown(
            "A model is handed out, and there is no code that could have made it.", *given
        )
    return nothing_trained(repo)
