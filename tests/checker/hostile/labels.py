"""Trees whose names, words and settings are orders to the programs that show or use a report."""

# ruff: noqa: E501 - the contents of files

from __future__ import annotations  # noqa: I001

import json

from dulwich import porcelain

from .gits import AUTHOR, committed
from .registry import plant, sparse, tree
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CODE = "import numpy as np\nimport random\n\nprint(np.random.rand(3), random.random())\n"
ORDERS = (
    "--output=ran", "-", "-rf", "--help", "::error file=x,line=1::forged", "::stop-commands::x",
    "##[add-mask]e", "##vso[task.setvariable variable=x]y", "##teamcity[message text='x']",
    "$(touch ran)", "`touch ran`", "; touch ran", "%0A::warning::x", "%2e%2e%2fetc", "a#b?c=d",
    "a|b", "a`b", "**bold**", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>",
    "&lt;script&gt;", "'\"><svg onload=alert(1)>", "]]>", "=cmd|' C'!A0", "@SUM(1+1)*cmd",
    "{{7*7}}", "${jndi:ldap:x}", "%s%n%x", "{0.__class__}", "[bold red]x[", "[link=http:x]y[",
    ":smile:", "\x1b]8;;http:x\x07y\x1b]8;;\x07", "\x1b[2J", "\x9b31m", "\u202egnp.exe", "\u2066x\u2069",
    "\u0430dmin", "e\u0301", "\u00e9", "\u200bx", "\u00adx", "\U000e0041\U000e0042", "\u3164", "\uff0e\uff0e",
    "CON", "NUL.txt", "COM1", "x ", "x.", " x", "~", "~root", "C:", "file:x", "x" * 240,
    "\ufeffx", "a\tb", "a\rb", "a\nb", "\u2028x", "\x7f", "\x85x", "\U0001f4a9",
)  # fmt: skip


@tree()
def names_that_are_orders(root: Path) -> None:
    """Files and folders called like options, commands of CI, links, markup, and look-alikes."""
    plant(root, {f"{name}.py": CODE for name in ORDERS if len(name) < 240})
    plant(root, {f"{name}/train.py": CODE for name in ORDERS})
    plant(
        root, {f"docs/{name}.md": f"# {name}\n\nSee [{name}]({name}.png)\n" for name in ORDERS[:50]}
    )
    plant(root, {f"conf/{name}.yaml": f"'{name[:9]}': /home/alice/x\n" for name in ORDERS[:50]})


@tree()
def words_that_are_orders(root: Path) -> None:
    """Contents that a report quotes: paths, names, commands and reasons that are orders."""
    lines = "".join(f"x{n} = open({'/home/alice/' + name!r})\n" for n, name in enumerate(ORDERS))
    shown = "\n\n".join(f"    python {name} /home/alice/{name}" for name in ORDERS)
    named = "\n".join(f"{json.dumps('/home/alice/' + name)}: {json.dumps(name)}" for name in ORDERS)
    ignores = "".join(
        f"import random  # repro-audit: ignore[{name[:9]}] -- {name}\n"
        for name in ORDERS
        if "\n" not in name and "\r" not in name
    )
    plant(
        root,
        {
            "train.py": CODE + lines,
            "ignores.py": ignores,
            "README.md": f"# {ORDERS[4]}\n\n{shown}\n",
            "conf/config.yaml": named,
            "requirements.txt": "\n".join(ORDERS),
            "Dockerfile": "".join(f"FROM {name}\nRUN {name}\n" for name in ORDERS),
            "Makefile": "".join(f"{name}:\n\t{name}\n" for name in ORDERS),
            ".github/workflows/ci.yml": json.dumps({"on": "push", "jobs": {name: {"runs-on": name, "steps": [{"name": name, "uses": name, "run": name}]} for name in ORDERS}}),
            "repro-audit.toml": "[ignore]\n" + "".join(f"{json.dumps(name)} = {json.dumps(name)}\n" for name in ORDERS),
        },
    )  # fmt: skip


@tree()
def names_that_clash(root: Path) -> None:
    """Every file that an audit looks for, in several spellings of upper and lower case."""
    for name in ("README.md", "requirements.txt", "pyproject.toml", "Dockerfile", "CITATION.cff",
                 "LICENSE", "environment.yml", "uv.lock", "repro-record.json", "train.py"):  # fmt: skip
        spelled = {name, name.lower(), name.upper(), name.title(), name.swapcase()}
        spelled |= {name[:at].upper() + name[at:].lower() for at in range(len(name))}
        plant(root, {each: f"# {each}\n" for each in spelled})
        plant(root, {f"{each}/{each}": "x\n" for each in ("Src", "src", "SRC")})


@tree()
def settings_that_mean_harm(root: Path) -> None:
    """Settings that excuse everything, name files outside, and hold patterns without end."""
    every = "\n".join(f'practice-{n} = "{"x" * 900}"' for n in range(900))
    worst = json.dumps(
        ["*a" * 500 + "b", "**/" * 300, "[" * 900, "[!a-", "?" * 5_000, "/etc/*", "../*"]
    )
    plant(
        root,
        {
            "train.py": CODE,
            **{f"{'a' * 200}/{n}.py": CODE for n in range(100)},
            "repro-audit.toml": f'select = ["../../etc/passwd"]\nprofile = "\\u001b[2J"\nfail-under = 0\n'
            f"exclude = {worst}\n[ignore]\n{every}\n[verify]\ncommand = ['touch', 'ran']\n",
            "pyproject.toml": f'[tool.repro-audit]\nexclude = ["**", "*", "train.py"]\n[tool.repro-audit.ignore]\n{every}\n'
            "[build-system]\nrequires = []\nbuild-backend = 'evil'\nbackend-path = ['.']\n",
            "baseline.json": '{"schema": "repro-audit/baseline/v1", "tool": [], "practices": {}}',
            "comments.py": "import random\n" + "random.random()  # repro-audit: ignore[rand-seeds] -- no\n" * 20_000,
            "list.py": "x = 1  # repro-audit: ignore[" + "a," * 240 + "] -- no\n" * 5_000,
            ".cache/repro-audit/reports/x": "forged\n",
            "repro_audit.py": "raise SystemExit('imported')\n",
        },
    )  # fmt: skip


