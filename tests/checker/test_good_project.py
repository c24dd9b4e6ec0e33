"""A small project that keeps every practice; each spoiling breaks the one that names it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from repro_audit import Status, run_audit

Commit = Callable[[Mapping[str, str]], Path]
HASH = "--hash=sha256:2a02aba9ed12e4ac4eb3ea9421c420301a0c6460d9830d74a9df87efa4912010"
SHA = "11bd71901bbe5b1630ceea73d27597364c9af683"
DIGEST = HASH.rpartition(":")[2]

README = """\
# Events by shape

## What

This study asks whether a small network can tell two kinds of events apart from their shape alone.
It compares a linear model with a deep one on measured events, each trained ten times with other
seeds, and reports the mean and the spread. The code needs Python and a processor; no accelerator
is necessary. Results are written to the folder results, one file for each run of the training.

## Install

```sh
pip install --require-hashes -r requirements.txt
```

## Data

The events are at https://doi.org/10.5281/zenodo.1234567.
All features are measured by the detector, so that each is known at the time of the prediction.
There are 12,000 events to train and 3,000 events to test.
After preparation there are 15,000 rows.
They may be used under CC BY 4.0.

## Reproduce

```sh
datalad get data
make reproduce
python -m study.train seed=1
```

## Method

A network with one layer is trained on the cross entropy by gradient descent, as is a linear model
of the same inputs. The optimiser has a rate of 0.1, and three passes over the events are made.

## Results

| model | macro F1 on the test part | SD | made by |
| --- | --- | --- | --- |
| Linear | 0.811 | 0.006 | [linear](conf/model/small.yaml) |
| Small | 0.902 | 0.005 | [small](conf/model/small.yaml) |
| Net | 0.913 | 0.004 | [net](conf/model/small.yaml) |

A repeated run should come within 0.005 of this result.
SD is the standard deviation over the seeds. No run was left out.
The primary metric is macro F1 on the test part. Net and Linear are compared by a two-sided
signed-rank test at alpha 0.05, the only comparison (p = 0.004).

Code of the linear baseline is in study/train.py.

Checkpoints of all trained models: https://zenodo.org/record/7654321.

## Limits

The events come from one detector in one year. The result should hold for this detector, and was
not tried on any other, nor on events with a lower charge.

## Cost

One run takes about 20 minutes on an AMD EPYC 7543 and 4 GB of memory.
The study is described at https://arxiv.org/abs/2401.00001.
Two runs with one seed are non-deterministic in 2 % of the weights.
Logs and metrics of all runs: https://doi.org/10.5281/zenodo.7654322.

## Your own data

A table with the same columns goes to `study.data.load`; conf/config.yaml sets all else.
"""
CARD = """\
# Model card

## Model

A network with one layer for the shape of an event, trained by gradient descent in minutes.

## Purpose

To tell two kinds of events apart by their shape alone.

## Evaluation

Macro F1 on the test part; the README has the numbers of each model and how they were made.

## Data

Events as they come from the archive that the README names, with their charge and their kind.
"""
TESTS = """\
import subprocess
import sys

from study.data import EXPECTED


def test_digest():
    assert len(EXPECTED) == 64


def test_training_is_repeatable():
    command = [sys.executable, "study/train.py", "trainer.max_epochs=1"]
    assert subprocess.check_output(command) == subprocess.check_output(command)
"""
TRAIN = """\
import hydra
import mlflow
import numpy as np
import pandas as pd
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from sklearn.metrics import f1_score
from torch.utils.data import DataLoader

from study.data import baseline, load

START = "https://models.example.org/start"


class Net(pl.LightningModule):
    def __init__(self, width):
        super().__init__()
        self.layer = torch.nn.Linear(width, 1)

    def training_step(self, batch, index):
        return self.layer(batch).sum()


