"""Trees whose files are wrong, or read by expressions that could take for ever."""

from __future__ import annotations  # noqa: I001

import codecs

from .registry import plant, tree
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CODE = "import numpy as np\n\nprint(np.random.rand(3))\n"
EVERYTHING = (
    "train.py", "README.md", "README.rst", "pyproject.toml", "setup.py", "setup.cfg", "tox.ini",
    "requirements.txt", "requirements-dev.in", "environment.yml", "conda-lock.yml", "Pipfile",
    "Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock", "pixi.toml", "pixi.lock", "pylock.toml",
    "Dockerfile", "docker-compose.yml", ".devcontainer/devcontainer.json", "apptainer.def",
    ".github/workflows/ci.yml", ".gitlab-ci.yml", "azure-pipelines.yml", ".circleci/config.yml",
    "Makefile", "justfile", "noxfile.py", "dvc.yaml", "dvc.lock", "data.dvc", "Snakefile",
    "MLproject", "CITATION.cff", "codemeta.json", ".zenodo.json", "LICENSE", "croissant.json",
    "conf/config.yaml", "conf/a.json", "conf/a.toml", "conf/a.ini", "run.sh", "job.slurm",
    "a.ipynb", "checksums.sha256", ".gitattributes", ".gitignore", ".python-version",
    "runtime.txt", "paper.bib", "docs/index.md", "docs/model_card.md", "docs/datasheet.md",
    ".pre-commit-config.yaml", "repro-record.json", "mlruns/0/meta.yaml", "main.tex",
)  # fmt: skip


def everywhere(root: Path, content: str | bytes, *, folder: str = "") -> None:
    """Write one content into every file that an audit looks for."""
    plant(root, {f"{folder}{name}": content for name in EVERYTHING})


@tree()
def nothing_in_any_file(root: Path) -> None:
    """Every file that an audit looks for, empty."""
    everywhere(root, "")


@tree()
def malformed_everything(root: Path) -> None:
    """Every file that an audit looks for, broken in several ways."""
    broken = (
        "{[(<\"'`:=,- \n\t%", "[", "{", "a: b: c\n - d\n", '{"a": [1, 2', "[[a]\n", "= =\n",
        "FROM\nRUN <<EOF\n", "---\n---\n---\n", "[project]\nname = 3\ndependencies = 'x'\n",
        "null", "3", '"x"', "[]", "{}", "true", "- \n- \n", "[tool]\nrepro-audit = 3\n",
    )  # fmt: skip
    for number, text in enumerate(broken):
        everywhere(root, text, folder=f"{number}/")
    everywhere(root, broken[0])


@tree()
def bytes_that_are_no_text(root: Path) -> None:
    """NUL bytes, random bytes and lone continuation bytes in every file."""
    everywhere(root, b"import os\x00\nprint(1)\n")
    everywhere(root, bytes(range(256)) * 40, folder="b/")
    everywhere(root, b"\x80\x81\xfe\xff\xc3(\xed\xa0\x80" * 200, folder="c/")
    everywhere(root, b"\x1b[2J\x1b]0;x\x07\x9b31m\r\x08\x85\x0c" * 50, folder="d/")


@tree()
def odd_encodings(root: Path) -> None:
    """UTF-16 and UTF-32 with and without marks, marks alone, coding cookies that do not exist."""
    text = "import numpy\nnumpy==1.26.4\n# Überschrift\n"
    for number, encoding in enumerate(("utf-16", "utf-32", "utf-16-le", "utf-8-sig", "cp1252")):
        everywhere(root, text.encode(encoding), folder=f"{number}/")
    everywhere(root, codecs.BOM_UTF16_LE + b"a", folder="odd/")
    everywhere(root, codecs.BOM_UTF32_BE + b"abc", folder="cut/")
    cookies = (
        "none",
        "utf-7",
        "rot13",
        "idna",
        "zlib",
        "unicode_escape",
        "hex",
        "undefined",
        "\x00",
    )
    plant(root, {f"c{n}.py": f"# -*- coding: {x} -*-\n{CODE}" for n, x in enumerate(cookies)})
    plant(root, {"surrogate.json": '{"seed": "\\ud800", "\\udfff": 1}', "s.py": "x = '\\ud800'\n"})
    plant(root, {"a.ipynb": '{"cells": [{"cell_type": "code", "source": ["x = \'\\ud800\'"]}]}'})
    plant(root, {"conf/s.json": '{"seed": "\\ud800", "\\udfff": [1]}'})


