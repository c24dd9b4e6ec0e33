"""Facts: small texts in, values out."""

from __future__ import annotations

import inspect
import json
import sys
from typing import TYPE_CHECKING

import pytest
from repro_audit import Evidence, Repository, Role
from repro_audit.facts.configs import Configs
from repro_audit.facts.documents import read_document
from repro_audit.facts.flow import Flow, entry_points
from repro_audit.facts.history import History
from repro_audit.facts.invocations import Invocations
from repro_audit.facts.kind import Kind
from repro_audit.facts.notebooks import read_notebook
from repro_audit.facts.python import Place, PythonIndex
from repro_audit.facts.shell import commands
from repro_audit.facts.syntax import dotted, literal
from repro_audit.facts.tasks import Tasks
from repro_audit.facts.values import Values
from repro_audit.facts.walker import read_module
from repro_audit.facts.worth import State
from repro_audit.roles import role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Plant = Callable[[Mapping[str, str]], Path]


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("src/train.py", Role.SOURCE),
        ("tests/test_train.py", Role.TEST),
        ("test/experiment.py", Role.SOURCE),
        ("third_party/lib/train.py", Role.VENDORED),
        ("{{cookiecutter.name}}/train.py", Role.TEMPLATE),
        ("data/train.csv", Role.DATA),
        ("docs/index.md", Role.PROSE),
        ("examples/run.py", Role.EXAMPLE),
        ("build/lib/train.py", Role.GENERATED),
    ],
)
def test_a_role_is_told_from_the_path(path: str, role: Role) -> None:
    assert role_of(path) is role


def test_names_are_resolved_through_aliases() -> None:
    module = read_module(
        "a.py", "import numpy as np\nfrom torch import nn as n\nnp.random.seed(3)\nn.Linear(1, 2)\n"
    )
    assert [(call.name, call.line) for call in module.calls] == [
        ("numpy.random.seed", 3),
        ("torch.nn.Linear", 4),
    ]
    assert module.calls[0].literal("seed", 0) == 3


def test_pieces_of_code_are_parsed_again_from_any_depth(plant: Plant) -> None:
    nested = "(" * 80 + "1" + ",)" * 80
    text = (
        f"from a import f\n\ndef test_f(x, *, y):\n    if x:\n        f(2, k={nested})\n    v = 3\n"
    )
    index = Repository(plant({"tests/test_a.py": text})).fact(PythonIndex)
    module = index.modules["tests/test_a.py"]

    def deep(left: int) -> object:
        return deep(left - 1) if left else module.calls[0].node

    assert deep(sys.getrecursionlimit() - len(inspect.stack(0)) - 60) is module.calls[0].node
    call, function = module.calls[0], module.functions["test_f"]
    assert [dotted(test) for test in call.conditions] == ["x"]
    assert (function.node.name, function.parameters, function.keywords) == (
        "test_f",
        ("x",),
        ("y",),
    )
    assert [literal(item.value) for item in module.assignments] == [3]


def test_docstrings_and_comments_are_no_live_text() -> None:
    module = read_module("a.py", '"""/home/alice"""\n# /home/bob\nx = "live"\n"bare"\n')
    assert [text.value for text in module.texts] == ["live"]


def test_inner_calls_are_seen_once_and_before_the_outer() -> None:
    module = read_module("a.py", "import torch\nfit(torch.Generator().manual_seed(42), make())\n")
    assert [call.name for call in module.calls] == [
        "torch.Generator",
        ".manual_seed",
        "make",
        "fit",
    ]


def test_guarded_imports_are_optional() -> None:
    module = read_module(
        "a.py", "try:\n    import wandb\nexcept ImportError:\n    wandb = None\nimport numpy\n"
    )
    assert [(item.module, item.optional) for item in module.imports] == [
        ("wandb", True),
        ("numpy", False),
    ]


CHAIN = {
    "run.py": "from pkg import start\n\nstart()\n",
    "pkg/__init__.py": "from .one import start\n",
    "pkg/one.py": "from . import two\n\n\ndef start():\n    two.go()\n\n\ndef idle():\n    two.never()\n",  # noqa: E501 - the text of a file
    "pkg/two.py": "import random\n\n\ndef go():\n    deep()\n\n\ndef deep():\n    random.seed(1)\n\n\ndef never():\n    random.random()\n",  # noqa: E501 - the text of a file
}


def test_calls_are_followed_over_three_files_and_what_is_not_called_is_not_reached(
    plant: Plant,
) -> None:
    repo = Repository(plant(CHAIN))
    reached = repo.fact(Flow).entered
    assert entry_points(repo.fact(PythonIndex)) == ["run.py"]
    assert Place("pkg/two.py", "deep") in reached
    assert not {Place("pkg/two.py", "never"), Place("pkg/one.py", "idle")} & reached