@hydra.main(version_base="1.3", config_path="../conf", config_name="config")
def main(cfg):
    pl.seed_everything(cfg.seed, workers=True)
    torch.set_num_threads(1)
    train, val, test = load("data/events.csv", cfg.split_seed)
    best = ModelCheckpoint(monitor="loss")
    trainer = pl.Trainer(callbacks=[best], **cfg.trainer)
    net = Net(cfg.model.hidden)
    net.load_state_dict(torch.hub.load_state_dict_from_url(START, check_hash=True))
    with mlflow.start_run():
        mlflow.log_params(dict(cfg))
        mlflow.log_input(mlflow.data.from_pandas(train))
        trainer.fit(net, train, val_dataloaders=val, ckpt_path=cfg.resume)
        print(baseline(train, cfg.split_seed))
        mlflow.pytorch.log_model(net, name="model")
        loader = DataLoader(train, 2, shuffle=True)
        noise = np.random.default_rng(cfg.seed)
        score = f1_score(test["kind"], net(test), average="macro")
        pd.DataFrame({"f1": [score]}).to_latex("table.tex")


if __name__ == "__main__":
    main()
"""
DATA = f"""\
# Adapted from https://example.org/events/blob/{SHA}/data.py
import hashlib
from pathlib import Path

import pandas as pd
import pandera as pa
from mlxtend.evaluate import GroupTimeSeriesSplit
import sklearn.datasets
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import resample

EXPECTED = "{DIGEST}"
SCHEMA = pa.DataFrameSchema({{"charge": pa.Column(float)}})


def verify(path):
    if hashlib.sha256(Path(path).read_bytes()).hexdigest() != EXPECTED:
        raise ValueError("the data is not the one of the study")


def prepare(frame):
    numbers = {{kind: number for number, kind in enumerate(sorted(set(frame["kind"])))}}
    frame["kind"] = frame["kind"].map(numbers)
    return frame.drop_duplicates()


def load(path, seed):
    verify(path)
    print(hash(path))
    frame = prepare(SCHEMA.validate(pd.read_csv(path)))
    dealer = GroupTimeSeriesSplit(test_size=1, n_splits=1)
    for early, late in dealer.split(frame, groups=frame["run"]):
        rest, test = frame.iloc[early], frame.iloc[late]
    train, val = train_test_split(rest, random_state=seed)
    return train, val, test


def baseline(train, seed):
    train = resample(train, random_state=seed)
    X, y = train.drop(columns=["kind"]), train["kind"]
    model = make_pipeline(StandardScaler(), SelectKBest(k=2), Ridge())
    model.fit(X, y)
    return model
"""
PACKAGES = (
    "hydra-core",
    "mlflow",
    "mlxtend",
    "numpy",
    "pandas",
    "pandera",
    "pytorch-lightning",
    "scikit-learn",
    "torch",
)
LOCK = "# autogenerated by pip-compile\n" + "".join(f"{name}==1.0.0 {HASH}\n" for name in PACKAGES)
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "execution_count": 1, "outputs": [], "source": ["import study"]}
    ],
    "nbformat": 4,
}
PLAN = """\
# Plan of the analysis

