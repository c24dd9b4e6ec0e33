"""The stage `hypotheses`: test those of `docs/preregistration.md`, on showers never seen before.

Each repetition splits the same fresh showers anew, trains the simple and the deep model, and
observes; all repetitions together decide. What is done stays in `outputs/hypotheses/`, so that a
stopped stage goes on where it was.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hydra
import numpy as np
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig
from scipy import stats

from . import claims, intervals
from .checkpoints import Start
from .data import ProjectData
from .measures import SEED, feature_sets, photons
from .models import Autoencoder
from .preparation import data, data_digest, verified
from .probes import IRON, Probe, probe
from .provenance import provenance
from .reconstruction import seen
from .report import table
from .stages import ROOT, StageError, again, given, stage, write_whole
from .tracking import tracked_run
from .training import fit, quiet
from .validation import validate

PAGE = ROOT / "docs" / "hypotheses.md"
EXPERIMENTS = {"simple": "baseline", "deep": "deep"}
Observations = dict[str, float]


def corrected_t(differences: np.ndarray, margin: float, ratio: float) -> float:
    """One-sided p value of a mean difference above a margin, over splits of the same data.

    The splits share most of their training parts, so a plain t test would find too much:
    t = (mean - margin) / sqrt((1 / J + ratio) s^2) with J - 1 degrees of freedom. Source: Nadeau
    and Bengio, Inference for the generalization error, Machine Learning 52 (2003) 239.

    Args:
        differences: one value for each of the J splits.
        margin: the largest difference that would not matter.
        ratio: events of the test part over those of the training part.
    """
    spread = np.sqrt((1 / len(differences) + ratio) * np.var(differences, ddof=1))
    return float(stats.t.sf((np.mean(differences) - margin) / spread, len(differences) - 1))


def equivalence(differences: np.ndarray, bound: float, ratio: float) -> float:
    """p value of two one-sided tests that the mean difference lies within +- bound."""
    return max(corrected_t(sign * differences, -bound, ratio) for sign in (1, -1))


def holm(p: np.ndarray) -> np.ndarray:
    """p values corrected for their number (Holm, Scand. J. Statist. 6 (1979) 65)."""
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(steps, 1.0)[np.argsort(order)]


def p_fe_auc(found: Probe) -> float:
    """Area under the ROC curve of a probe among protons and irons."""
    score, truth = found.score[found.extremes], found.truth[found.extremes]
    return float(intervals.auc(score, truth == IRON)(np.ones((1, len(truth))))[0])


def observe(simple: Autoencoder, deep: Autoencoder, found: ProjectData) -> Observations:
    """Everything that a hypothesis speaks of, on the test part of one split.

    `gain` is the simple model's error minus that of the deep one, with `gain_low` and `gain_high`
    from a paired bootstrap over the showers.
    """
    scale = float(found.standardise.scale) ** 2 * 1e4
    parts, others = (
        {p: seen(model, found.parts[p], found.events(p), scale) for p in ("train", "test")}
        for model in (deep, simple)
    )
    counts = intervals.resamples(parts["test"].events.shower_id.to_numpy(), SEED)
    gain = intervals.estimate(intervals.mean(others["test"].error - parts["test"].error), counts)
    primary = {part: of.events.A.to_numpy() for part, of in parts.items()}
    features = feature_sets(parts)
    strange, traces = found.photons()
    scored = photons(parts, seen(deep, found.standardise(traces), strange, scale), SEED)
    photon, weight = scored.photon.to_numpy(), scored.weight.to_numpy()[None]
    return {
        "simple_error": float(others["test"].error.mean()),
        "deep_error": float(parts["test"].error.mean()),
        "gain": gain.value,
        "gain_low": gain.low,
        "gain_high": gain.high,
        "deep_accuracy": float(probe(features["latent"], primary, 2).correct.mean()),
        "pca_accuracy": float(probe(features["pca"], primary, 2).correct.mean()),
        "deep_photon_auc_error": intervals.auc(scored.error.to_numpy(), photon)(weight)[0],
        "deep_photon_auc_density": intervals.auc(scored.density.to_numpy(), photon)(weight)[0],
        "pca_p_fe_auc": p_fe_auc(probe(features["pca"], primary, 1)),
        "conditioned_p_fe_auc": p_fe_auc(probe(features["conditioned"], primary, 1)),
    }


def repetition(configs: dict[str, DictConfig], folder: Path) -> Observations:
    """Make and validate one split, train both models on it, and observe; once.

    Args:
        configs: of the models `simple` and `deep`, on the same data.
        folder: gets the checkpoints and `observations.json`.
    """
    done = folder / "observations.json"
    if done.exists():
        return json.loads(done.read_text("utf-8"))
    any_of_them = configs["simple"]
    data(any_of_them)
    validate(any_of_them)
    models = {}
    for name, cfg in configs.items():
        trainer, model, found = fit(cfg, Start(folder / name), {})
        best = trainer.checkpoint_callback.best_model_path
        models[name] = type(model).load_from_checkpoint(best, weights_only=True).eval()
    observations = observe(models["simple"], models["deep"], found)
    write_whole(done, json.dumps(observations, indent=2) + "\n")
    return observations


@dataclass(frozen=True)
class Verdict:
    """What the repetitions say of one hypothesis.

    Attributes:
        plan: its entry in `docs/preregistration.md`.
        differences: one for each repetition.
        p: corrected for the number of hypotheses.
        alpha: p at most this large shows the claim.
        equal: p value of equivalence, where the plan asks for it.
    """

    plan: dict[str, Any]
    differences: np.ndarray
    p: float
    alpha: float
    equal: float | None

    def sentence(self) -> str:
        """The outcome in words, the unwelcome one too."""
        name, mean = self.plan["name"], self.differences.mean()
        if self.p <= self.alpha:
            return f"{name} holds."
        said = f"{name} is not shown: the mean difference is {mean:.4f}, and that it is above "
        said += f"{self.plan['margin']:g} is not certain enough."
        if self.equal is None:
            return said
        bound = self.plan["equivalent"]
        if self.equal <= self.alpha:
            return f"{said} Both are equal to within {bound:g} (p = {self.equal:.2g})."
        return f"{said} That both are equal to within {bound:g} is not shown either " \
               f"(p = {self.equal:.2g})."  # fmt: skip


def judge(plan: dict[str, Any], observed: list[Observations], ratio: float) -> list[Verdict]:
    """Hold all repetitions against the plan."""
    differences = [
        np.array([each[of["larger"]] - each[of["smaller"]] for each in observed])
        for of in plan["tested"]
    ]
    p = holm(
        np.array(
            [
                corrected_t(found, of["margin"], ratio)
                for of, found in zip(plan["tested"], differences, strict=True)
            ]
        )
    )
    return [
        Verdict(of, found, float(each), plan["alpha"],
                equivalence(found, of["equivalent"], ratio) if "equivalent" in of else None)
        for of, found, each in zip(plan["tested"], differences, p, strict=True)
    ]  # fmt: skip


def page(verdicts: list[Verdict], observed: list[Observations], origin: str) -> str:
    """The outcome as a page of Markdown."""
    rows = [
        [
            f"{of.plan['name']}: {of.plan['claim']}",
            f"{of.differences.mean():.4f} ± {of.differences.std(ddof=1):.4f}",
            f"{of.plan['margin']:g}",
            f"{of.p:.2g}",
            "yes" if of.p <= of.alpha else "no",
        ]
        for of in verdicts
    ]
    first = observed[0]
    values = [[name, *(f"{each[name]:.4f}" for each in observed)] for name in first]
    lines = [
        "# Hypotheses",
        "",
        f"Written by `nox -s hypotheses`. {origin}",
        "",
        *table(["hypothesis", "difference", "margin", "p (Holm)", "shown"], rows),
        "",
        f"Mean ± standard deviation over {len(observed)} splits of the same showers; one-sided t "
        "tests corrected for the overlap of the splits (Nadeau and Bengio), and for their number "
        f"(Holm); alpha {verdicts[0].alpha:g}.",
        "",
        *(f"- {of.sentence()}" for of in verdicts),
        "- H1 in the first split, by a paired bootstrap over its test showers: "
        f"{first['gain']:.2f} [{first['gain_low']:.2f}, {first['gain_high']:.2f}].",
        "",
        *table(["observed in split", *map(str, range(1, len(observed) + 1))], values),
    ]
    return "\n".join(lines) + "\n"


def configurations(plan: dict[str, Any], seed: int) -> dict[str, DictConfig]:
    """Those of the simple and the deep model in one repetition; the command's overrides count."""
    asked = HydraConfig.get().overrides.task
    ours = [
        f"data.folder=data/raw/hypotheses_{seed}",
        f"data.source.seed={plan['data_seed']}",
        f"data.source.photons.seed={plan['data_seed'] + 1}",
        f"data.split.seed={seed}",
        f"seed={seed}",
    ]
    return {
        model: hydra.compose("config", [f"experiment={experiment}", *ours, *asked])
        for model, experiment in EXPERIMENTS.items()
    }


