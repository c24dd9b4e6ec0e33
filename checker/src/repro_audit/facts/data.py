"""Data: what the code reads, where it comes from, and how its values are checked."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.configs import Configs
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.renamed import renamed
from repro_audit.facts.training import fitting
from repro_audit.facts.values import Values
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call, Module
    from repro_audit.repository import Repository

BUNDLED = (
    "sklearn.datasets.load_*",
    "sklearn.datasets.make_*",
    "seaborn.load_dataset",
    "statsmodels.*.load*",
)
NAMED = (
    "sklearn.datasets.fetch_*",
    "torchvision.datasets.*",
    "torchtext.datasets.*",
    "torchaudio.datasets.*",
    "datasets.load_dataset",
    "tensorflow_datasets.load",
    "tensorflow_datasets.builder",
    "tensorflow.keras.datasets.*.load_data",
    "keras.datasets.*.load_data",
    "keras.datasets.*",
    "openml.*.get_dataset",
    "huggingface_hub.*download",
    "torch_geometric.datasets.*",
    "ogb.*Dataset*",
    "dgl.data.*Dataset",
    "kagglehub.dataset_download",
    "medmnist.*",
    "ucimlrepo.fetch_ucirepo",
    "wilds.get_dataset",
    "deeplake.load",
    "mlcroissant.Dataset",
    "deepchem.molnet.load_*",
    "avalanche.benchmarks.*",
)
NOT_SOURCES = {
    "ImageFolder",
    "DatasetFolder",
    "VisionDataset",
    "FakeData",
    "load_svmlight_file",
    "load_files",
}
FETCH = (
    "*.urlretrieve",
    "*.urlopen",
    "requests.get",
    "wget.download",
    "gdown.download",
    "httpx.get",
    "*.download_url",
    "*.download_and_extract_archive",
    "torch.hub.download_url_to_file",
    "*.get_file",
    "pooch.retrieve",
    "pooch.create",
)
READ = (
    "pandas.read_*",
    "numpy.load",
    "numpy.loadtxt",
    "numpy.genfromtxt",
    "polars.read_*",
    "h5py.File",
    "scipy.io.loadmat",
    "PIL.Image.open",
    "cv2.imread",
    "torchvision.datasets.ImageFolder",
    "torchvision.datasets.DatasetFolder",
    "xarray.open_dataset",
    "geopandas.read_file",
    "soundfile.read",
    "librosa.load",
    "datasets.load_from_disk",
    "pyarrow.parquet.read_table",
    "*.read_csv",
    "*.read_parquet",
)
REMOTE = re.compile(r"(https?|ftp|s3a?|gs|gcs|abfss?|az|hf)://")
LOADING = (*READ, *NAMED, *FETCH)
VALIDATORS = (
    "pandera",
    "great_expectations",
    "tensorflow_data_validation",
    "deepchecks",
    "evidently",
    "frictionless",
    "cerberus",
    "patito",
    "soda",
    "jsonschema",
    "whylogs",
    "dataframely",
    "pointblank",
)
CHECKS = (
    "*.validate",
    "*.expect_*",
    "*.run_checkpoint",
    "*.run",
    "*.is_valid",
    "*.check",
    "pandera.check_*",
    "tensorflow_data_validation.validate_*",
    "*.validate_*",
)
# What a model makes is no data that comes in.
OUTPUTS = re.compile(
    r"\b\w*(model|net)\(|\b(\w+_)?(out|outputs?|preds?|predictions?|logits|y_hat|y_pred|loss|scores?|weights?|grads?)\b"
)
# What such a script holds came out of a model.
GENERATES = re.compile(r"(^|/)(sampl(e|ing)|generate|infer)\w*\.py$")
DATA_TEST = re.compile(
    r"\b(shape|columns|dtypes?|isna|isnull|notna|duplicated|isfinite|isnan|nunique|between|"
    r"is_unique|ndim|index|size\((?!0\))-?\d+\)|sampl(?:e|ing)_rate)(?!\w)"
)
# Whatever stands around these, no such test is written without one.
MAYBE = re.compile(
    r"shape|columns|dtype|isna|isnull|notna|duplicated|isfinite|isnan|nunique|between|is_unique|"
    r"ndim|index|size|_rate|len"
)
# A test of how much data there is speaks of data wherever it stands.
SIZE_TEST = re.compile(
    r"\blen\((self\.)?(\w+_)?(ds|data|dataset|df|frame|samples|images)\) *[<>=!]+ *[^0 <>=!]"
)
# A test of what was read speaks of data too, by the name of what it is asked of.
TRAINS = re.compile(r"(^|/)(train|main|run|fit)\w*\.py$")
ITEM_TEST = re.compile(
    r"\b(images?|imgs?|masks?|batch|df|frame|dataset|labels?|targets?)(\[[^\]]{1,20}\])?"
    r"\.(shape|size|ndim|dtype|columns)\b"
)
# What is read to be drawn came out of runs.
PLOTS = re.compile(
    r"(^|/)(plots?|plotting|figures?)/|(^|/)(\w+_)?plots?(_\w+)?\.py$", re.IGNORECASE
)
# A digest of weights says nothing of the data, and neither does a look at them.
WEIGHTS = re.compile(r"weights?\b|checkpoint|ckpt|\bmodels?\b|_model|clip\b|convert", re.IGNORECASE)


class Data(NamedTuple):
    """Places where data enters, in live code."""

    named: tuple[Call, ...]
    bundled: tuple[Call, ...]
    fetched: tuple[Call, ...]
    reads: tuple[Call, ...]
    targets: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Data:
        """Sort the calls of live modules by what they do with data."""
        index = repo.fact(PythonIndex)
        roundabout = (call for module in index.live() for call in renamed(module, NAMED))
        every = (*index.calls(*NAMED), *roundabout)
        named = [call for call in every if call.method not in NOT_SOURCES]
        targets = [
            entry.evidence(f"the configuration makes {entry.value}")
            for entry in repo.fact(Configs).entries("_target_")
            if matches(str(entry.value), NAMED)
        ]
        reads = [call for call in index.calls(*READ) if not PLOTS.search(call.path)]
        fetched = [call for call in reads if addressed(call, repo.fact(Values))]
        return cls(
            tuple(named),
            tuple(index.calls(*BUNDLED)),
            (*index.calls(*FETCH), *fetched),
            tuple(call for call in reads if call not in fetched),
            tuple(targets),
        )

    @property
    def used(self) -> bool:
        """Whether any data enters at all."""
        return bool(self.named or self.bundled or self.fetched or self.reads or self.targets)


def addressed(call: Call, values: Values) -> bool:
    """Say whether a reader is given an address: `read_csv("https://...")` brings what it reads."""
    given = call.node.args[0] if call.given else None
    found = values.of(given, call.path, call.scope).value if given is not None else None
    return isinstance(found, str) and REMOTE.match(found) is not None


def validations(repo: Repository) -> Iterator[Evidence]:
    """Yield reached checks of data: calls of validation libraries, and tests that stop the run."""
    index = repo.fact(PythonIndex)
    live = repo.fact(Flow).entered
    for module in index.live():
        tops = {item.module.partition(".")[0] for item in module.imports}
        if tops & set(VALIDATORS) and not expects_nothing(module):
            for call in module.calls:
                if (module.path, call.scope) in live and matches(call.name, CHECKS):
                    yield call.evidence(f"{call.name or 'a check'} validates the data")


def expects_nothing(module: Module) -> bool:
    """Say whether all schemas of a module are empty, so that any data passes them."""
    schemas = [call for call in module.calls if call.method in {"DataFrameSchema", "Schema"}]
    models = any(
        base.endswith(("Model", "Suite")) for kind in module.classes.values() for base in kind.bases
    )
    return bool(schemas) and not models and all(empty(call) for call in schemas)


def empty(call: Call) -> bool:
    """Say whether a schema is made without columns and without checks."""
    given = [*call.node.args, *(item.value for item in call.node.keywords)]
    return all(isinstance(node, ast.Dict) and not node.keys for node in given)


def asserted(repo: Repository) -> Iterator[Evidence]:
    """Yield reached tests of shapes, columns and ranges that stop the run, where data is loaded."""
    index = repo.fact(PythonIndex)
    live = repo.fact(Flow).entered
    training = any(
        index.roles[path] is Role.SOURCE
        for path in repo.fact(Flow).entries(fitting(repo.fact(Flow).calls))
    )
    for module in index.live():
        if training and index.roles[module.path] is Role.EXAMPLE:
            continue  # a demonstration beside the main path
        calls = module.calls if module.checks else ()
        loads = {call.scope for call in calls if matches(call.name, LOADING)}
        for check in module.checks:
            line, scope = check.line, check.scope
            if (module.path, scope) not in live or not MAYBE.search(check.text):
                continue
            said = as_code(check.test)
            named = re.search(r"valid|check|verify|expect|load|read|prepare", scope, re.IGNORECASE)
            here = DATA_TEST.search(said) is not None and (scope in loads or named)
            item = scope.endswith(".__getitem__") or TRAINS.search(module.path)
            here = here or bool(SIZE_TEST.search(said) or (item and ITEM_TEST.search(said)))
            made = OUTPUTS.search(said) or GENERATES.search(module.path)
            here = here and not (WEIGHTS.search(f"{module.path} {scope}") or made)
            if here:
                yield Evidence(module.path, line, "the run stops when the data is not as expected")
