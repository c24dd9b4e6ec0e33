"""Which calls have to do with chance: they seed, draw, order, or are made with a seed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from repro_audit.facts.estimators import STUDYING, component
from repro_audit.facts.python import matches
from repro_audit.facts.sources import CLIS, GENERATORS, TRAINERS, drawn_by, seeded_by

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call

LOADERS = ("torch.utils.data.DataLoader", "*.DataLoader", "torch_geometric.loader.*Loader")
SAMPLERS = (
    "torch.utils.data.*RandomSampler",
    "torch.utils.data.sampler.*RandomSampler",
    "torch.utils.data.*WeightedRandomSampler",
)
DISTRIBUTED = ("*.DistributedSampler",)
# Transforms that draw from a global source; albumentations keeps one of its own.
TRANSFORMS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("torchvision.transforms.Random*", "torchvision.transforms.*.Random*"), "torch"),
    (("torchvision.transforms.ColorJitter", "torchvision.transforms.AutoAugment"), "torch"),
    (("torchvision.transforms.TrivialAugmentWide", "torchvision.transforms.*Mix*"), "torch"),
    (
        ("tensorflow.image.random_*", "tensorflow.keras.layers.Random*", "keras.layers.Random*"),
        "tensorflow",
    ),
    (("random.shuffle", "random.sample"), "random"),
    (("numpy.random.shuffle", "numpy.random.permutation", "numpy.random.choice"), "numpy"),
    (("torch.randperm",), "torch"),
)
OWN = ("albumentations.Compose", "albumentations.*.Compose", "imgaug.augmenters.*")
SEEDED_BY_DEFAULT = ("transformers.*TrainingArguments", "trl.*Config", "setfit.TrainingArguments")
ALL = (
    *(*LOADERS, *SAMPLERS, *DISTRIBUTED, *OWN, *SEEDED_BY_DEFAULT),
    *(pattern for patterns, _ in TRANSFORMS for pattern in patterns),
)


@lru_cache(maxsize=50_000)
def orders(name: str) -> bool:
    """Say whether calls of this name may decide an order or an augmentation; hardly any do."""
    return name.rpartition(".")[2] == "shuffle" or matches(name, ALL)


@lru_cache(maxsize=50_000)
def named_so(name: str) -> bool:
    """Say whether every call of this name has to do with chance."""
    seeds = bool(seeded_by(name)) or matches(name, (*GENERATORS, *TRAINERS, *CLIS))
    return seeds or orders(name) or component(name) or matches(name, STUDYING)


def by_chance(call: Call) -> bool:
    """Say whether a call has to do with chance, by its name or by what it is given."""
    seeded = (
        call.method in {"manual_seed", "manual_seed_all"}
        or call.argument("random_state") is not None
    )
    return seeded or named_so(call.name) or drawn_by(call) is not None