def hypotheses(cfg: DictConfig) -> Path:
    """Run what is missing of the plan, and write `docs/hypotheses.md`; return its path.

    Raises:
        StageError: the plan is not committed, so nobody could tell that it came first; or it has
            no hypotheses.
    """
    date = claims.committed()
    if not date:
        raise StageError(
            f"{claims.PLAN} is not committed as it is: commit it before anything is run."
        )
    plan = claims.plan().hypotheses
    if not plan:
        raise StageError(f"{claims.PLAN} has no hypotheses: write some into its block of YAML.")
    quiet()
    seeds = range(plan["first"], plan["first"] + plan["repetitions"])
    configs = {seed: configurations(plan, seed) for seed in seeds}
    observed = []
    for seed in seeds:
        observed.append(repetition(configs[seed], ROOT / "outputs" / "hypotheses" / str(seed)))
        print(f"hypotheses: {len(observed)} of {len(seeds)} repetitions", flush=True)
    first = configs[seeds[0]]["deep"]
    ratio = first.data.split.test / first.data.split.train
    verdicts = judge(plan, observed, ratio)
    origin = f"Plan: `{claims.PLAN}`, {date}; {first.data.source.n_showers} showers."
    write_whole(PAGE, page(verdicts, observed, origin))
    track(first, verdicts, PAGE)
    print(f"hypotheses: {PAGE}")
    return PAGE


def track(cfg: DictConfig, verdicts: list[Verdict], written: Path) -> None:
    """The outcome as a run in MLflow."""
    cfg = cfg.copy()
    cfg.name = "hypotheses"
    tags = provenance(data_digest(verified(ROOT / cfg.data.folder)))
    tags["command"] = again("hypotheses", given())
    with tracked_run(cfg, tags) as logger:
        client, run = logger.experiment, logger.run_id
        for of in verdicts:
            client.log_metric(run, f"{of.plan['name']}_difference", of.differences.mean())
            client.log_metric(run, f"{of.plan['name']}_p", of.p)
        client.log_artifact(run, str(written))
        logger.finalize("success")


if __name__ == "__main__":
    stage(hypotheses)()
