"""Trees whose files are large, deep, or cost more to read than they weigh."""

from __future__ import annotations  # noqa: I001

import json

from .registry import plant, sparse, tree
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MEGABYTE = 1_000_000
CODE = "import numpy as np\n\nprint(np.random.rand(3))\n"


@tree("big.py")
def source_of_sixty_megabytes(root: Path) -> None:
    """One module of 60 MB."""
    plant(root, {"own.py": CODE, "big.py": "x = [1, 2, 3]\n" * (60 * MEGABYTE // 14)})


@tree("big.ipynb")
def notebook_of_150_megabytes(root: Path) -> None:
    """One notebook of 150 MB, and one just below the bound that is full of outputs."""
    cell = {"cell_type": "code", "source": ["print(1)\n"], "outputs": [], "execution_count": 1}
    body = json.dumps({"cells": [cell], "nbformat": 4, "metadata": {}})
    output = {"output_type": "stream", "text": ["x" * 99 + "\n"] * 100}
    full = {"cells": [{**cell, "outputs": [output]}] * 1_000, "nbformat": 4, "metadata": {}}
    plant(root, {"own.py": CODE, "big.ipynb": body + " " * 150 * MEGABYTE})
    plant(root, {"full.ipynb": json.dumps(full)})


@tree("train.py", "a.ipynb", "README.md", "uv.lock", "requirements.txt", "pyproject.toml")
def sparse_gigabytes(root: Path) -> None:
    """Files of a gigabyte that take no room on disk, at every place that is read."""
    plant(root, {"own.py": CODE, ".git/HEAD": "ref: refs/heads/main\n"})
    for name in (
        "train.py", "a.ipynb", "README.md", "uv.lock", "requirements.txt", "pyproject.toml",
        "repro-audit.toml", "data.csv", ".git/index", ".git/config", ".git/packed-refs",
        ".git/HEAD", "repro-record.json",
    ):  # fmt: skip
        sparse(root / name, 1_000 * MEGABYTE, b"DIRC\x00\x00\x00\x02\x7f\xff\xff\xff")


@tree("requirements.txt")
def lock_of_a_million_lines(root: Path) -> None:
    """A lock of a million lines, and one of each format just below the bound."""
    count = 4_000
    digest = "--hash=sha256:" + "0" * 64
    toml = "".join(f'[[package]]\nname = "p{n}"\nversion = "1.{n}"\n\n' for n in range(count))
    conda = "package:\n" + "".join(f"- {{name: p{n}, version: '{n}'}}\n" for n in range(count))
    pipfile = {"default": {f"p{n}": {"version": f"=={n}"} for n in range(count)}}
    plant(
        root,
        {
            "own.py": CODE,
            "requirements.txt": "".join(f"p{n}==1.{n}\n" for n in range(1_000_000)),
            "requirements-dev.txt": "".join(f"p{n}==1.{n} {digest}\n" for n in range(count)),
            "more/requirements.in": "".join(f"p{n}\n" for n in range(200_000)),
            "uv.lock": toml,
            "poetry.lock": toml,
            "pdm.lock": toml,
            "conda-lock.yml": conda,
            "Pipfile.lock": json.dumps(pipfile),
            "pylock.toml": toml.replace("[[package]]", "[[packages]]"),
        },
    )


@tree("a.py", "b.py", "c.py", "d.py")
def nesting_in_python(root: Path) -> None:
    """Python nested by brackets, signs, calls, attributes, blocks and lambdas."""
    deep = 50_000
    plant(
        root,
        {
            "own.py": CODE,
            "a.py": "(" * deep + ")" * deep,
            "b.py": "-" * deep + "1",
            "c.py": "a" + "()" * deep,
            "d.py": "a" + ".b" * deep,
            "e.py": "a" + "[0]" * deep,
            "f.py": "lambda: " * deep + "1",
            "g.py": "not " * deep + "1",
            "h.py": "".join(" " * n + "if a:\n" for n in range(95)) + " " * 95 + "pass\n",
            "i.py": "x = " + "a if b else " * deep + "c",
            "j.py": "f" + "(f" * 190 + ")" * 190 + "\n",
            "k.py": "x = " + "{1: " * 190 + "1" + "}" * 190 + "\n",
            "l.py": "def f():\n" + "".join(" " * n + "for a in b:\n" for n in range(1, 19))
            + " " * 19 + "pass\n",
            "m.py": "x = " + "f'{" * 3 + "1" + "}'" * 3 + "\n",
            "n.py": "if a: pass\n" + "elif a: pass\n" * 20_000,
            "o.py": "x" + " = x" * 50_000 + "\n",
            "p.py": "await " * deep + "x",
            "q.py": "@a\n" * deep + "def f(): pass\n",
            "r.py": "class A(" + "A(" * 150 + ")" * 150 + "): pass\n",
            "s.py": "match x:\n case " + "[" * 150 + "]" * 150 + ": pass\n",
        },
    )  # fmt: skip


@tree()
def expressions_just_accepted(root: Path) -> None:
    """Chains as long as Python's parser accepts, in many files."""
    for number, deep in enumerate((100, 300, 500, 700, 800, 900, 950, 990, 1_500, 3_000)):
        plant(
            root,
            {
                f"a{number}.py": "import random\nx = random" + ".b" * deep + "\n",
                f"b{number}.py": "import random\nx = random.random()" + " + 1" * deep + "\n",
                f"c{number}.py": "import random\nx = random" + ".f()" * deep + "\n",
                f"d{number}.py": "x = " + "a and (b or " * (deep // 20) + "c" + ")" * (deep // 20),
                f"e{number}.py": "x = y" + "[0]" * deep + "\n",
                f"f{number}.py": "x = " + "'a' " * deep * 10 + "\n",
                f"g{number}.py": "x = 1" + " < 2" * deep * 10 + "\n",
                f"h{number}.py": "if __name__ == '__main__':\n    main" + "()" * deep + "\n",
            },
        )
    said = "x" + ".b" * 600
    calls = (
        "pd.read_csv({0})", "torch.manual_seed({0})", "hashlib.sha256({0}).hexdigest()",
        "model.fit({0}, epochs={0})", "torch.save({0}, {0})", "DataParallel(m, device_ids={0})",
        "AutoModel.from_pretrained({0}, revision={0})", "requests.get({0})", "os.listdir({0})",
        "setup(install_requires={0})", "train_test_split({0}, random_state={0})", "df[:{0}]",
    )  # fmt: skip
    code = "import torch, hashlib\nimport pandas as pd\nfrom setuptools import setup\n"
    code += "".join(f"x{at} = {call.format(said)}\n" for at, call in enumerate(calls))
    code += f"if hashlib.md5({said}).hexdigest() != {said}:\n    raise ValueError({said})\n"
    code += f"for i in range({said}):\n    random.seed({said})\n"
    plant(root, {"everywhere.py": code})


@tree()
def nesting_in_data(root: Path) -> None:
    """JSON, YAML and TOML nested deeper than their parsers go."""
    deep = 90_000
    notebook = '{"cells": ' + "[" * deep + "]" * deep + "}"
    plant(
        root,
        {
            "own.py": CODE,
            "conf/a.json": "[" * deep + "]" * deep,
            "conf/b.json": '{"a":' * deep + "1" + "}" * deep,
            "conf/a.yaml": "a: " + "[" * deep + "]" * deep,
            "conf/b.yaml": "a: " + "{a: " * deep + "1" + "}" * deep,
            "conf/c.yaml": "".join(" " * n + "a:\n" for n in range(800)),
            "conf/d.yaml": "- " * deep + "a\n",
            "conf/e.yaml": "? " * deep + "a\n",
            "conf/a.toml": "a = " + "[" * deep + "]" * deep,
            "conf/b.toml": "a" + ".a" * 60_000 + " = 1\n",
            "conf/c.toml": "[a" + ".a" * 60_000 + "]\n",
            "conf/d.toml": "a = " + "{a = " * deep + "1" + "}" * deep,
            "conf/e.toml": "".join(f"[{'a.' * n}b]\nc = 1\n" for n in range(500)),
            "pyproject.toml": "[project]\nname = 'x'\na = " + "[" * deep + "]" * deep,
            "environment.yml": "dependencies: " + "[" * deep + "]" * deep,
            "uv.lock": "package = " + "[" * deep + "]" * deep,
            "Pipfile.lock": "[" * deep + "]" * deep,
            "a.ipynb": notebook,
            "repro-record.json": "[" * deep + "]" * deep,
            ".github/workflows/a.yml": "on: " + "[" * deep + "]" * deep,
            "CITATION.cff": "a: " + "{a: " * deep,
            "docs/croissant.json": '{"@type": ' * deep,
        },
    )


@tree()
def yaml_bombs(root: Path) -> None:
    """Aliases and merges of aliases that double with each line, in every YAML file we read."""
    alias = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    alias += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    merge = ["a0: &a0 {x: 1, y: 2}"]
    merge += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 30)]
    listed = "dependencies: *a29\n"
    for number, bomb in enumerate(("\n".join(alias) + "\n", "\n".join(merge) + "\n")):
        plant(
            root,
            {
                f"{number}/conf/bomb.yaml": bomb,
                f"{number}/environment.yml": bomb + listed,
                f"{number}/conda-lock.yml": bomb + "package: *a29\n",
                f"{number}/pixi.lock": bomb + "packages: *a29\n",
                f"{number}/CITATION.cff": bomb + "authors: *a29\n",
                f"{number}/.gitlab-ci.yml": bomb + "test: {script: *a29}\n",
                f"{number}/.github/workflows/a.yml": bomb + "on: *a29\njobs: *a29\n",
                f"{number}/dvc.yaml": bomb + "stages: *a29\n",
                f"{number}/docker-compose.yml": bomb + "services: *a29\n",
                f"{number}/README.md": f"---\n{bomb}tags: *a29\n---\n# A\n",
                f"{number}/MLproject": bomb + "entry_points: *a29\n",
                f"{number}/.pre-commit-config.yaml": bomb + "repos: *a29\n",
            },
        )


@tree()
def yaml_tags_and_cycles(root: Path) -> None:
    """Tags that would make objects, values that contain themselves, keys that are no texts."""
    mark = root.parent / "ran"
    command = f"!!python/object/apply:os.system ['touch {mark}']\n"
    plant(
        root,
        {
            "own.py": CODE,
            "conf/a.yaml": command,
            "conf/b.yaml": f"a: {command}b: !!python/name:os.system\n",
            "conf/c.yaml": "a: &a [*a, *a]\nb: &b {c: *b, *b : 1}\n",
            "conf/d.yaml": "? [a, b]\n: 1\n? {c: d}\n: 2\n",
            "conf/e.yaml": "a: " + ":".join(["59"] * 20_000) + "\nb: 0x" + "f" * 100_000 + "\n",
            "conf/f.yaml": "a: 1e999999999\nb: .inf\nc: 9999-99-99\nd: 2001-01-01T99:99:99\n",
            "conf/g.yaml": "a: !!binary " + "=" * 10_000 + "\nb: !!timestamp x\nc: !!set {a}\n",
            "environment.yml": f"dependencies: {command}",
            "conda-lock.yml": "package: &p [*p]\n",
            "CITATION.cff": "authors: &a [*a]\n",
            ".github/workflows/a.yml": "on: &a {push: *a}\njobs: &j {a: *j}\n",
        },
    )


@tree()
def functions_that_all_call_each_other(root: Path) -> None:
    """Two thousand functions of which each calls twenty others, in ten modules that are all run."""
    for number in range(10):
        body = [f"from m{other} import *\n" for other in range(10) if other != number]
        for own in range(200):
            targets = ((number * 200 + own * 37 + k * 13) % 2_000 for k in range(20))
            calls = "; ".join(f"f{target}()" for target in targets)
            body.append(f"def f{number * 200 + own}(a=1):\n    {calls}\n")
        body.append("if __name__ == '__main__':\n    f0()\n")
        plant(root, {f"m{number}.py": "".join(body)})


@tree()
def classes_that_inherit_in_circles(root: Path) -> None:
    """Classes that derive from each other in circles and diamonds, with methods of one name."""
    lines = ["import random\n"]
    for n in range(1_500):
        bases = ", ".join(f"C{(n * k + k) % 1_500}" for k in range(1, 6))
        lines.append(
            f"class C{n}({bases}):\n    def run(self): self.run(); x.run(); C{n}().run()\n"
        )
    plant(root, {"own.py": "".join(lines) + "C0().run()\n"})


@tree()
def function_of_ten_thousand_statements(root: Path) -> None:
    """One function of ten thousand statements with random draws, splits and fits among them."""
    steps = (
        "x = random.random()", "y = np.random.rand(3)", "a, b = train_test_split(x, y)",
        "m.fit(a, b)", "s = StandardScaler().fit_transform(x)", "z = x if y else s",
    )  # fmt: skip
    body = "".join(f"    {steps[n % len(steps)]}\n" for n in range(10_000))
    head = (
        "import random\nimport numpy as np\nfrom sklearn.preprocessing import StandardScaler\n"
        "from sklearn.model_selection import train_test_split\n"
    )
    plant(root, {"train.py": f"{head}def main(x, y, m):\n{body}\nmain(1, 2, 3)\n"})
    plant(root, {"flat.py": head + body.replace("    ", "")})


@tree()
def numbers_without_end(root: Path) -> None:
    """Number literals of thousands of digits, powers that would never end, long texts."""
    plant(
        root,
        {
            "a.py": "x = " + "9" * 4_000 + "\n",
            "b.py": "x = 0x" + "f" * 400_000 + "\nprint(x)\n",
            "c.py": "x = 9**9**9**9\ny = 'a' * 10**12\nseed = 10**10**10\nz = 1 << 10**15\n",
            "d.py": "import random\nrandom.seed(" + "7" * 4_200 + ")\nx = [0] * 10**11\n",
            "e.py": "x = " + "9" * 400_000 + "\n",
            "f.py": "import torch\ntorch.manual_seed(0x" + "f" * 100_000 + ")\n",
            "g.py": "import random\nrandom.seed(1e" + "9" * 300 + ")\nx = 1j\nprint(-x)\n",
            "conf/a.json": '{"seed": ' + "9" * 100_000 + "}",
            "conf/b.yaml": "seed: " + "9" * 100_000 + "\n",
            "conf/c.toml": "seed = " + "9" * 100_000 + "\n",
            "conf/d.json": '{"seed": 1e400, "lr": NaN, "x": -Infinity, "seed": -0}',
        },
    )


@tree()
def imports_by_the_hundred_thousand(root: Path) -> None:
    """A hundred thousand imports in ten modules, and one module with as many names."""
    for number in range(9):
        text = "".join(f"import m{n}\n" for n in range(number * 10_000, number * 10_000 + 10_000))
        plant(root, {f"a{number}.py": text})
    plant(root, {"b.py": "from c import " + ", ".join(f"n{n}" for n in range(10_000)) + "\n"})
    plant(root, {"c.py": "from b import *\nfrom c import *\n"})


@tree()
def modules_that_import_all_of_each_other(root: Path) -> None:
    """Two hundred modules with star imports of each other."""
    for n in range(200):
        stars = "".join(f"from m{(n + k) % 200} import *\n" for k in range(1, 15))
        plant(root, {f"m{n}.py": f"{stars}def f{n}():\n    return f{(n + 1) % 200}()\nf{n}()\n"})


@tree()
def tokens_of_two_megabytes(root: Path) -> None:
    """Modules just below the bound that consist of nothing but names, calls or texts."""
    size = 1_900_000
    plant(
        root,
        {
            "a.py": "x = [" + "a," * (size // 2) + "]\n",
            "b.py": "x = [" + "f()," * (size // 4) + "]\n",
            "c.py": "a=1\n" * (size // 4),
            "d.py": "x = '" + "a" * size + "'\n",
            "e.py": "#" * size + "\nimport random\nrandom.random()\n",
            "f.py": "x = {" + "1:2," * (size // 4) + "}\n",
        },
    )


@tree()
def a_thousand_notebooks_cells(root: Path) -> None:
    """A notebook of twenty thousand cells, half of them broken, in no order."""
    cells = [
        {
            "cell_type": "code",
            "source": ["import random\n", "x = random.random(\n" if n % 2 else "x = 1\n"],
            "outputs": [],
            "execution_count": -n,
        }
        for n in range(20_000)
    ]
    plant(root, {"a.ipynb": json.dumps({"cells": cells, "nbformat": 4, "metadata": {}})})


@tree()
def projects_in_projects(root: Path) -> None:
    """Three hundred projects in one tree, each with its own manifest, and projects inside them."""
    files = {
        "pyproject.toml": "[project]\nname = 'x'\ndependencies = ['numpy']\n",
        "train.py": CODE,
    }
    files |= {"README.md": "# A\n\n```sh\npython train.py\n```\n", "requirements.txt": "numpy\n"}
    for n in range(300):
        plant(root, {f"p{n}/{path}": text for path, text in files.items()})
    for n in range(1, 60):
        plant(root, {f"{'q/' * n}{path}": text for path, text in files.items()})
