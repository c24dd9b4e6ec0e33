"""Switches MLflow's autologging on for what the program imports, in one MLflow run.

The program must not come out differently for it: whatever MLflow draws from a shared generator of
chance is put back, and a program that uses MLflow itself is left alone.
"""

import contextlib
import functools
import importlib.util
import json
import logging
import os
import sys

from . import keeping, libraries
from .fastai_flavour import Flavour
from .generators import Chance
from .imports import after, load_mlflow, uncollected

RANKS = ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")
KEPT = "mlflow.json"
MOST_PARAMETERS = 500
# MLflow takes no more.
MOST_AT_ONCE = 100


class Tracking:
    """One MLflow run for all processes of a command."""

    def __init__(self):
        self.ready = self.on = self.fitting = False

    def begin(self, orders, notes):
        """Follow the orders from now on; libraries that are patched already stay so."""
        self.orders = orders
        self.told = orders["track"]
        self.tree = os.path.realpath(orders["tree"]) + os.sep
        self.ident = orders["run"]
        self.kept = os.path.join(orders["notes"], KEPT)
        self.notes = notes
        self.seen, self.own = set(), {}
        self.on = True
        if not self.ready:
            self.wait()

    def end(self):
        """Log nothing any more: the recorded part of the program is over."""
        self.on = False

    def wait(self):
        """Wait for the libraries, unless another process of the same training is the one to log."""
        if any(os.environ.get(name, "0") not in ("", "0") for name in RANKS):
            return
        words = getattr(sys, "orig_argv", sys.argv)
        if any("multiprocessing" in word or "loky" in word for word in words):
            return
        if importlib.util.find_spec("mlflow") is None:
            return
        early = functools.partial(self.unnoticed, lambda _: keeping.ask(self.orders))
        for name in libraries.FLAVOURS:
            after(name, functools.partial(self.unnoticed, self.autolog), early)
        fastai = Flavour(self)
        after("fastai.learner", functools.partial(self.unnoticed, fastai.learner), early)
        after("fastai.callback.schedule", functools.partial(self.unnoticed, fastai.schedules))

    def autolog(self, module):
        """Let MLflow log what it knows of a library."""
        with uncollected():
            self.prepare()
            libraries.switch_on(module, lambda: getattr(self.notes.busy, "now", False))

    def unnoticed(self, action, module):
        """Do something to a library that the program has imported; the program must not see it."""
        if not self.on:
            return
        chance, variables = Chance(), dict(os.environ)
        self.notes.busy.now = True
        try:
            action(module)
        except Exception as problem:  # noqa: BLE001 - never the program's fault
            sys.stderr.write("repro-audit: no tracking of %s (%r)\n" % (module.__name__, problem))
        finally:
            self.notes.busy.now = False
            chance.restore()
            os.environ.clear()
            os.environ.update(variables)

    def prepare(self):
        """Put our way of beginning runs in the place of MLflow's."""
        if self.ready:
            return
        self.ready = True
        self.mlflow = mlflow = load_mlflow()
        from mlflow.utils import environment
        from mlflow.utils.autologging_utils import safety

        keeping.hand_over(self.orders)
        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        theirs = safety.with_managed_run

        def with_managed_run(integration, patch_function, tags=None):
            usual = theirs(integration, patch_function, tags)

            def patched(original, *args, **kwargs):
                # Of a model of scikit-learn that is made of models MLflow logs the whole alone.
                if self.fitting and integration == "sklearn":
                    return run_alone(original, *args, **kwargs)
                own = self.own_use()
                if not self.on:
                    return run_alone(original, *args, **kwargs)
                if own:
                    # The program's own autologging goes on as it would without us.
                    return (usual if "autolog" in own else run_alone)(original, *args, **kwargs)
                with without_git():
                    return self.managed(integration, patch_function, tags, (original, args, kwargs))

            return patched

        def run_alone(original, *args, **kwargs):
            return original(*args, **kwargs)

        safety.with_managed_run = with_managed_run
        # To guess the requirements of a model a process is started for each, and to compare them
        # all packages are gone through; the record has them.
        mlflow.models.infer_pip_requirements = lambda uri, flavor, fallback=None, **_: (
            fallback or []
        )
        environment.warn_dependency_requirement_mismatches = lambda requirements: None

    def own_use(self):
        """Return the words by which the program's own modules use MLflow."""
        found = set()
        for name in set(sys.modules) - self.seen:
            self.seen.add(name)
            path = getattr(sys.modules.get(name), "__file__", None)
            if path and self.of_the_program(path):
                self.own[name] = path
        for name, path in self.own.items():
            module = sys.modules.get(name)
            for value in list(getattr(module, "__dict__", {}).values()):
                home = getattr(value, "__module__", None) or getattr(value, "__name__", "")
                if isinstance(home, str) and home.partition(".")[0] == "mlflow":
                    with open(path, encoding="utf-8", errors="replace") as stream:
                        found |= {"mlflow"} | ({"autolog"} if "autolog" in stream.read() else set())
                    break
        if os.environ.get("MLFLOW_RUN_ID"):
            found |= {"mlflow", "autolog"}
        return found

    def of_the_program(self, path):
        """Say whether a module lies in the tree and is not installed there."""
        return "-packages" not in path and os.path.realpath(path).startswith(self.tree)

    def managed(self, integration, patch_function, tags, call):
        """Run what is logged, inside our run; the program's chance is that of the program alone."""
        original, args, kwargs = call
        if integration in libraries.WITH_CALLBACKS:
            args, kwargs = libraries.apart(original, args, kwargs)
        chance = Chance()

        @functools.wraps(original)
        def alone(*inner, **named):
            chance.restore()
            self.notes.busy.now = False
            try:
                return original(*inner, **named)
            finally:
                self.notes.busy.now = True
                chance.take()

        # What MLflow itself opens and draws is no part of the program.
        busy = getattr(self.notes.busy, "now", False)
        self.notes.busy.now = True
        fitting, self.fitting = self.fitting, self.fitting or integration == "sklearn"
        active = None
        try:
            if self.mlflow.active_run() is None:
                active = self.start(tags)
            try:
                result = patch_function(alone, *args, **kwargs)
            finally:
                if integration == "pytorch":
                    libraries.forget(args[0])
                # Also where MLflow stumbles over what it logs after the training.
                if active is not None and integration == "pytorch":
                    self.lightning(active.info.run_id, args, kwargs)
        except (Exception, KeyboardInterrupt):
            if active is not None:
                self.mlflow.end_run("FAILED")
            raise
        else:
            if active is not None:
                self.mlflow.end_run("FINISHED")
            return result
        finally:
            self.fitting = fitting
            self.notes.busy.now = busy
            chance.restore()

    def start(self, tags):
        """Begin or take up the run of this command; later fits get runs below it."""
        tags = {**self.told.get("tags", {}), **(tags or {})}
        with quiet(), alone_in(self.kept + ".lock"):
            self.mlflow.set_tracking_uri(self.told["uri"])
            if os.path.exists(self.kept):
                with open(self.kept, encoding="utf-8") as stream:
                    main = json.load(stream)["run_id"]
                return self.mlflow.start_run(
                    run_name="%s-%d" % (self.ident, os.getpid()),
                    tags={**tags, "mlflow.parentRunId": main},
                    experiment_id=self.experiment(),
                )
            run = self.mlflow.start_run(
                run_name=self.ident,
                tags={**tags, "repro_audit.run": self.ident},
                experiment_id=self.experiment(),
            )
            kept = {"uri": self.told["uri"], "run_id": run.info.run_id, "python": sys.executable}
            with open(self.kept + ".new", "w", encoding="utf-8") as stream:
                json.dump(kept, stream)
            os.replace(self.kept + ".new", self.kept)
            return run

    def experiment(self):
        """Return the experiment named after the tree, made where it is missing."""
        client = self.mlflow.MlflowClient()
        found = client.get_experiment_by_name(self.told["experiment"])
        if found is not None:
            return found.experiment_id
        return client.create_experiment(self.told["experiment"], self.told["artifacts"])

    def lightning(self, run, args, kwargs):
        """Log what MLflow leaves out: hyper-parameters of the module, early stopping."""
        with contextlib.suppress(Exception):
            trainer = args[0]
            model = kwargs.get("model", args[1] if len(args) > 1 else None)
            found = dict(getattr(model, "hparams", None) or {})
            for callback in trainer.callbacks:
                if any(kind.__name__ == "EarlyStopping" for kind in type(callback).__mro__):
                    for name in ("monitor", "mode", "patience", "min_delta", "stopped_epoch"):
                        found["early_stopping_" + name] = getattr(callback, name, None)
            client = self.mlflow.MlflowClient()
            there = client.get_run(run).data.params
            new = [name for name in found if name not in there][:MOST_PARAMETERS]
            parameter = self.mlflow.entities.Param
            for start in range(0, len(new), MOST_AT_ONCE):
                some = new[start : start + MOST_AT_ONCE]
                shown = [parameter(name, str(found[name])[:500]) for name in some]
                client.log_batch(run, params=shown)


# One for a process: what MLflow has patched once cannot be patched for another run.
TRACKING = Tracking()


@contextlib.contextmanager
def quiet():
    """Keep MLflow from writing into the program's output."""
    name = "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"
    kept = dict(os.environ)
    os.environ[name] = "true"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


@contextlib.contextmanager
def without_git():
    """Have git not started beside the program for our own run: the recorder has asked it."""
    from mlflow.tracking.context import registry

    providers = registry._run_context_provider_registry._registry
    kept = list(providers)
    providers[:] = [item for item in kept if type(item).__name__ != "GitRunContext"]
    try:
        yield
    finally:
        providers[:] = kept


@contextlib.contextmanager
def alone_in(path):
    """Let one process at a time make the store and the run."""
    with open(path, "w", encoding="ascii") as stream:
        try:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        except ImportError:
            pass
        yield
