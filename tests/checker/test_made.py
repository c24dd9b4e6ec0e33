"""What a template makes is judged beside the template, with the default answers filled in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from repro_audit import Repository, Status
from repro_audit.audit import run_audit
from repro_audit.made import Made, filled_in, folders, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Plant = Callable[[Mapping[str, str]], Path]

FOLDER = "{{ cookiecutter.slug }}"
GIVEN = {"slug": "showers", "python": "3.11", "seed": "7"}
ASKED = {
    "name": "Showers",
    "slug": "{{ cookiecutter.name|lower }}",
    "python": ["3.11", "3.12"],
    "seed": 7,
}
TRAIN = """\
{% if cookiecutter.seed -%}
import random
{%- endif %}
import torch
from {{cookiecutter.slug}}.parts import model

torch.manual_seed({{ cookiecutter.seed }})
model().sum().backward()
"""
PARTS = """\
import torch


def model():
    return torch.nn.Linear(1, 1)(torch.rand(1, 1))
"""
TEMPLATE = {
    "cookiecutter.json": json.dumps(ASKED),
    f"{FOLDER}/requirements.txt": "torch=={% if true %}2.4.0{% else %}2.5.0{% endif %}\n",
    f"{FOLDER}/.python-version": "{{ cookiecutter.python }}\n",
    f"{FOLDER}/train.py": TRAIN,
    f"{FOLDER}/{{{{cookiecutter.slug}}}}/__init__.py": "",
    f"{FOLDER}/{{{{cookiecutter.slug}}}}/parts.py": PARTS,
}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a\n", "a\n"),
        ("n = '{{ cookiecutter.slug }}'\n", "n = 'showers'\n"),
        ("n = {{cookiecutter.other|lower}}\n", "n = other\n"),
        ("{% if a %}1{% elif b %}2{% else %}3{% endif %}\n", "1\n"),
        ("{% if a %}{% if b %}1{% else %}2{% endif %}{% else %}3{% endif %}\n", "1\n"),
        # Lines keep their numbers: of what is stripped, left out, or a remark.
        ("{% if a -%}\n1\n{%- else %}\n2\n{% endif %}\n3\n", "\n1\n\n\n\n3\n"),
        ("{# a\nb #}\nc\n", "\n\nc\n"),
        ("{% raw %}{{ kept }}{% endraw %}\n", "{{ kept }}\n"),
        # What Jinja does not understand stays as it is, and no code of it runs.
        ("{{ broken }\n", "{{ broken }\n"),
        ("{{ ''.__class__ }}\n", "__class__\n"),
    ],
)
def test_a_file_comes_out_as_by_the_default_answers(text: str, made: str) -> None:
    assert plain(text, GIVEN) == made


def test_names_are_filled_in_by_answers_of_answers() -> None:
    given = {
        "name": "Showers",
        "slug": "{{ cookiecutter.name }}",
        "loop": "{{ cookiecutter.loop }}",
    }
    assert filled_in("{{ cookiecutter.slug }}-x", given) == "Showers-x"
    assert filled_in("{{cookiecutter.loop}}", given) == "loop"


def test_what_a_template_makes_is_a_project_of_it(plant: Plant) -> None:
    root = plant(TEMPLATE)
    report = run_audit(root)
    (project,) = report.projects
    assert project.path == FOLDER
    by_id = {item.practice.id: item for item in project.results}
    passing = ("env-pinned", "env-python-version", "env-imports-covered", "seed-all-libraries")
    assert {name: by_id[name].verdict.status for name in passing} == dict.fromkeys(
        passing, Status.PASS
    )
    seeded = by_id["seed-all-libraries"].verdict.evidence[0]
    assert (seeded.path, seeded.line) == (f"{FOLDER}/train.py", 7)


def test_a_fault_of_what_is_made_is_seen(plant: Plant) -> None:
    unseeded = TRAIN.replace("torch.manual_seed", "print")
    (project,) = run_audit(plant(TEMPLATE | {f"{FOLDER}/train.py": unseeded})).projects
    by_id = {item.practice.id: item.verdict.status for item in project.results}
    assert by_id["seed-all-libraries"] is Status.FAIL


def test_answers_of_copier_are_read(plant: Plant) -> None:
    asked = "slug:\n  type: str\n  default: showers\npython:\n  default: [3.11]\n"
    tree = {"copier.yml": asked, "{{ slug }}/a.txt": "{{ python }}\n"}
    repo = Repository(plant(tree))
    assert folders(repo) == ("{{ slug }}",)
    assert Made(repo, "{{ slug }}").text("a.txt") == "3.11\n"


def test_a_repository_that_is_no_template_has_no_such_project(plant: Plant) -> None:
    tree = {path: text for path, text in TEMPLATE.items() if path != "cookiecutter.json"}
    assert not run_audit(plant(tree)).projects


def test_more_text_with_tags_than_is_lexed_is_reported(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repro_audit.made.MOST_TAGGED", 30)
    made = Made(Repository(plant(TEMPLATE)), FOLDER)
    assert made.text("train.py") is None
    assert "of templates in all" in made.why["train.py"]