def test_a_name_is_located_through_a_reexport(plant: Plant) -> None:
    index = Repository(plant(CHAIN)).fact(PythonIndex)
    assert index.locate("pkg.start", "run.py") == Place("pkg/one.py", "start")


def test_hydra_composes_groups_overrides_and_references(plant: Plant) -> None:
    root = plant(
        {
            "conf/config.yaml": "defaults:\n  - model: small\n  - _self_\n  - experiment: first\nseed: ???\n",  # noqa: E501 - the text of a file
            "conf/model/small.yaml": "width: 4\nseed: ${seed}\n",
            "conf/model/large.yaml": "width: 64\n",
            "conf/experiment/first.yaml": "# @package _global_\nseed: 7\n",
        }
    )
    configs = Repository(root).fact(Configs)
    assert configs.roots() == ["conf/config.yaml"]
    composed = configs.composed("conf/config.yaml")
    assert {key: entry.value for key, entry in composed.items()} == {
        "model.width": 4,
        "model.seed": 7,
        "seed": 7,
    }
    assert composed["seed"].evidence("here") == Evidence("conf/experiment/first.yaml", 2, "here")


@pytest.mark.parametrize(
    ("argument", "state"),
    [
        ("3", State.FIXED),
        ("None", State.ABSENT),
        ("-1", State.ABSENT),
        ("int(time.time())", State.VARYING),
        ("SEED + 1", State.FIXED),
        ("args.seed", State.FIXED),
        ("args.other", State.ABSENT),
        ("os.environ.get('SEED', 5)", State.FIXED),
        ("chosen()", State.FIXED),
        ("unheard_of", State.UNKNOWN),
    ],
)
def test_values_are_resolved(argument: str, state: State, plant: Plant) -> None:
    text = (
        "import argparse\nimport os\nimport time\n\nSEED = 3\n\n\ndef chosen():\n    return SEED\n\n\n"  # noqa: E501 - the text of a file
        "parser = argparse.ArgumentParser()\nparser.add_argument('--seed', type=int, default=1)\n"
        f"parser.add_argument('--other', type=int)\nargs = parser.parse_args()\nset_seed({argument})\n"  # noqa: E501 - the text of a file
    )
    repo = Repository(plant({"a.py": text}))
    call = next(
        call for call in repo.fact(PythonIndex).modules["a.py"].calls if call.name == "set_seed"
    )
    assert repo.fact(Values).of(call.argument("seed", 0), "a.py", "").state is state


def test_commands_are_split_and_stripped_of_prompts_and_runners() -> None:
    found = [
        item.words
        for item in commands("$ X=1 uv run python a.py && \\\n  make b\n# no\n", "README.md")
    ]
    assert found == [("python", "a.py"), ("make", "b")]


def test_documents_keep_sections_and_shown_commands() -> None:
    document = read_document(
        "README.md", "# A\n\n## Data\ntext\n\n```sh\npython a.py\n```\n\n```python\nimport x\n```\n"
    )
    assert [(item.text, item.line, item.end) for item in document.headings] == [
        ("A", 1, 2),
        ("Data", 3, 12),
    ]
    assert [(item.text, item.line) for item in document.commands] == [("python a.py", 7)]


def test_notebook_lines_are_lines_of_the_file() -> None:
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "outputs": [],
        "source": ["%matplotlib inline\n", "!pip install six\n", "x = 1"],
    }
    text = json.dumps({"cells": [cell], "nbformat": 4}, indent=1)
    notebook = read_notebook("a.ipynb", text)
    assert notebook is not None
    assert notebook.shell[0][0] == "pip install six"
    assert notebook.source.splitlines() == ["pass", "pass", "x = 1"]
    assert all("x = 1" in text.splitlines()[line - 1] for line in notebook.lines[2:])


def test_tasks_follow_the_helpers_of_a_noxfile(plant: Plant) -> None:
    text = (
        "import nox\n\n\ndef python(session, *words):\n    session.run('pip', 'install', '-r', 'requirements.txt')\n\n\n"  # noqa: E501 - the text of a file
        "@nox.session\ndef train(session):\n    python(session, 'study.train')\n"
    )
    (task,) = Repository(plant({"noxfile.py": text})).fact(Tasks).all
    assert task.spelled == "nox -s train"
    assert task.installs
    assert task.commands[0].words == ("python", "study.train")


