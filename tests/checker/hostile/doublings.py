"""Trees whose values, names and includes grow while they are followed."""

# ruff: noqa: E501 - the contents of files

from __future__ import annotations  # noqa: I001

import json

from .registry import plant, tree
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CODE = "import numpy as np\n\nprint(np.random.rand(3))\n"
HEX = "0x" + "F" * 6_000


@tree()
def numbers_in_every_format(root: Path) -> None:
    """Numbers too long to be written as text, too large for a float, and none, in every format."""
    many = "9" * 4_200
    values = (
        HEX,
        "1e999999",
        "-1e999999",
        "nan",
        "inf",
        many,
        "0b" + "1" * 9_000,
        "0o" + "7" * 5_000,
    )
    keys = ("seed", "epochs", "num_workers", "lr", "batch_size", "n_splits")
    rows = [(key, f"{key}_{at}", value) for at, value in enumerate(values) for key in keys]
    code = "import random, torch\nimport numpy as np\n" + "".join(
        f"{name} = {value}\n" if value not in {"nan", "inf"} else "" for _, name, value in rows
    )
    code += f"SEED = {HEX}\nrandom.seed(SEED)\nnp.random.seed({HEX})\ntorch.manual_seed(-SEED)\n"
    code += f"for seed in range({HEX}):\n    random.seed(seed)\n    main(seed=-{HEX})\n"
    numbers = ", ".join(
        f'"{name}": {value}'
        for _, name, value in rows
        if value[:2] not in {"0x", "0b", "0o", "na", "in"}
    )
    plant(
        root,
        {
            "train.py": code,
            "conf/a.toml": "".join(f"[{name}]\n{key} = {value}\n" for key, name, value in rows),
            "conf/config.yaml": "".join(f"{name}:\n  {key}: {value}\n" for key, name, value in rows)
            + "x: .inf\ny: .nan\nz: 59:59:59:59\nw: 0x" + "F" * 990 + "\n",
            "conf/c.ini": "[a]\n" + "".join(f"{name} = {value}\n" for _, name, value in rows),
            "conf/d.json": f"{{{numbers}}}",
            "conf/e.json": '{"seed": NaN, "epochs": Infinity, "lr": -Infinity}',
            "requirements.txt": f"numpy=={many}\ntorch=={many}.{many}!1\nscipy=={HEX}\n",
            "pyproject.toml": f'[project]\nname = "a"\nversion = "{many}"\nrequires-python = ">=3.{many}"\n'
            f"[tool.pytest.ini_options]\ntimeout = {HEX}\n",
            ".python-version": f"3.{many}\n",
            "Dockerfile": f"FROM python:3.{many}\nENV SEED={HEX}\n",
            "uv.lock": f'version = {HEX}\n[[package]]\nname = "a"\nversion = {HEX}\n',
            "environment.yml": f"dependencies:\n- python=3.{many}\n- numpy={many}\n- pip: {many}\n",
            "run.sh": f"python train.py --seed {many} --epochs {HEX} --lr 1e999999\n",
            "results/a.csv": "seed,accuracy\n" + f"{many},1e999999\n{HEX},nan\n" * 50,
            "README.md": f"# A\n\nSeed {many}. Accuracy {many}% ± {many}.\n\n| a | b |\n| - | - |\n| x | {many} |\n",
            "repro-record.json": json.dumps({"schema": "repro-audit/record/v1", "equal": True,
                "variations": [], "causes": [{"path": "a", "line": 10**4_200, "message": "x"}]}),
            "croissant.json": '{"@type": "sc:Dataset", "distribution": [{"contentSize": 1e999999}]}',
        },
    )  # fmt: skip


