"""What sort of repository this is; it decides which practices have a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.flow import Flow
from repro_audit.facts.notebooks import Notebooks
from repro_audit.facts.projects import Projects
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.training import fitting, prepares
from repro_audit.roles import Role

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

COURSE_NOTEBOOKS = 5
WEB = ("flask", "fastapi", "streamlit", "gradio", "django", "dash")
ML = frozenset(
    [
        "torch",
        "tensorflow",
        "keras",
        "jax",
        "flax",
        "sklearn",
        "lightning",
        "pytorch_lightning",
        "transformers",
        "xgboost",
        "lightgbm",
        "catboost",
        "fastai",
        "mxnet",
        "paddle",
        "accelerate",
        "ignite",
        "haiku",
        "optax",
        "statsmodels",
        "gpytorch",
        "pyro",
        "numpyro",
        "sonnet",
        "stable_baselines3",
        "gensim",
        "sentence_transformers",
        "torch_geometric",
        "dgl",
        "timm",
        "ultralytics",
        "detectron2",
        "chainer",
        "mindspore",
        "tflearn",
        "theano",
        "torchvision",
        "imblearn",
        "peft",
        "trl",
        "stable_baselines",
        "sb3_contrib",
        "ray",
        "tianshou",
        "d3rlpy",
        "torchrl",
        "tf_agents",
        "acme",
        "rlax",
        "skorch",
        "allennlp",
        "fairseq",
        "flair",
        "spacy",
        "speechbrain",
        "nemo",
        "espnet",
        "espnet2",
        "diffusers",
        "monai",
        "mmcv",
        "mmengine",
        "mmdet",
        "deepspeed",
        "unsloth",
        "equinox",
        "objax",
        "trax",
        "elegy",
        "spektral",
        "stellargraph",
        "jraph",
        "deepchem",
        "gluonts",
        "neuralforecast",
        "darts",
        "sktime",
        "prophet",
        "autogluon",
        "pycaret",
        "hmmlearn",
        "surprise",
        "implicit",
        "lightfm",
        "recbole",
        "fasttext",
        "tf_slim",
        "tensorlayer",
    ]
)


class Kind(NamedTuple):
    """One of template, course, library, app, monorepo and paper-code."""

    name: str

    @classmethod
    def collect(cls, repo: Repository) -> Kind:
        """Judge by what the repository holds and what its entry points do."""
        roots = {file.path for file in repo.files if "/" not in file.path}
        if roots & {"cookiecutter.json", "copier.yml", "copier.yaml"}:
            return cls("template")
        index = repo.fact(PythonIndex)
        scripts = [path for path in index.modules if index.roles[path] is Role.SOURCE]
        plain = [path for path in scripts if path.endswith(".py")]
        if len(repo.fact(Notebooks).all) >= max(COURSE_NOTEBOOKS, len(plain)):
            return cls("course")
        packaged = any(
            manifest.packaged and "/" not in manifest.path
            for manifest in repo.fact(Dependencies).manifests
        )
        trains = bool(training_calls(repo))
        if packaged and not trains:
            return cls("library")
        if any(index.imported(*WEB)) and not trains:
            return cls("app")
        return cls("monorepo" if repo.fact(Projects).folders else "paper-code")


class Training(NamedTuple):
    """The reached calls that fit a model, where a machine-learning package is used."""

    calls: tuple[Call, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Training:
        """Look through what entry points reach."""
        index = repo.fact(PythonIndex)
        with_ml = {
            module.path
            for module in index.live()
            if any(item.module.partition(".")[0] in ML for item in module.imports)
        }
        if not with_ml:
            return cls(())
        found = fitting(repo.fact(Flow).calls)
        # What fits a model comes first: scalers and encoders are fitted on the way to one.
        return cls(tuple(sorted(found, key=lambda call: prepares(call, index))))


def training_calls(repo: Repository) -> list[Call]:
    """Return the reached calls that fit a model, where a machine-learning package is used."""
    return list(repo.fact(Training).calls)