REPEATED = (
    "a", " ", "\t", "(", "[", "[]", "[a](", "![", "<", "<a ", "<!--", "`", "*", "_", "#", "|", "| - ",  # noqa: E501
    "-", "=", "a.", "a=", "a,", "a:", "/", "\\", "\"", "'", "$", "${", "{{", "%", "&", "0", "0.", "1e",  # noqa: E501
    "a-", "python ", "pip install ", "conda ", "-r ", "--a ", "@", "http://", "a@", "\n", "\n\n", "\r",  # noqa: E501
    "# ", "- ", "1. ", "> ", "    ", "a\n=\n", "a\n-\n", "```\n", "~~~\n", "\\\n", "seed ", "seed=", "of ",  # noqa: E501
    "± ", "1±", "a a ", "a 1 ", "mean ", "/home/", "C:\\", "\u3000", "\u200b", "\u0130", "x" * 50 + " ",  # noqa: E501
)  # fmt: skip


@tree()
def texts_for_expressions(root: Path) -> None:
    """Documents of one text repeated for thirty kilobytes, on one line and on many."""
    for number, part in enumerate(REPEATED):
        line = part * (30_000 // len(part))
        plant(root, {f"docs/{number}.md": f"# A\n\n{line}!\n", f"n{number}/README.md": line})


@tree()
def the_worst_text_everywhere(root: Path) -> None:
    """Every file that an audit looks for, with long runs of what expressions repeat."""
    for number, part in enumerate((" ", "a", "a ", "[", "-", "(a", "=", "\\", "#", "'", "a.", "0")):
        everywhere(root, part * (100_000 // len(part)), folder=f"{number}/")


@tree()
def includes_in_circles(root: Path) -> None:
    """Requirements, configurations, pipelines and documents that include each other and themselves."""  # noqa: E501
    plant(
        root,
        {
            "own.py": CODE,
            "requirements.txt": "-r requirements.txt\n-r requirements-a.txt\n-r /etc/passwd\n",
            "requirements-a.txt": "-r requirements-b.txt\n-c requirements-a.txt\n-r ../../x.txt\n",
            "requirements-b.txt": "-r requirements-a.txt\n-c requirements.txt\nnumpy\n" * 500,
            "conf/config.yaml": "defaults:\n  - config\n  - a: b\n  - _self_\nseed: ${seed}\n",
            "conf/a/b.yaml": "defaults:\n  - c\n  - /config\n  - b\nx: ${y}\ny: ${x}\n",
            "conf/a/c.yaml": "defaults:\n  - b\n  - b\n  - /a/b\n  - /a/c\n" * 3,
            "conf/wide.yaml": "defaults:\n" + "  - wide2\n" * 50,
            "conf/wide2.yaml": "defaults:\n" + "  - wide3\n" * 50,
            "conf/wide3.yaml": "defaults:\n" + "  - wide4\n" * 50,
            "conf/wide4.yaml": "defaults:\n" + "  - wide\n" * 50 + "x: 1\n",
            ".gitlab-ci.yml": "include: .gitlab-ci.yml\na: {extends: b}\nb: {extends: a}\n",
            ".github/workflows/a.yml": "on: push\njobs: {a: {needs: b, uses: ./.github/workflows/a.yml},"  # noqa: E501
            " b: {needs: a}}\n",
            "Makefile": "include Makefile\na: b\nb: a\n\t$(MAKE) a\nX = $(Y)\nY = $(X)\n",
            "tox.ini": "[tox]\nenvlist = {[tox]envlist}\n[a]\nb = {[a]b}\n",
            "setup.cfg": "[a]\nx = %(y)s\ny = %(x)s\n",
            "README.md": "[a](README.md) [b](docs/a.md)\n" * 200,
            "docs/a.md": "[b](b.md) [up](../README.md) [out](../../../../etc/passwd)\n" * 200,
            "docs/b.md": "[a](a.md)\n" * 200,
            "run.sh": "source run.sh\n. ./run.sh\nbash run.sh\n",
            "Dockerfile": "FROM a AS b\nFROM b AS a\nCOPY --from=a / /\nCOPY --from=b / /\n",
            "dvc.yaml": "stages: {a: {cmd: dvc repro, deps: [b], outs: [a]}, b: {deps: [a], outs: [b]}}\n",  # noqa: E501
            "a/__init__.py": "from .b import x\nfrom . import *\n",
            "a/b.py": "from .c import x\nfrom a import x\n",
            "a/c.py": "from .b import x\nfrom . import x\nx()\nSEED = SEED\nA = B\nB = A\nf(seed=A)\n",  # noqa: E501
        },
    )


@tree()
def monsters_for_builds(root: Path) -> None:
    """A Dockerfile, pipelines, a Makefile and scripts of tens of thousands of lines."""
    count = 15_000
    steps = "".join(f"      - run: pip install p{n} && python a{n}.py\n" for n in range(count))
    plant(
        root,
        {
            "own.py": CODE,
            "Dockerfile": "FROM python\n"
            + "RUN pip install a && \\\n" * count
            + "FROM b\n" * 5_000,
            "docker/Dockerfile": "FROM python\n" + "ARG A=$A$A\nENV B=${B}${B}\n" * count,
            "b.Dockerfile": "FROM a\nRUN <<E1 <<E2 <<E3\n" + "pip install x\n" * count,
            ".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    steps:\n{steps}",
            ".gitlab-ci.yml": "".join(f"j{n}:\n  script: [pip install a]\n" for n in range(5_000)),
            "Makefile": "".join(
                f"t{n}: t{n + 1}\n\tpython a.py --seed {n}\n" for n in range(count)
            ),
            "run.sh": "python a.py 'unclosed \\\n" + 'python a.py --seed 1 $(echo `a` "b\n' * count,
            "loop.sh": "for a in 1 2; do\n" * 5_000 + "python train.py\n" + "done\n" * 5_000,
            "one.sh": "python a.py " + "--a b " * 50_000 + "\n",
            "heredoc.sh": "cat <<EOF\n" * 10_000,
            "Snakefile": "rule a:\n    shell: 'python a.py'\n" * 5_000,
            "README.md": "# A\n" + "```sh\npython a.py --b c\npip install d\n```\n" * 8_000,
        },
    )


@tree()
def documents_without_end(root: Path) -> None:
    """A README of tables, HTML, lists, links and references, and a bibliography."""
    count = 1_500
    row = "| " + " | ".join(["1.0 ± 0.1"] * 20) + " |\n"
    plant(
        root,
        {
            "own.py": CODE,
            "README.md": "# A\n" + "| a " * 20 + "|\n" + "|---" * 20 + "|\n" + row * count,
            "docs/html.md": "<table><tr><td>" * count + "x" + "</td></tr></table>" * count,
            "docs/open.md": "<table>" * 20_000 + "<td>" * 20_000,
            "docs/link.md": "".join(
                f"[a{n}]: x{n}.md\n[b][a{n}] [c](d{n}.md)\n" for n in range(count)
            ),
            "docs/head.md": "".join(f"{'#' * (n % 7)} seed {n}\n" for n in range(20_000)),
            "docs/list.md": "".join(" " * (n % 500) + "- a\n" for n in range(5_000)),
            "docs/quote.md": ">" * 50_000 + "a\n",
            "docs/emphasis.md": "**a _b " * 20_000,
            "docs/entity.md": "&amp;" * 50_000 + "&#" + "9" * 50_000 + ";",
            "docs/a.rst": "a\n" + "=" * 50_000 + "\n" + ".. code-block:: python\n\n" * count,
            "docs/b.rst": ".. list-table::\n\n" + "   * - a\n     - b\n" * count,
            "paper.bib": "@article{a, title = {" + "{" * 50_000 + "\n" + "@misc{b,}\n" * count,
            "CITATION.cff": "authors:\n" + "- {family-names: a}\n" * count,
            "LICENSE": "MIT License " * 50_000,
        },
    )
