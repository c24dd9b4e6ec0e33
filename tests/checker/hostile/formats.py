"""Trees whose documents and recipes cost more to read than they weigh, by their own formats."""

# ruff: noqa: E501 - the contents of files

from __future__ import annotations  # noqa: I001

import json

from .registry import plant, tree
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CODE = "import numpy as np\n\nprint(np.random.rand(3))\n"


@tree()
def tables_that_span_everything(root: Path) -> None:
    """Tables with a billion columns by their own word, ten thousand in truth, and in each other."""
    wide = "|" + " x |" * 10_000 + "\n|" + " - |" * 10_000 + "\n|" + " 1 |" * 10_000 + "\n"
    spans = (
        "<table>" + "<tr><td rowspan=999999999 colspan=999999999>1</td></tr>" * 2_000 + "</table>"
    )
    plant(
        root,
        {
            "own.py": CODE,
            "README.md": f"# A\n\n{wide}\n\n{spans}\n",
            "docs/a.md": "# A\n\n" + "<table><tr><td>" * 20_000 + "x",
            "docs/b.rst": "+" + "-+" * 9_000 + "\n|" + "x|" * 9_000 + "\n+" + "=+" * 9_000 + "\n",
            "docs/c.rst": ".. list-table::\n\n" + "   * - a\n     - b\n" * 9_000,
            "docs/d.rst": ".. csv-table::\n\n" + "   " + '"a,' * 50_000 + "\n",
            "docs/e.md": "# A\n\n" + "| a\\| | `|` |\n| - | - |\n" * 9_000,
            "docs/f.md": "<details>" * 20_000 + "<!--" * 20_000 + "-->" * 10,
            "docs/g.rst": "= " * 20_000 + "\n" + "a " * 20_000 + "\n" + "= " * 20_000 + "\n",
            "results/results.csv": "seed," * 4_000 + "\n" + ("1," * 4_000 + "\n") * 200,
            "results/b.csv": '"' * 90_001 + "\n" * 9_000,
            "results/c.tsv": "\t" * 900_000,
        },
    )


@tree()
def references_without_end(root: Path) -> None:
    """Bibliographies, citations and licences that are nested, repeated, or never closed."""
    authors = "\n".join(f"- family-names: '{'x' * 50}{n}'\n  given-names: A" for n in range(8_000))
    plant(
        root,
        {
            "own.py": CODE,
            "paper.bib": "@article{a, title = " + "{" * 90_000 + "x" + "}" * 90_000 + "}\n",
            "b.bib": "@article{" * 50_000, "c.bib": "@a{b, doi = {10.1/x}}\n" * 50_000,
            "CITATION.cff": f"cff-version: 1.2.0\nauthors:\n{authors}\nreferences: [[[[[]]]]]\n",
            "codemeta.json": json.dumps({"author": [{"@id": "x" * 99}] * 9_000, "@context": {}}),
            ".zenodo.json": json.dumps({"creators": [{"name": ["x"]}] * 9_000, "license": {"id": 5}}),
            "LICENSE": "Permission is hereby granted " * 30_000,
            "README.md": "# A\n\n" + "doi:10.5281/zenodo.1 " * 20_000 + "[a][b] " * 9_000
            + "\n" + "[b]: http://x\n" * 9_000 + "> " * 9_000 + "x\n" + "- " * 9_000 + "x\n"
            + "*" * 50_000 + "a" + "_" * 50_000 + "\n" + "<http://" * 9_000 + "![" * 9_000,
            "docs/cites.md": "@" * 50_000 + "\n" + "https://doi.org/" * 9_000 + "\n" + "arXiv:" * 9_000,
            "main.tex": "\\cite{" * 50_000 + "\\begin{table}" * 9_000 + "&" * 50_000,
        },
    )  # fmt: skip


