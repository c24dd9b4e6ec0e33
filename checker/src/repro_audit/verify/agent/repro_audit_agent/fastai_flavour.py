"""Autologging of fastai, which MLflow had until its version 3: https://docs.fast.ai/learner.html.

Every way to train a `Learner` is one run: its arguments, the learner's settings and early stopping
are parameters, what its recorder shows after an epoch are metrics, and the weights are kept.
"""

import functools
import inspect
import math
import os
import tempfile
import time

WAYS = ("fit", "fine_tune", "fit_one_cycle", "fit_flat_cos", "fit_sgdr")
PLAIN = (str, int, float, bool)
# Behind fastai's recorder, which has the values, and before what may stop the training.
ORDER = 55
LONGEST = 500


class Flavour:
    """Puts what logs in the place of the ways to train."""

    def __init__(self, tracking):
        self.tracking = tracking
        self.steps = 0

    def learner(self, module):
        """Patch the plain fit; the callback is made of fastai's own class."""
        self.tracking.prepare()
        flavour = self

        class Watching(module.Callback):
            order = ORDER
            name = "repro_audit_watching"

            def after_epoch(self):
                flavour.epoch(self.learn)

        self.callback = Watching
        self.patch(module.Learner, "fit")

    def schedules(self, module):
        """Patch the ways that fastai adds to a learner."""
        for name in WAYS[1:]:
            self.patch(module.Learner, name)

    def patch(self, learner, name):
        """Let one way to train log."""
        real = getattr(learner, name)

        @functools.wraps(real)
        def training(*args, **kwargs):
            if not self.tracking.on or self.tracking.own_use() or is_trial(kwargs):
                return real(*args, **kwargs)
            logged = functools.partial(self.train, name, real)
            return self.tracking.managed("fastai", logged, None, (real, args, kwargs))

        setattr(learner, name, training)

    def train(self, name, real, alone, learner, *args, **kwargs):
        """Train inside a run; `alone` is the real way with the program's own chance."""
        outermost = not hasattr(learner, self.callback.name)
        given = arguments(real, learner, args, kwargs)
        if not outermost:
            self.parameters(given)
            return alone(learner, *args, **kwargs)
        self.steps = 0
        self.parameters({**given, "way": name, **settings(learner, kwargs)})
        with learner.added_cbs([self.callback()]):
            try:
                return alone(learner, *args, **kwargs)
            finally:
                self.finished(learner)

    def client(self):
        """Return MLflow's client and the run."""
        return self.tracking.mlflow.MlflowClient(), self.tracking.mlflow.active_run().info.run_id

    def parameters(self, found):
        """Log what is not there yet: of several phases the outermost and the first count."""
        client, run = self.client()
        there = client.get_run(run).data.params
        for name, value in found.items():
            if name not in there:
                client.log_param(run, name, str(value)[:LONGEST])

    def epoch(self, learner):
        """Log what the recorder shows, at an epoch that counts on through all phases."""
        from mlflow.entities import Metric

        names, values = learner.recorder.metric_names[1:], learner.recorder.values[-1]
        shown = dict(zip(names, values)) | {"lr": learner.opt.hypers[-1]["lr"]}
        now, client_run = int(time.time() * 1000), self.client()
        metrics = [
            Metric(name, float(value), now, self.steps)
            for name, value in shown.items()
            if isinstance(value, (int, float)) and not math.isnan(value)
        ]
        client_run[0].log_batch(client_run[1], metrics=metrics)
        self.steps += 1

    def finished(self, learner):
        """Log how long it really trained, and the weights; without touching the learner."""
        import torch

        self.parameters({"epochs_trained": self.steps})
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "state_dict.pth")
            torch.save(learner.model.state_dict(), path)
            client, run = self.client()
            client.log_artifact(run, path, "model")


def is_trial(kwargs):
    """Say whether this is the mock training that looks for a learning rate."""
    return "LRFinder" in {type(item).__name__ for item in listed(kwargs.get("cbs"))}


def listed(found):
    """Return callbacks as a list, as fastai takes them."""
    if found is None:
        return []
    return list(found) if hasattr(found, "__iter__") else [found]


def arguments(real, learner, args, kwargs):
    """Return the plain arguments of a call, with their defaults."""
    bound = inspect.signature(real).bind(learner, *args, **kwargs)
    bound.apply_defaults()
    return {name: value for name, value in bound.arguments.items() if isinstance(value, PLAIN)}


def settings(learner, kwargs):
    """Return what the learner was made with, and its early stopping."""
    found = {
        "architecture": type(learner.model).__name__,
        "loss": name_of(learner.loss_func),
        "optimizer": name_of(learner.opt_func),
        "batch_size": getattr(learner.dls, "bs", None),
        "learning_rate": learner.lr,
        "weight_decay": learner.wd,
    }
    for callback in [*learner.cbs, *listed(kwargs.get("cbs"))]:
        if type(callback).__name__ == "EarlyStoppingCallback":
            for name in ("monitor", "min_delta", "patience"):
                found["early_stopping_" + name] = getattr(callback, name)
    return found


def name_of(thing):
    """Return the name of a function, a part of one, or the class of an object."""
    while isinstance(thing, functools.partial):
        thing = thing.func
    return getattr(thing, "__name__", type(thing).__name__)