What decides is macro F1 on the test part. Each model is run with the seeds 1 to 10, and all
of them are counted. Net and Linear are compared once, by a paired test at alpha 0.05.
"""
FILES = {
    "README.md": README,
    "LICENSE": "MIT License\n\nPermission is hereby granted, free of charge, to any person\n",
    "CITATION.cff": "cff-version: 1.2.0\ntitle: Events\nversion: '1.0'\n"
    "authors:\n  - family-names: Doe\n"
    "identifiers:\n  - type: doi\n    value: 10.5281/zenodo.7654321\n",
    ".python-version": "3.11\n",
    "requirements.in": "".join(f"{name}\n" for name in PACKAGES),
    "requirements.txt": LOCK,
    "Dockerfile": f"FROM registry.example.org/base:1.0@sha256:{DIGEST}\n"
    "ENV PYTHONHASHSEED=0\nCOPY . /app\n"
    "RUN pip install --require-hashes -r /app/requirements.txt\n",
    "docs/analysis_plan.md": PLAN,
    "Makefile": "reproduce:\n\tpython -m study.train\n",
    ".github/workflows/test.yml": "on: push\njobs:\n  test:\n    steps:\n"
    f"      - uses: actions/checkout@{SHA}\n      - run: pytest\n"
    "      - run: jupyter execute look.ipynb\n",
    "conf/config.yaml": "defaults:\n  - model: small\n  - trainer: cpu\n  - _self_\n\n"
    "seed: 1\nsplit_seed: 3\nthreshold: 0.5\nresume: null\n",
    "conf/model/small.yaml": "hidden: 8\nlearning_rate: 0.1\n",
    "conf/trainer/cpu.yaml": "max_epochs: 3\ndeterministic: true\nprecision: 32-true\n",
    ".datalad/config": '[datalad "dataset"]\n\tid = 3d2b6b0e-0d9a-4b3e-8a55-9f6f5b1f2f10\n',
    "DATASHEET.md": "# Datasheet\n\n## Motivation\n\nTo compare two detectors.\n\n"
    "## Composition\n\nOne row is one event.\n\n## Collection\n\nMeasured in March.\n\n"
    "## Uses\n\nNot meant for absolute rates.\n\n## Exclusions\n\nWe removed 12 rows.\n",
    "docs/labelling_guidelines.md": "# Rules for labelling\n\nTwo people look at each event.\n",
    ".gitmodules": '[submodule "data"]\n\tpath = data\n\turl = https://example.org/events\n',
    "results/predictions.json": '{"label": [0, 1], "prediction": [0, 1]}\n',
    "figures/shape.svg": "<svg/>\n",
    "study/__init__.py": "",
    "study/train.py": TRAIN,
    "study/data.py": DATA,
    "tests/test_data.py": TESTS,
    "docs/model-card.md": CARD,
    "look.ipynb": json.dumps(NOTEBOOK, indent=1),
}

# practice -> (file, what is taken out, what is put in; None removes the file)
SPOILINGS: dict[str, tuple[str, str | None, str]] = {
    "env-lock": ("requirements.txt", f"pandas==1.0.0 {HASH}", "pandas==1.0.0"),
    "env-imports-covered": (
        "study/data.py",
        "import pandas as pd\n",
        "import pandas as pd\nimport polars\nimport xarray\nimport h5py\n",
    ),
    "env-python-version": (".python-version", None, ""),
    "env-container": ("Dockerfile", None, ""),
    "env-base-image-pinned": ("Dockerfile", f"@sha256:{DIGEST}", ""),
    "env-system-deps": (
        "Dockerfile",
        "ENV PYTHONHASHSEED=0",
        "RUN apt-get install -y ffmpeg\nENV PYTHONHASHSEED=0",
    ),
    "env-portable-paths": ("study/train.py", '"data/events.csv"', '"/home/alice/events.csv"'),
    "env-one-command": (
        "README.md",
        "pip install --require-hashes -r requirements.txt",
        "see the wiki",
    ),
    "seed-all-libraries": ("conf/config.yaml", "seed: 1\n", "seed: null\n"),
    "seed-parameter-recorded": ("study/train.py", "(cfg.seed, ", "(1337, "),
    "det-framework": ("conf/trainer/cpu.yaml", "deterministic: true", "deterministic: false"),
    "split-fixed": ("study/data.py", "random_state=seed", "random_state=None"),
    "data-source-stated": ("README.md", "https://doi.org/10.5281/zenodo.1234567", "on our disk"),
    "data-checksums": ("study/data.py", "    verify(path)\n", ""),
    "data-retrieval-scripted": ("README.md", "datalad get data\n", ""),
    "prep-code-included": ("README.md", "The events are", "The data has been pre-processed and is"),
    "data-version-pinned": (
        "study/data.py",
        "    verify(path)\n",
        "    verify(path)\n    sklearn.datasets.fetch_openml('events')\n",
    ),
    "data-licence": ("README.md", "They may be used under CC BY 4.0.", "## Terms of data\n\nTBD"),
    "data-archived": (
        "README.md",
        "doi.org/10.5281/zenodo.1234567",
        "drive.google.com/file/d/1",
    ),
    "data-statistics": (
        "README.md",
        "12,000 events to train and 3,000 events to test",
        "15,000 events",
    ),
    "data-raw-preserved": (
        "study/data.py",
        "    frame = prepare(",
        "    pd.read_csv(path).to_csv(path)\n    frame = prepare(",
    ),
    "prep-expected-output": ("README.md", "After preparation there are 15,000 rows.", ""),
    "prep-params-explicit": (
        "study/data.py",
        "    frame = prepare(",
        "    nltk.download('punkt')\n    frame = prepare(",
    ),
    "prep-stable-order": ("study/data.py", "sorted(set(", "list(set("),
    "data-validated": ("study/data.py", "SCHEMA.validate(pd.read_csv(path))", "pd.read_csv(path)"),
    "train-config-versioned": (
        "conf/model/small.yaml",
        "hidden: 8\nlearning_rate: 0.1\n",
        "kind: 1\n",
    ),
    "train-resumable": ("study/train.py", ", ckpt_path=cfg.resume", ""),
    "track-runs": (
        "study/train.py",
        (
            "with mlflow.start_run():\n        mlflow.log_params(dict(cfg))\n"
            "        mlflow.log_input(mlflow.data.from_pandas(train))"
        ),
        "if True:\n        pass",
    ),
    "auto-one-command": ("Makefile", "study.train", "study.everything"),
    "auto-tests": ("tests/test_data.py", None, ""),
    "auto-ci": (".github/workflows/test.yml", "run: pytest", "run: ruff check"),
    "auto-ci-pinned": (".github/workflows/test.yml", SHA, "v4"),
    "doc-licence": ("LICENSE", None, ""),
    "doc-citation": ("CITATION.cff", None, ""),
    "seed-dataloader": (
        "study/train.py",
        "shuffle=True",
        "shuffle=True, generator=torch.Generator().manual_seed(time.time_ns())",
    ),
    "seed-local-generators": ("study/train.py", "default_rng(cfg.seed)", "default_rng()"),
    "seed-hash": ("Dockerfile", "ENV PYTHONHASHSEED=0", "ENV LANG=C"),
    "det-precision-stated": ("conf/trainer/cpu.yaml", "precision: 32-true\n", ""),
    "det-residual-documented": (
        "README.md",
        "non-deterministic in 2 % of the weights",
        "made",
    ),
    "hw-described": ("README.md", "an AMD EPYC 7543 and", "this machine with"),
    "hw-distributed-recorded": (
        "study/train.py",
        "torch.set_num_threads(1)",
        "torch.nn.DataParallel(None)",
    ),
    "hw-cost-stated": ("README.md", " takes about 20 minutes", " was made"),
    "stat-repeated-runs": (
        "README.md",
        "each trained ten times with other\nseeds, and reports the mean and the spread",
        "each trained once, and\nreports the accuracy",
    ),
    "stat-hypothesis-stated": ("README.md", "The primary metric is", "We give"),
    "stat-preregistered": ("docs/analysis_plan.md", None, ""),
    "stat-test-justified": ("README.md", "two-sided\nsigned-rank", "signed\nrank"),
    "stat-no-selection": ("README.md", "No run was left out.", "We report the best run."),
    "stat-uncertainty": ("README.md", "SD is the standard deviation over the seeds.", ""),
    "seed-estimators": ("study/data.py", "random_state=seed", "random_state=time.time_ns()"),
    "train-final-hparams": ("README.md", "(conf/model/small.yaml)", "(LICENSE)"),
    "train-method-described": (
        "README.md",
        "A network with one layer is trained on the cross entropy by gradient descent, as is a",
        "TODO:",
    ),
    "train-base-weights-pinned": ("study/train.py", "check_hash=True", "check_hash=False"),
    "train-weights-released": ("README.md", "https://zenodo.org/record/7654321", "ask us"),
    "train-selection-rule": ("study/train.py", 'ModelCheckpoint(monitor="loss")', "None"),
    "train-baselines-included": ("README.md", "is in study/train.py", "is coming soon"),
    "eval-code-included": (
        "study/train.py",
        'f1_score(test["kind"], net(test), average="macro")',
        "0.9",
    ),
    "eval-metric-defined": ("study/train.py", ', average="macro"', ""),
    "eval-results-stated": ("README.md", "| 0.", "| good "),
    "eval-raw-outputs-kept": ("results/predictions.json", None, ""),
    "eval-figures-scripted": ("study/train.py", '.to_latex("table.tex")', ""),
    "eval-tolerance": ("README.md", "A repeated run should come within 0.005 of this result.", ""),
    "eval-external-validity": (
        "README.md",
        "The events come from one detector in one year. The result should hold for this detector,",
        "TODO",
    ),
    "track-code-data-env": (
        "study/train.py",
        "        mlflow.log_input(mlflow.data.from_pandas(train))\n",
        "",
    ),
    "track-model-lineage": (
        "study/train.py",
        'mlflow.pytorch.log_model(net, name="model")',
        (
            'mlflow.log_param("packages", importlib.metadata.version("torch"))\n'
            '        torch.save(net.state_dict(), "model.pt")'
        ),
    ),
    "vcs-release-tag": ("CITATION.cff", "version: '1.0'\n", ""),
    "archive-records": (
        "README.md",
        "https://doi.org/10.5281/zenodo.7654322",
        "https://wandb.ai/study/runs",
    ),
    "auto-smoke-run": ("tests/test_data.py", "study/train.py", "study/other.py"),
    "auto-repro-check": ("tests/test_data.py", "test_training_is_repeatable", "test_training"),
    "nb-runs": ("look.ipynb", "import study", "input()"),
    "doc-model-card": ("docs/model-card.md", None, ""),
    "doc-extensible": (
        "README.md",
        "A table with the same columns goes to `study.data.load`",
        "Change the path in study/train.py",
    ),
    "archive-code": (
        "CITATION.cff",
        "identifiers:\n  - type: doi\n    value: 10.5281/zenodo.7654321\n",
        "url: https://example.org\n",
    ),
    "third-party-code-pinned": (
        "study/data.py",
        f"/blob/{SHA}/",
        "/blob/main/",
    ),
    "split-holdout": ("study/train.py", "trainer.fit(net, train,", "trainer.fit(net, test,"),
    "split-before-fit": (
        "study/data.py",
        "    dealer =",
        "    frame[COLUMNS] = StandardScaler().fit_transform(frame[COLUMNS])\n    dealer =",
    ),
    "split-selection-inside": (
        "study/data.py",
        "    dealer =",
        '    frame = SelectKBest(k=9).fit_transform(frame, frame["kind"])\n    dealer =',
    ),
    "split-resample-after": (
        "study/data.py",
        "    dealer =",
        "    frame = resample(frame, random_state=seed)\n    dealer =",
    ),
    "split-no-duplicates": (
        "study/data.py",
        "    dealer =",
        "    frame = pd.concat([frame, frame])\n    dealer =",
    ),
    "split-group-aware": (
        "study/data.py",
        "GroupTimeSeriesSplit(test_size=1, n_splits=1)",
        'ShuffleSplit(random_state=seed)\n    frame["n"] = frame.groupby("run").cumcount()',
    ),
    "split-temporal": (
        "study/data.py",
        "    dealer = GroupTimeSeriesSplit(test_size=1, n_splits=1)",
        '    frame["was"] = frame.charge.shift(1)\n    dealer = GroupShuffleSplit(n_splits=1)',
    ),
    "split-legit-features": (
        "study/data.py",
        'X, y = train.drop(columns=["kind"])',
        "X, y = train",
    ),
    "split-test-untouched": ("study/train.py", "val_dataloaders=val", "val_dataloaders=test"),
    "nb-order": ("look.ipynb", '"execution_count": 1', '"execution_count": 4'),
}
# Spoilings that take the ground from under others, which then have to say so too.
TOGETHER = {
    "data-source-stated": {"data-source-stated", "data-archived"},
    "auto-tests": {"auto-tests", "auto-smoke-run", "auto-repro-check"},
    "auto-smoke-run": {"auto-smoke-run", "auto-repro-check"},
    "doc-citation": {"doc-citation", "archive-code", "vcs-release-tag"},
    "train-final-hparams": {"train-final-hparams", "track-claim-map"},
    "track-runs": {"track-runs", "track-code-data-env", "stat-no-selection"},
    "data-licence": {"data-licence", "doc-readme"},
    "data-statistics": {"data-statistics", "split-described"},
    "split-no-duplicates": {"split-resample-after", "split-no-duplicates"},
    "split-resample-after": {"split-resample-after", "split-no-duplicates"},
    "split-group-aware": {"split-group-aware", "split-temporal"},
    "seed-all-libraries": {"seed-all-libraries", "seed-dataloader", "seed-local-generators"},
    "seed-dataloader": {"seed-dataloader", "seed-local-generators", "seed-all-libraries"},
    "seed-local-generators": {"seed-local-generators", "seed-all-libraries"},
    "seed-estimators": {"seed-estimators", "seed-all-libraries", "split-fixed"},
    "eval-code-included": {"eval-code-included", "eval-metric-defined", "split-holdout"},
    "eval-external-validity": {"eval-external-validity", "doc-readme"},
    "eval-results-stated": {
        "eval-results-stated",
        "track-claim-map",
        "stat-uncertainty",
        "train-baselines-included",
        "train-final-hparams",
    },
    "train-method-described": {"train-method-described", "doc-readme"},
    "env-base-image-pinned": {"env-base-image-pinned", "env-system-deps"},
    "env-container": {"env-container", "env-base-image-pinned", "env-system-deps", "seed-hash"},
    "train-config-versioned": {"train-config-versioned"},
}
# The project calls no hosted model, searches nothing and asks no live source: no subject for these.
ABSENT = {
    "data-live-frozen",
    "data-restricted-path",
    "seed-environments",
    "train-hosted-model-pinned",
    "train-search-reported",
}


# Single changes of two files that contradict each other afterwards, by the practice that says so.
CLASHES: dict[str, tuple[str, str, str, str]] = {
    "the image holds another Python": (
        "env-python-version",
        "Dockerfile",
        "registry.example.org/base:1.0",
        "python:3.8",
    ),
    "the README installs on another Python": (
        "env-python-version",
        "README.md",
        "pip install --require",
        "conda create -n events python=3.8\npip install --require",
    ),
    "the README names another seed": (
        "seed-parameter-recorded",
        "README.md",
        "## Cost\n",
        "The seed is 42.\n\n## Cost\n",
    ),
    "the sources exclude what is locked": (
        "env-lock",
        "requirements.in",
        "pandas\n",
        "pandas>=2\n",
    ),
    "the sources need what is not locked": (
        "env-lock",
        "requirements.in",
        "pandas\n",
        "pandas\npyarrow\n",
    ),
    "the README starts a missing script": (
        "doc-repro-steps",
        "README.md",
        "python -m study.train seed=1",
        "python study/learn.py seed=1",
    ),
    "the README chooses a missing option": (
        "doc-repro-steps",
        "README.md",
        "python -m study.train seed=1",
        "python -m study.train model=huge",
    ),
}
# A command that cannot run starts no training, and what no lock holds has no version either.
FOLLOWING = {
    "the README chooses a missing option": {"train-entrypoint"},
    "the README starts a missing script": {"train-entrypoint"},
    "the sources need what is not locked": {"env-pinned"},
}
SINGLE_CHANGES = 40


def statuses(root: Path) -> dict[str, Status]:
    return {item.practice.id: item.verdict.status for item in run_audit(root).results}


def spoil(name: str) -> dict[str, str]:
    path, old, new = SPOILINGS[name]
    files = dict(FILES)
    if old is None:
        del files[path]
    else:
        assert old in files[path]
        files[path] = files[path].replace(old, new)
    return files


def test_a_good_project_passes_every_practice(committed: Commit) -> None:
    report = run_audit(committed(FILES))
    left = {
        item.practice.id: item.verdict.status
        for item in report.results
        if item.verdict.status is not Status.PASS
    }
    assert left == dict.fromkeys(ABSENT, Status.NOT_APPLICABLE)
    assert (report.score.low, report.score.coverage) == (100.0, 1.0)
    assert dict(report.score.levels) == dict.fromkeys(dict(report.score.levels), "ready")


@pytest.mark.parametrize("name", sorted(SPOILINGS))
def test_spoiling_one_thing_breaks_exactly_its_practice(name: str, committed: Commit) -> None:
    report = run_audit(committed(spoil(name)))
    found = {item.practice.id: item.verdict.status for item in report.results}
    broken = {key for key, status in found.items() if status is not Status.PASS} - ABSENT
    assert found[name] in (Status.FAIL, Status.PARTIAL)
    assert broken == TOGETHER.get(name, {name})
    assert report.score.low < 100.0


@pytest.mark.parametrize("name", sorted(CLASHES))
def test_two_places_that_differ_break_the_practice_that_names_it(
    name: str, committed: Commit
) -> None:
    practice, path, old, new = CLASHES[name]
    assert old in FILES[path]
    report = run_audit(committed({**FILES, path: FILES[path].replace(old, new)}))
    verdicts = {item.practice.id: item.verdict for item in report.results}
    broken = {key for key, item in verdicts.items() if item.status is not Status.PASS} - ABSENT
    assert broken == {practice} | FOLLOWING.get(name, set())
    assert verdicts[practice].status in (Status.FAIL, Status.PARTIAL)
    assert report.score.low < 100.0


def test_there_are_enough_single_changes() -> None:
    assert len(SPOILINGS) + len(CLASHES) >= SINGLE_CHANGES


@pytest.mark.parametrize("path", sorted(FILES))
def test_deleting_a_file_never_raises_the_score(path: str, committed: Commit) -> None:
    files = {name: text for name, text in FILES.items() if name != path}
    assert run_audit(committed(files)).score.low <= 100.0


SCAFFOLDS = {
    "repro_seed.py": "import random\nimport numpy as np\nimport torch\n\n\ndef set_all_seeds(seed=1):\n"  # noqa: E501 - the text of a file
    "    random.seed(seed)\n    np.random.seed(seed)\n    torch.manual_seed(seed)\n"
    "    torch.use_deterministic_algorithms(True)\n",
    "tracking_helper.py": "import mlflow\n\n\ndef log(value):\n    mlflow.log_metric('a', value)\n",
    "checks.py": "import pandera as pa\n\nSCHEMA = pa.DataFrameSchema({})\n\n\n"
    "def check(frame):\n    return SCHEMA.validate(frame)\n",
    "uv.lock": "version = 1\n",
    "tests/test_nothing.py": "def test_nothing():\n    assert True\n",
    "Dockerfile": "# AUTHOR REVIEW REQUIRED\nFROM python:latest\n",
}
BARE = {
    "train.py": "import pandas as pd\nimport torch\n\nframe = pd.read_csv('events.csv')\n"
    "model = torch.nn.Linear(3, 1)\nmodel(torch.randn(2, 3)).sum().backward()\n",
}


@pytest.mark.parametrize("path", sorted(SCAFFOLDS))
def test_a_scaffold_that_nothing_calls_never_raises_the_score(
    path: str, plant: Callable[[Mapping[str, str]], Path]
) -> None:
    before = run_audit(plant(BARE)).score.low
    after = run_audit(plant({path: SCAFFOLDS[path]})).score.low
    assert after <= before
