"""Refuse answers that cannot become a project, in one sentence that says what to type instead."""

import json
import keyword
import re
import sys

SLUG = re.compile(r"[a-z]([a-z0-9_]*[a-z0-9])?")
TYPE_A_SLUG = "type lower-case letters, digits and underscores that begin with a letter, as in"
# What TOML and YAML cannot hold as it is between double quotes, or would take for a new line.
UNQUOTABLE = re.compile("[^ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
JINJA = re.compile("[{][%#{]")  # in this order, or cookiecutter would take the pattern for Jinja
LONGEST = {"project_name": 80, "project_slug": 80, "description": 200, "author_name": 80}
# A package of one of these names would hide, or be hidden by, something that the project imports.
TAKEN = """
alembic apprise cloudpickle conf cookiecutter data docs fsspec great_expectations hatchling hydra
joblib lightning lightning_fabric lightning_utilities matplotlib mlflow mpmath networkx nox numpy
nvidia omegaconf optuna outputs packaging pandas pip piptools psutil pyarrow pydantic pytest
pytorch_lightning ray repro_audit requests requirements rich ruff scipy setuptools sklearn
sqlalchemy src sympy tests torch torchmetrics tqdm triton wheel yaml
"""
WINDOWS_DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")


def refuse_text(question: str, answer: str) -> str | None:
    """Say what is wrong with a text that somebody typed, whichever question it answers."""
    if not answer.strip():
        return f"{question} is empty: type at least one letter."
    if len(answer) > LONGEST[question]:
        return f"{question} has {len(answer)} characters: type at most {LONGEST[question]}."
    if UNQUOTABLE.search(answer):
        return f"{question} has a control character or a line break: type plain text on one line."
    if JINJA.search(answer):
        return f"{question} has a brace beside another brace, % or #: type it without."
    return None


def refuse_slug(slug: str) -> str | None:
    """Say why a name cannot be both a folder and a Python package, or nothing."""
    if not SLUG.fullmatch(slug):
        return f"project_slug is {slug!r}: {TYPE_A_SLUG} cosmic_ray_showers."
    if keyword.iskeyword(slug) or keyword.issoftkeyword(slug) or WINDOWS_DEVICES.fullmatch(slug):
        return f"project_slug is {slug!r}, a reserved word: type another, as in {slug}_study."
    if slug in TAKEN.split() or slug in sys.stdlib_module_names:
        return f"project_slug is {slug!r}, which is taken: type another, as in {slug}_study."
    return None


def refusal(answers: dict[str, str]) -> str | None:
    """Give the first sentence against the answers, or nothing when all of them will do."""
    # cookiecutter makes the folder before it asks us, and removes it when we refuse, even one that
    # is "..": so cookiecutter.json turns every slug into a plain name and keeps what was typed.
    typed = {**answers, "project_slug": answers["__project_slug_as_typed"]}
    sentences = [refuse_text(question, typed[question]) for question in LONGEST]
    return next(filter(None, [*sentences, refuse_slug(typed["project_slug"])]), None)


if __name__ == "__main__":
    sys.exit(refusal(json.loads(r"""{{ cookiecutter | jsonify }}""")))