@tree()
def requirements_that_never_end(root: Path) -> None:
    """Requirements with nested markers, endless extras, clauses, continuations and options."""
    deep = 20_000
    lines = (
        "numpy; " + "(" * deep + "python_version > '3'" + ")" * deep,
        "numpy; " + "python_version > '3' and " * deep + "python_version > '3'",
        "numpy[" + "a," * deep + "a]==1", "numpy" + "==1," * deep + "<2", "a" * 100_000,
        "numpy @ " + "git+https://" * deep, "numpy==" + "1." * deep + "1", "numpy==1" + ".*" * deep,
        "numpy==1.0" + "+a" * deep, "--hash=sha256:" * deep, "-e ." + "/.." * deep, "-r " * deep,
        "numpy" + " \\\n" * deep, "-" * 100_000, "numpy==1 " + "--hash=sha256:0 " * deep,
        "${A}" * deep, "numpy=={}" + "{" * deep, "numpy==1!" + "1!" * deep, "numpy===" + "=" * deep,
        "; " * deep, "numpy;" + "'" * deep, "file:" + "/" * deep, "a" + "-_." * deep, "\u0130" * deep,
    )  # fmt: skip
    quoted = ", ".join(json.dumps(line) for line in lines)
    files = {f"requirements/{at}.txt": f"{line}\nnumpy==1.26.4\n" for at, line in enumerate(lines)}
    plant(
        root,
        {
            "own.py": CODE,
            **files,
            "requirements.txt": "\n".join(lines),
            "pyproject.toml": f'[project]\nname = "a"\nversion = "1"\ndependencies = [{quoted}]\n'
            f'requires-python = ">=3{",>=3" * 5_000}"\n',
            "setup.py": "from setuptools import setup\nsetup(install_requires=["
            + ", ".join(map(ascii, lines)) + "] + open('requirements.txt').read().split())\n",
            "setup.cfg": "[options]\ninstall_requires =\n" + "".join(f"    {line}\n" for line in lines),
            "environment.yml": f"dependencies: [{quoted}, {{pip: [{quoted}]}}]\n",
            "Pipfile": "[packages]\n" + "".join(f"p{n} = {json.dumps(line)}\n" for n, line in enumerate(lines)),
            "renv.lock": json.dumps({"Packages": {line[:50]: {"Version": line} for line in lines}}),
        },
    )  # fmt: skip


@tree()
def pipelines_that_explode(root: Path) -> None:
    """Workflows whose matrices, templates and includes stand for millions of jobs."""
    axes = {f"a{n}": list(range(250)) for n in range(12)}
    steps = [{"run": "python train.py --seed ${{ matrix.a1 }}" * 50, "uses": "./" * 99}] * 500
    plant(
        root,
        {
            "train.py": CODE,
            ".github/workflows/a.yml": json.dumps({"on": "push", "jobs": {"a": {"strategy": {"matrix": axes}, "runs-on": "${{ " * 5_000, "steps": steps}}}),
            ".github/workflows/b.yml": json.dumps({"on": {"workflow_call": None}, "jobs": {f"j{n}": {"needs": [f"j{n + 1}", f"j{n}"], "uses": "./.github/workflows/b.yml"} for n in range(2_000)}}),
            ".gitlab-ci.yml": json.dumps({**{f"j{n}": {"extends": [f"j{n + 1}", f"j{n + 2}"], "script": [["x", ["y"]], 5, None]} for n in range(2_000)}, "include": [".gitlab-ci.yml"]}),
            "azure-pipelines.yml": "jobs:\n- ${{ each a in parameters.b }}:\n" + "  - ${{ if x }}:\n" * 900,
            ".circleci/config.yml": json.dumps({"orbs": {"a": {"orbs": {"a": {}}}}, "jobs": [], "workflows": {"version": [2]}}),
            "dvc.yaml": json.dumps({"stages": {f"s{n}": {"foreach": list(range(99)), "do": {"cmd": ["python train.py"] * 50, "deps": [f"s{n + 1}"]}} for n in range(400)}}),
            "Snakefile": "include: 'Snakefile'\n" + "".join(f"rule r{n}:\n  input: rules.r{n + 1}.output\n  output: 'a{n}'\n  shell: '''python train.py'''\n" for n in range(3_000)),
            "docker-compose.yml": json.dumps({"services": {f"s{n}": {"extends": f"s{n + 1}", "build": {"context": "../" * 50, "dockerfile": "/etc/passwd"}, "env_file": ["/etc/passwd"]} for n in range(2_000)}}),
            "noxfile.py": "import nox\n" + "".join(f"@nox.session\n@nox.parametrize('a', range(10 ** 9))\ndef s{n}(session):\n    session.run('python', 'train.py')\n    session.notify('s{n}')\n" for n in range(2_000)),
            "tox.ini": "[tox]\nenvlist = " + "{a,b,c,d,e,f,g,h,i}-" * 30 + "x\n[testenv]\ncommands = python train.py\n",
            "Jenkinsfile": "stage('a') { " * 9_000 + "sh 'python train.py' " * 900,
            "run.sh": "a=$(" * 20_000 + "x" + ")" * 20_000 + "\n" + "cat <<EOF\n" * 5_000 + "'\n" + '"' * 9_001
            + "\nif a; then " * 5_000 + "\ncase x in " * 5_000 + "\nfoo() { foo | foo & }; foo\n" + "{a,b}" * 9_000,
            "job.slurm": "#SBATCH --array=1-999999999\n" * 9_000 + "srun python train.py\n",
            ".pre-commit-config.yaml": json.dumps({"repos": [{"repo": "local", "hooks": [{"entry": "touch ran"}] * 99}] * 99}),
        },
    )  # fmt: skip