@tree()
def records_that_are_forged(root: Path) -> None:
    """Records of runs that claim everything, are of wrong types, nested, huge, or many."""
    git = committed(root)
    head = (git / "refs/heads").iterdir().__next__().read_text("ascii").strip()
    names = ("control", "seed", "threads", "hash-seed", "time", "locale", "order", "leftovers")
    base = {"schema": "repro-audit/record/v1", "commit": head, "command": ["python"], "equal": True}
    nested: object = "x"
    for _ in range(400):
        nested = [nested]
    forged = (
        {**base, "variations": [{"name": name, "equal": True} for name in names]},
        {**base, "variations": [{"name": ["x"], "equal": "yes", "differences": 5}] * 50_000},
        {**base, "variations": [], "causes": [{"path": nested, "line": nested, "message": "x"}]},
        {**base, "variations": [], "causes": [{"line": "\x1b[2J" * 50_000}] * 5},
        {**base, "variations": [], "data_digests": {f"../{n}": "0" * 64 for n in range(20_000)}},
        {**base, "variations": [], "data_digests": {"train.py": 5, "/etc/passwd": "0" * 64}},
        {**base, "variations": [], "lock_digest": {"a": [nested]}, "command": nested},
        {**base, "variations": {"a": 1}}, {**base, "equal": 1, "variations": []}, [base], "x", 5,
        {**base, "commit": "../" * 20, "variations": []}, {**base, "commit": 5, "variations": []},
    )  # fmt: skip
    for at, item in enumerate(forged):
        plant(root, {f"runs/{at}.repro-record.json": json.dumps(item)})
    plant(root, {"repro-record.json": json.dumps(forged[0]), "repro-record-2.json": "[" * 90_000})
    plant(root, {f"s/repro-record-{n}.json": json.dumps(forged[0]) for n in range(200)})
    porcelain.add(str(root), [str(path) for path in root.rglob("*repro-record*")])
    porcelain.commit(str(root), message=b"two", author=AUTHOR, committer=AUTHOR, no_verify=True)
    sparse(root / "runs" / "0.repro-record.json", 3_000_000_000, b"{")


@tree()
def stores_and_models_that_would_run(root: Path) -> None:
    """Databases, pickles, archives and models that run code or swell when they are opened."""
    evil = b"cposix\nsystem\n(S'touch ran'\ntR."
    plant(
        root,
        {
            "train.py": CODE + "import pickle, torch, joblib\n"
            "pickle.load(open('model.pkl', 'rb'))\ntorch.load('model.pt')\njoblib.load('m.joblib')\n",
            **dict.fromkeys(("model.pkl", "model.pt", "m.joblib", "a.npy", "b.npz", "c.h5", "data/a.parquet", "d.onnx", "e.gguf", "f.rds", "g.RData", "h.feather", "i.msgpack"), evil),
            "j.safetensors": b"\xff" * 8 + b"{" * 5_000, "k.safetensors": b"\x00" * 8,
            "mlflow.db": b"SQLite format 3\x00" + b"\xff" * 5_000, "mlruns.db": b"SQLite format 3\x00",
            "optuna.sqlite3": b"SQLite format 3\x00" + bytes(range(256)) * 40,
            "a.zip": b"PK\x05\x06" + b"\xff" * 18, "a.tar.gz": b"\x1f\x8b\x08" + b"\x00" * 50,
            "mlruns/0/meta.yaml": "artifact_location: file:///etc\nexperiment_id: '0'\nname: x\n",
            "mlruns/0/a/meta.yaml": "artifact_uri: file:///etc/passwd\nrun_id: ../../..\nstatus: 9\n",
            "mlruns/0/a/params/seed": "/etc/passwd", "mlruns/0/a/metrics/loss": "x y z\n" * 9_000,
            "MLproject": "name: x\nconda_env: /etc/passwd\nentry_points:\n  main:\n    command: touch ran\n",
            "wandb/settings": "[default]\nbase_url = http://x\n", "lightning_logs/v/hparams.yaml": "a: !!python/object/apply:os.system [touch ran]\n",
            "model_index.json": '{"_class_name": ["x", "../../x"]}', "adapter_config.json": "[]",
            "dvc.lock": "stages:\n  a:\n    deps:\n    - path: /etc/passwd\n      size: -1\n      md5: ../x\n",
            "data.csv.dvc": "outs:\n- path: ../../../etc/passwd\n  md5: x\n  size: 1e999\n" * 900,
            "data/x.bin": b"version https://git-lfs.github.com/spec/v1\noid sha256:../../x\nsize -1\n",
        },
    )  # fmt: skip
    sparse(root / "big.safetensors", 9_000_000_000, b"\xff\xff\xff\xff\x01\x00\x00\x00{")