@tree()
def values_that_double(root: Path) -> None:
    """Texts, lists and numbers that double with each line, by name, format and expansion."""
    count = 70
    code = "import random\nx0 = 'seed'\ny0 = [1, 2]\nz0 = 3\nd0 = {'seed': 1}\n"
    for at in range(1, count):
        last = at - 1
        code += (
            f"x{at} = x{last} + x{last}\ny{at} = y{last} + y{last}\nz{at} = z{last} ** z{last}\n"
        )
        code += (
            f"d{at} = {{**d{last}, 'k{at}': [d{last}, d{last}]}}\ng{at} = f'{{x{at}}}{{x{at}}}'\n"
        )
        code += f"p{at} = x{at} * 10 ** 9\nq{at} = '%s%s' % (x{last}, x{last})\n"
        code += f"w{at} = ','.join([x{last}, x{last}])\nv{at} = 1 << 10 ** {at}\n"
    code += f"random.seed(z{count - 1})\nopen(x{count - 1})\nopen(g{count - 1})\nopen(p3)\n"
    last = count - 1
    plant(
        root,
        {
            "train.py": code,
            "conf/config.yaml": "a0: x\n" + "".join(f"a{n}: ${{a{n - 1}}}${{a{n - 1}}}\n" for n in range(1, count)),
            "conf/loop.yaml": "a: ${b}\nb: ${c}\nc: ${a}\nd: ${d}\ne: ${oc.env:HOME}${e}\n",
            "conf/d.ini": "[s]\na0 = x\n" + "".join(f"a{n} = %(a{n - 1})s%(a{n - 1})s\n" for n in range(1, count)),
            "Dockerfile": "ARG a0=x\n" + "".join(f"ARG a{n}=$a{n - 1}$a{n - 1}\n" for n in range(1, count))
            + f"FROM python:${{a{last}}}\nENV b0=x\n" + "".join(f"ENV b{n}=$b{n - 1}${{b{n - 1}}}\n" for n in range(1, count))
            + f"RUN pip install $b{last}\n",
            "Makefile": "A0 = x\n" + "".join(f"A{n} = $(A{n - 1})$(A{n - 1})\n" for n in range(1, count))
            + "all:\n" + f"\tpython train.py $(A{last})\n" * 200 + "B = $(B)$(B)\ninclude Makefile\n",
            "run.sh": "a0=x\n" + "".join(f"a{n}=$a{n - 1}$a{n - 1}\n" for n in range(1, count))
            + f"python train.py $a{last}\n",
            "tox.ini": "[testenv]\na0 = x\n" + "".join(f"a{n} = {{[testenv]a{n - 1}}}{{[testenv]a{n - 1}}}\n" for n in range(1, count))
            + f"commands = python {{[testenv]a{last}}}\n",
            "requirements.txt": "".join(f"-r req/{n}.txt\n" for n in range(20)),
            **{f"req/{n}.txt": "".join(f"-r {m}.txt\n" for m in range(n + 1, 20)) * 2 for n in range(20)},
        },
    )  # fmt: skip


@tree()
def chains_that_are_long(root: Path) -> None:
    """Names, functions, classes, modules, stages and files of which each leads to the next."""
    count = 3_000
    numbers = range(1, count)
    plant(
        root,
        {
            "names.py": "import random\na0 = random.random\n" + "".join(f"a{n} = a{n - 1}\n" for n in numbers)
            + f"print(a{count - 1}())\n",
            "functions.py": "import random\ndef f0():\n    return random.random()\n"
            + "".join(f"def f{n}():\n    return f{n - 1}()\n" for n in numbers)
            + f"if __name__ == '__main__':\n    f{count - 1}()\n",
            "classes.py": "import torch\nclass A0(torch.nn.Module):\n    def fit(self): pass\n"
            + "".join(f"class A{n}(A{n - 1}):\n    def m(self): return super().m()\n" for n in numbers)
            + f"model = A{count - 1}()\nmodel.fit()\n",
            "defaults.py": "def g0(x=1): return x\n"
            + "".join(f"def g{n}(x=g{n - 1}()): return x\n" for n in numbers),
            "wrapped.py": "import torch\nm0 = torch.nn.Linear(1, 1)\n"
            + "".join(f"m{n} = torch.compile(m{n - 1})\n" for n in numbers),
            "attributes.py": "class A: pass\na = A()\n" + "".join(f"a.x{n} = a.x{n - 1}\n" for n in numbers),
            "Dockerfile": "FROM python:3.11 AS s0\n" + "".join(f"FROM s{n - 1} AS s{n}\nRUN pip install a{n}\n" for n in numbers),
            "Makefile": "t0:\n\tpython names.py\n" + "".join(f"t{n}: t{n - 1}\n\t$(MAKE) t{n - 1}\n" for n in numbers),
            "justfile": "t0:\n  python names.py\n" + "".join(f"t{n}: t{n - 1}\n  just t{n - 1}\n" for n in numbers),
            "requirements.txt": "-r chain/0.txt\n",
            **{f"chain/{n}.txt": f"-r {n + 1}.txt\nnumpy\n" for n in range(1_500)},
            **{f"link/m{n}.py": f"from .m{n + 1} import *\nfrom .m{n + 1} import x as x\n" for n in range(600)},
            **{f"sh/{n}.sh": f"bash {n + 1}.sh\nsource {n + 1}.sh\n" for n in range(600)},
            "run.sh": "bash sh/0.sh\n",
            **{f"conf/c/{n}.yaml": f"defaults:\n- {n + 1}\n- _self_\nseed: {n}\n" for n in range(600)},
            "conf/config.yaml": "defaults:\n- c: 0\n",
            "/".join(["deep"] * 120) + "/__init__.py": "from ................................... import x\n" * 200,
        },
    )  # fmt: skip