def test_a_shown_command_is_compared_with_what_exists(plant: Plant) -> None:
    root = plant(
        {
            "README.md": "# A\n\n```sh\npython src/train.py --lr 1\npython gone.py\nmake all\nmake nothing\npython <file>.py\n```\n",  # noqa: E501 - the text of a file
            "src/train.py": "import argparse\np = argparse.ArgumentParser()\np.add_argument('--rate')\n",  # noqa: E501 - the text of a file
            "Makefile": "all:\n\techo\n",
        }
    )
    shown = Repository(root).fact(Invocations).shown
    assert [item.problem for item in shown] == [
        "src/train.py has no flag --lr",
        "gone.py does not exist in this repository",
        "",
        "make has no task nothing",
    ]


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"cookiecutter.json": "{}"}, "template"),
        (
            {"pyproject.toml": "[project]\nname = 'a'\n[build-system]\n", "a.py": "x = 1\n"},
            "library",
        ),
        ({"app.py": "import flask\nflask.Flask('a')\n"}, "app"),
        ({"train.py": "from sklearn.svm import SVC\nSVC().fit([[1]], [1])\n"}, "paper-code"),
        ({f"{n}.ipynb": '{"cells": []}' for n in range(6)}, "course"),
    ],
)
def test_the_kind_of_a_repository(files: dict[str, str], kind: str, plant: Plant) -> None:
    assert Repository(plant(files)).fact(Kind).name == kind


def test_git_is_read_without_git(committed: Plant) -> None:
    root = committed({"a.py": "x = 1\n", "b.py": "y = 1\n"})
    history = Repository(root).fact(History)
    assert (history.commits, history.dirty, history.untracked) == (2, False, ())
    (root / "a.py").write_text("x = 22\n")
    (root / "new.py").write_text("z = 1\n")
    repo = Repository(root)
    assert (repo.fact(History).changed, repo.fact(History).untracked) == (("a.py",), ("new.py",))
    assert [file.path for file in repo.files] == ["a.py", "b.py"]


def test_a_primary_configuration_may_carry_a_package_header(plant: Plant) -> None:
    root = plant(
        {
            "conf/train.yaml": "# @package _global_\ndefaults:\n  - data: a\nseed: null\n",
            "conf/data/a.yaml": "size: 1\n",
            "conf/experiment/b.yaml": "# @package _global_\ndefaults:\n  - override /data: a\nseed: 5\n",  # noqa: E501 - the text of a file
        }
    )
    repo = Repository(root)
    assert repo.fact(Configs).roots() == ["conf/train.yaml"]
    assert repo.fact(Values).composed["seed"].value is None


def test_a_class_that_is_only_named_is_made_after_what_is_called(plant: Plant) -> None:
    root = plant(
        {
            "run.py": "import random\nfrom nets import Net\n\nKINDS = {'net': Net}\nrandom.seed(1)\n",  # noqa: E501 - the text of a file
            "nets.py": "import random\n\n\nclass Net:\n    def __init__(self):\n        random.random()\n",  # noqa: E501 - the text of a file
        }
    )
    calls = [call.name for call in Repository(root).fact(Flow).traces["run.py"].chance]
    assert calls == ["random.seed", "random.random"]


def test_a_script_that_the_readme_fetches_is_not_missed(plant: Plant) -> None:
    text = "# A\n\n```sh\nwget https://example.org/setup.sh\nbash setup.sh\n```\n"
    assert Repository(plant({"README.md": text})).fact(Invocations).shown == ()


def test_an_experiment_named_like_a_test_is_source(plant: Plant) -> None:
    root = plant({"copy_test.py": "print(1)\n", "unit_test.py": "def test_a():\n    assert f()\n"})
    roles = Repository(root).fact(PythonIndex).roles
    assert roles == {"copy_test.py": Role.SOURCE, "unit_test.py": Role.TEST}


@pytest.mark.parametrize("kept", ["use, build", "build, use"])
def test_in_whatever_order_a_module_keeps_what_is_used_later_the_same_is_reached(
    kept: str, plant: Plant
) -> None:
    """Several scripts share what follows from the modules that they load."""
    kinds = f"""
class Net:
    def learn(self):
        import numpy
        numpy.random.seed(0)
def use(net):
    net.learn()
def build():
    return Net()
KINDS = [{kept}]
"""
    script = """
import kinds
class Own:
    def learn(self):
        print(2)
own = Own()
"""
    root = plant({"kinds.py": kinds, "a.py": script, "b.py": script})
    flow = Repository(root).fact(Flow)
    assert {Place("kinds.py", "Net.learn"), Place("a.py", "Own.learn")} <= flow.entered
    assert [call.name for call in flow.traces["b.py"].chance] == ["numpy.random.seed"]
    assert flow.traces["a.py"].paths == {"a.py", "kinds.py"}
