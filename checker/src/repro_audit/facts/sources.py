"""Which calls draw random numbers, and which calls seed which source of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from repro_audit.facts.estimators import component, draws_globally
from repro_audit.facts.python import matches

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call

# What each call seeds. Lightning: random, numpy and torch; Keras: random, numpy and its backend;
# torch.manual_seed covers every device, so torch.cuda.manual_seed_all adds nothing.
LIGHTNING = ("random", "numpy", "torch")
EVERYTHING = ("random", "numpy", "torch", "tensorflow")
SEEDS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("random.seed",), ("random",)),
    (("numpy.random.seed",), ("numpy",)),
    (("torch.manual_seed", "torch.random.manual_seed", "torch.seed"), ("torch",)),
    (
        (
            "tensorflow.random.set_seed",
            "tensorflow.set_random_seed",
            "tensorflow.compat.v1.set_random_seed",
            "tensorflow.random.set_random_seed",
            "tensorflow.compat.v1.random.set_random_seed",
        ),
        ("tensorflow",),
    ),
    (("keras.utils.set_random_seed", "tensorflow.keras.utils.set_random_seed"), EVERYTHING),
    (
        (
            "pytorch_lightning.seed_everything",
            "lightning.seed_everything",
            "lightning.*.seed_everything",
            "lightning_fabric.*seed_everything",
            "pytorch_lightning.*.seed_everything",
            "lightning_lite.*seed_everything",
        ),
        LIGHTNING,
    ),
    (
        (
            "transformers.set_seed",
            "transformers.trainer_utils.set_seed",
            "transformers.*full_determinism",
            "accelerate.utils.set_seed",
            "accelerate.*.set_seed",
            "diffusers.training_utils.set_seed",
            "stable_baselines.common.*set_global_seeds",
            "baselines.common.*set_global_seeds",
        ),
        EVERYTHING,
    ),
    (
        (
            "fastai.*.set_seed",
            "composer.*.seed_all",
            "ignite.utils.manual_seed",
            "monai.utils.set_determinism",
            "mmengine.runner.set_random_seed",
            "mmcv.runner.set_random_seed",
            "detectron2.utils.env.seed_all_rng",
            "mmdet.apis.set_random_seed",
            "stable_baselines3.common.utils.set_random_seed",
            "torch_geometric.seed_everything",
            "torch_geometric.seed.seed_everything",
            "pyro.set_rng_seed",
            "catalyst.utils.*set_global_seed",
            "spacy.util.fix_random_seed",
            "d3rlpy.seed",
        ),
        LIGHTNING,
    ),
    (("jax.random.PRNGKey", "jax.random.key"), ("jax",)),
    (("paddle.seed",), ("paddle",)),
    (("cupy.random.seed",), ("cupy",)),
)
# Names of TensorFlow 1, also under tensorflow.compat.v1.
TENSORFLOW_1 = tuple(
    f"{prefix}.{name}"
    for prefix in ("tensorflow", "tensorflow.compat.v1")
    for name in (
        "random_uniform",
        "random_normal",
        "truncated_normal",
        "random_shuffle",
        "random_crop",
        "multinomial",
        "nn.dropout",
        "layers.dense",
        "layers.conv*",
        "layers.dropout",
        "glorot_uniform_initializer",
        "truncated_normal_initializer",
        "random_normal_initializer",
        "random_uniform_initializer",
        "contrib.layers.*",
    )
)
DRAWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "random",
        (
            "random.random",
            "random.randint",
            "random.choice",
            "random.choices",
            "random.shuffle",
            "random.sample",
            "random.uniform",
            "random.gauss",
            "random.randrange",
            "random.betavariate",
        ),
    ),
    ("numpy", ("numpy.random.*",)),
    (
        "torch",
        (
            "torch.rand",
            "torch.randn",
            "torch.randint",
            "torch.randperm",
            "torch.rand_like",
            "torch.randn_like",
            "torch.normal",
            "torch.bernoulli",
            "torch.multinomial",
            "torch.nn.init.*",
            "torch.utils.data.random_split",
            "torch.utils.data.RandomSampler",
            "torch.nn.Linear",
            "torch.nn.Conv*",
            "torch.nn.LSTM",
            "torch.nn.GRU",
            "torch.nn.RNN",
            "torch.nn.Embedding",
            "torch.nn.Transformer*",
            "torch.nn.Dropout*",
            "torch.nn.LazyLinear",
            "torch.nn.MultiheadAttention",
            "torch.nn.functional.dropout",
            "peft.get_peft_model",
        ),
    ),
    (
        "tensorflow",
        (*TENSORFLOW_1, "tensorflow.random.*", "tensorflow.keras.layers.*", "keras.layers.*"),
    ),
    ("jax", ("jax.random.*",)),
)
NO_DRAW = {
    "seed",
    "get_state",
    "set_state",
    "SeedSequence",
    "Generator",
    "PCG64",
    "Philox",
    "set_seed",
    "PRNGKey",
    "key",
    # JAX: new keys from old ones, nothing is drawn.
    "split",
    "fold_in",
    "getstate",
    "setstate",
    "default_rng",
    "RandomState",
    "calculate_gain",
    # Layers of Keras that hold no weights to draw.
    *("Input", "InputLayer", "InputSpec", "Layer", "Lambda", "Masking", "Reshape", "Flatten"),
    *("Permute", "RepeatVector", "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax"),
    *("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"),
    *("add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate", "dot"),
    *("MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "MaxPool1D", "MaxPool2D", "MaxPool3D"),
    *("AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "GlobalAveragePooling1D"),
    *("GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "UpSampling1D"),
    *("UpSampling2D", "ZeroPadding1D", "ZeroPadding2D", "Cropping2D", "BatchNormalization"),
    *("LayerNormalization", "Normalization", "Rescaling", "Resizing"),
}
LOADER = "torch.utils.data.DataLoader"
GENERATORS = (
    "numpy.random.default_rng",
    "numpy.random.RandomState",
    "random.Random",
    "numpy.random.Generator",
    "tensorflow.random.Generator.from_seed",
)
# Seeds everything before it makes the model: `seed_everything` of its configuration.
CLIS = ("lightning.*LightningCLI", "pytorch_lightning.*LightningCLI")
TRAINERS = ("transformers.*Trainer", "trl.*Trainer", "sentence_transformers.*Trainer")
KNOWN_TO_DRAW = (
    "torch",
    "tensorflow",
    "keras",
    "jax",
    "sklearn",
    "lightning",
    "pytorch_lightning",
    "xgboost",
    "lightgbm",
    "catboost",
    "transformers",
    "flax",
)


def shuffles_rows(call: Call) -> bool:
    """Say whether `data.shuffle()` of the package `datasets` takes its seed from NumPy."""
    own = call.argument("seed") is None and call.argument("generator") is None
    return call.method == "shuffle" and not call.given and own


# One question for all of them first: hardly any name is among them.
EVERY_SEED = tuple(pattern for patterns, _ in SEEDS for pattern in patterns)
EVERY_DRAW = tuple(pattern for _, patterns in DRAWS for pattern in patterns)


@lru_cache(maxsize=50_000)
def seeded_by(name: str) -> tuple[str, ...]:
    """Return the libraries that a call of this name seeds."""
    if not matches(name, EVERY_SEED):
        return ()
    return next((libraries for patterns, libraries in SEEDS if matches(name, patterns)), ())


@lru_cache(maxsize=50_000)
def drawn_by_name(name: str) -> str | None:
    """Return the library whose global source every call of this name draws from."""
    if not matches(name, EVERY_DRAW):
        return None
    return next((library for library, patterns in DRAWS if matches(name, patterns)), None)


@lru_cache(maxsize=50_000)
def may_draw(name: str) -> bool:
    """Say whether any call of this name may draw from a global source."""
    method = name.rpartition(".")[2]
    known = drawn_by_name(name) is not None or name == LOADER or component(name)
    return method not in NO_DRAW and (known or method in {"shuffle", "sample"})


def drawn_by(call: Call) -> str | None:
    """Return the library whose global source a call draws from."""
    if not may_draw(call.name):
        return None
    library = drawn_by_name(call.name)
    if library is not None:
        return library
    if call.name == LOADER:
        shuffles = call.argument("shuffle")
        own = call.argument("generator") is not None
        plain = shuffles is None or call.literal("shuffle") is False
        return None if plain or own else "torch"
    if draws_globally(call) or shuffles_rows(call):
        return "numpy"
    frame = call.method == "sample" and (call.argument("frac") or call.argument("n"))
    return "numpy" if frame and call.argument("random_state") is None else None