@tree()
def notebooks_full_of_orders(root: Path) -> None:
    """Notebooks with magics, shell lines, markup and metadata that no notebook needs."""
    lines = [
        "!touch ran\n",
        "%run evil.py\n",
        "%%bash\n",
        "%load_ext x\n",
        "!pip install a\n",
        "get_ipython()\n",
    ]
    sources: tuple[object, ...] = (
        lines * 50, "".join(lines) * 50, [], "", [[]], {"a": 1}, None, ["x\n"] * 9_000,
    )  # fmt: skip
    kinds = ("code", "markdown", "raw", "", None, "heading")
    rest = {"outputs": 5, "execution_count": -(10**9), "metadata": []}
    cells = [{"cell_type": kind, "source": source, **rest} for kind in kinds for source in sources]
    nested: object = 1
    for _ in range(300):
        nested = {"cells": [nested]}
    outputs = [{"output_type": "display_data", "data": {"text/html": ["<script>"] * 900}}] * 90
    whole = {"cells": cells, "nbformat": 4, "metadata": {"kernelspec": [], "language_info": nested}}
    plant(
        root,
        {
            "a.ipynb": json.dumps(whole),
            "b.ipynb": json.dumps({**whole, "cells": [{**cells[0], "outputs": outputs}] * 30}),
            "c.ipynb": json.dumps({"worksheets": [{"cells": [{"input": lines, "cell_type": "code"}] * 900}]}),
            "d.ipynb": json.dumps({"cells": [nested], "nbformat": "x"}),
            "e.ipynb": '{"cells": [' + '{"cell_type": "code", "source": "x = 1"},' * 100_000 + "{}]}",
            "f.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["x = (\n"] * 3_000}] * 20}),
            "g.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": f"%%{m}\nx\n"} for m in range(9_000)]}),
            "i.ipynb": '{"cells": [' + "\n" * 300_000 + json.dumps({"cell_type": "code", "source": [f"x{n} = 1\n" for n in range(9_000)]}) + "]}",
            "j.ipynb": json.dumps({"worksheets": [{"cells": None}, {"cells": 5}, {}, 5]}),
            "h.ipynb": '{"cells": [], "cells": [], ' * 900 + '"nbformat": 1e999' + "}" * 900,
        },
    )  # fmt: skip


@tree()
def templates_without_end(root: Path) -> None:
    """A template whose tags nest, never end, fill each other in, and lead out of the tree."""
    folder = "{{ cookiecutter.a }}"
    asked = {"a": "../../etc", "b": "{{ cookiecutter.b }}" * 9, "c": "x" * 1_000_000}
    plant(
        root,
        {
            "cookiecutter.json": json.dumps(asked),
            f"{folder}/train.py": CODE + "# {{ cookiecutter.c }}{{ cookiecutter.b }}" * 20_000,
            f"{folder}/open.py": "{{" * 200_000,
            f"{folder}/deep.py": "{{" + "(" * 400_000,
            f"{folder}/if.py": "{% if a %}" * 40_000,
            f"{folder}/text.py": '{{ "' + "a\\" * 200_000,
            f"{folder}/{{{{ cookiecutter.b }}}}/{{{{ cookiecutter.a }}}}/a.py": CODE,
            f"{folder}/passwd": "{% include '/etc/passwd' %}{{ ''.__class__.__mro__ }}",
            **{f"{folder}/m{n}.py": "{% if a -%}\n" * 9_000 for n in range(30)},
        },
    )