@tree()
def displays_of_a_hundred_thousand(root: Path) -> None:
    """Dictionaries, lists, calls, signatures and texts of tens of thousands of elements."""
    count = 100_000
    plant(
        root,
        {
            "a.py": "D = {" + ", ".join(f"'k{n}': {n}" for n in range(count)) + "}\nprint(D['k1'])\n",
            "b.py": "L = [" + ", ".join("0.5" for _ in range(count)) + "]\nS = {*L}\nfor x in L: print(x)\n",
            "c.py": "f(" + ", ".join(f"a{n}={n}" for n in range(count // 2)) + ")\n",
            "d.py": "def f(" + ", ".join(f"a{n}=None" for n in range(20_000)) + "): pass\nf()\n",
            "e.py": "x = (" + "'seed' " * count + ")\nopen(x)\n",
            "f.py": "import random\n" + "random.seed(1); " * 5_000 + "\n",
            "g.py": "x = " + " or ".join(["a"] * 50_000) + "\n",
            "h.py": "x = " + " if a else ".join(["b"] * 900) + "\n",
            "i.py": "with " + ", ".join(["a() as b"] * 5_000) + ": pass\n",
            "j.py": "match x:\n" + "".join(f"    case {{'a': {n}}}: y = {n}\n" for n in range(20_000)),
            "k.py": "def f():\n    global " + ", ".join(f"a{n}" for n in range(20_000)) + "\n",
            "l.py": "from a import (" + ", ".join(f"b{n} as c{n}" for n in range(50_000)) + ")\n",
            "m.py": "del " + ", ".join(f"a{n}" for n in range(50_000)) + "\n",
            "n.py": "@a.b(1)\n" * 20_000 + "def f(): pass\n",
            "o.py": "x = [" + "[y for y in z] + " * 900 + "[]]\n",
            "p.py": "".join(f"lambda a{n}: " for n in range(95)) + "1\n",
            "q.py": 'x = f"' + "{a!r:>{b}}" * 20_000 + '"\n' + "y = f'{f\"{f'''{a}'''}\"}'\n" * 2_000,
            "q1.py": 'x = f"' + "{a!r:>{b}}" * 150_000 + '"\n',
            "q2.py": 'x = f"""' + "{a!r:>{b}}\n" * 150_000 + '"""\n',
            "q3.py": "x = rf'\\'" + "{a}" * 500_000 + "'\n",
            "r.py": "x = " + "(yield " * 90 + "1" + ")" * 90 + "\n",
            "s.py": "try: pass\n" + "except (A, B): pass\n" * 20_000,
            "t.py": "a: " + "List[" * 190 + "int" + "]" * 190 + " = 1\n",
            "u.py": "#" * 1_000_000 + "\n" + "# seed = 1\n" * 50_000,
            "v.py": '"""' + "seed " * 200_000 + '"""\n',
            "w.py": "if __name__ == '__main__':\n" + "    main()\n" * 10_000,
        },
    )  # fmt: skip
