"""Refuse answers that cannot become a project, in one sentence that says what to type instead."""

import json
import keyword
import re
import sys
from pathlib import Path

SLUG = re.compile(r"[a-z]([a-z0-9_]*[a-z0-9])?")
# What TOML and YAML cannot quote, and how Jinja begins, spelled so that Jinja overlooks it.
UNPLAIN = re.compile("[^ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[{][%#{]")
LONGEST = {"project_name": 80, "project_slug": 80, "description": 200, "author_name": 80}
# Devices of Windows, the project's folders, and packages imported by another name than locked.
TAKEN = """
aux com1 com2 com3 com4 con lpt1 lpt2 lpt3 lpt4 nul prn conf data docs outputs requirements src
tests attr databricks dateutil dotenv functorch git google graphql hydra lightning lightning_fabric
mpl_toolkits opentelemetry piptools psutil py repro_audit ruamel sklearn yaml
"""


def taken(template: str) -> set[str]:
    """Give the names that mean something else to Windows, Python or the project's environment.

    Those of its locked packages are known where cookiecutter says where the template is; cruft,
    which updates with a name that passed before, does not say it.
    """
    found = Path(template).glob("*/requirements/*.txt") if template else ()
    locks = [lock.read_text("utf-8") for lock in found]
    names = re.findall(r"^([\w.-]+)==", "\n".join(locks), re.MULTILINE)
    locked = {re.sub(r"[.-]", "_", name).lower() for name in names}
    return locked.union(TAKEN.split(), keyword.kwlist, keyword.softkwlist, sys.stdlib_module_names)


def refuse_text(question: str, answer: str) -> str | None:
    """Say what is wrong with a text that somebody typed, whichever question it answers."""
    if not answer.strip():
        return f"{question} is empty: type at least one letter."
    if len(answer) > LONGEST[question]:
        return f"{question} has {len(answer)} characters: type at most {LONGEST[question]}."
    if UNPLAIN.search(answer):
        return f"{question} has a control character or a doubled brace: type plain text, one line."
    return None


def refuse_slug(slug: str, names: set[str]) -> str | None:
    """Say why a name cannot be both a folder and a Python package, or nothing."""
    if not SLUG.fullmatch(slug):
        return f"project_slug is {slug!r}: type lower-case words as in cosmic_ray_showers."
    if slug in names:
        return f"project_slug is {slug!r}, a name that is taken: type another, as in {slug}_study."
    return None


def refusal(answers: dict[str, str]) -> str | None:
    """Give the first sentence against the answers, or nothing when all of them will do."""
    # cookiecutter makes the folder before it asks us, and removes it when we refuse, even one that
    # is "..": so cookiecutter.json turns every slug into a plain name and keeps what was typed.
    typed = {**answers, "project_slug": answers["__project_slug_as_typed"]}
    sentences = [refuse_text(question, typed[question]) for question in LONGEST]
    sentences += [refuse_slug(typed["project_slug"], taken(answers.get("_repo_dir", "")))]
    return next(filter(None, sentences), None)


if __name__ == "__main__":
    sys.exit(refusal(json.loads(r"""{{ cookiecutter | jsonify }}""")))
