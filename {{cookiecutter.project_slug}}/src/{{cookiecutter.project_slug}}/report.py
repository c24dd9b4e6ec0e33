"""The page of an evaluation: every number with its interval, beside its yardsticks."""

from __future__ import annotations

import pandas as pd

from .figures import NAMES
from .intervals import Estimate

FEATURES = {
    "context": "context only",
    "latent": "context + code",
    "pca": "context + components",
    "conditioned": "context + components of its residuals",
    "hand_made": "hand-made features (supervised reference)",
    "hybrid": "the same and a measured depth of maximum",
}
RECONSTRUCTIONS = {
    "": "autoencoder",
    "_pca": "principal components, as many",
    "_floor": "noise floor: the same showers detected twice",
    "_mean": "the mean trace",
}
ERRORS = {
    "test_mse_e4": ("mean squared error x 10^4", 2),
    "signal_spread": ("spread of ln(signal), second station", 3),
    "rise_time_error": ("error of its rise time [ns]", 1),
}
SCORES = {
    "error": "reconstruction error",
    "residual": "the part that the context does not foretell",
    "density": "density of code and context",
}
SIMULATIONS = {
    "same": "the one that was trained on",
    "epos": "EPOS-LHC, another model of hadrons",
    "muons": "20 % more muons",
}


def ranged(found: Estimate, digits: int = 3) -> str:
    """A value with its interval."""
    value, low, high = (f"{each:.{digits}f}" for each in found)
    return f"{value} [{low}, {high}]"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """A table of Markdown."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def probes(estimates: dict[str, Estimate]) -> list[str]:
    """What a linear and a quadratic probe read from each set of features."""
    head = ["features of the probe", "accuracy, 4 primaries", "p-Fe AUC", "p-Fe merit factor"]
    lines: list[str] = []
    for kind in ("linear", "quadratic"):
        rows = [
            [label]
            + [
                ranged(estimates[f"{kind}_{metric}_{name}"], digits)
                for metric, digits in (("accuracy", 3), ("p_fe_auc", 3), ("p_fe_merit", 2))
            ]
            for name, label in FEATURES.items()
        ]
        lines += ["", f"## {kind.capitalize()} probes", "", *table(head, rows)]
    return lines


def confusion(shares: pd.DataFrame) -> list[str]:
    """Answers to each true primary, as shares."""
    rows = [
        [NAMES[int(truth)], *(f"{share:.2f}" for share in row)]
        for truth, row in zip(shares.index, shares.to_numpy(), strict=True)
    ]
    return table(["true", *(NAMES[int(answer)] for answer in shares.columns)], rows)


def by_bin(bins: pd.DataFrame) -> list[str]:
    """Accuracy and merit factor in bins of energy and zenith angle, with counts."""
    labels = {"lgE_rec": "lg(E / eV)", "theta": "zenith angle"}
    rows = [
        [
            f"{labels[row.quantity]} {row.low:g} to {row.high:g}",
            str(row.events),
            ranged(Estimate(row.accuracy, row.accuracy_low, row.accuracy_high), 2),
            ranged(Estimate(row.p_fe_merit, row.p_fe_merit_low, row.p_fe_merit_high), 2),
        ]
        for row in bins.itertuples()
    ]
    return table(["bin", "events", "accuracy", "p-Fe merit factor"], rows)


def photons(estimates: dict[str, Estimate], events: int) -> list[str]:
    """Photon showers as anomalies, by each score."""
    rows = [
        [label, ranged(estimates[f"photon_auc_{name}"]), ranged(estimates[f"hadron_rate_{name}"])]
        for name, label in SCORES.items()
    ]
    return [
        f"{events} photon showers, none of them trained on; the nuclei are weighted to their "
        "energies and angles.",
        "",
        *table(["score", "AUC", "nuclei kept with half of the photons"], rows),
    ]


def reconstructed(estimates: dict[str, Estimate]) -> list[str]:
    """The reconstruction beside its yardsticks; measured showers have no noise floor."""
    rows = [
        [label, *(
            ranged(estimates[metric + name], digits) if metric + name in estimates else ""
            for metric, (_, digits) in ERRORS.items()
        )]
        for name, label in RECONSTRUCTIONS.items() if f"test_mse_e4{name}" in estimates
    ]  # fmt: skip
    return [
        "In brackets: 95 % intervals of a bootstrap over the showers of the test part.",
        "",
        "## Reconstruction",
        "",
        *table(["of the test part", *(label for label, _ in ERRORS.values())], rows),
    ]


def shifts(estimates: dict[str, Estimate]) -> list[str]:
    """Answers to fresh showers of this and of other simulations."""
    head = ["showers of", "accuracy", "answered proton", "answered iron"]
    rows = [
        [label, *(ranged(estimates[f"{metric}_{name}"])
                  for metric in ("accuracy", "proton_share", "iron_share"))]
        for name, label in SIMULATIONS.items()
    ]  # fmt: skip
    return [
        "What the same probe answers to fresh showers, all primaries in equal shares. Where the",
        "answers change and the accuracy does not, it says nothing of how well a composition would",
        "be measured.",
        "",
        *table(head, rows),
    ]


def lines(
    estimates: dict[str, Estimate], shares: pd.DataFrame, bins: pd.DataFrame, n_photons: int
) -> list[str]:
    """The whole evaluation as lines of Markdown."""
    return [
        *reconstructed(estimates),
        *probes(estimates),
        "",
        "## Answers of the quadratic probe on context + code",
        "",
        *confusion(shares),
        "",
        *by_bin(bins),
        "",
        "The outer bins are open. Expected calibration error of the probe: "
        f"{ranged(estimates['calibration_error'])}; balanced accuracy: "
        f"{ranged(estimates['quadratic_balanced_accuracy_latent'])}.",
        "",
        "## Other simulations",
        "",
        *shifts(estimates),
        "",
        "## Photons",
        "",
        *photons(estimates, n_photons),
    ]
