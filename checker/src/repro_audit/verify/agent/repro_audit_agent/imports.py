"""Runs a function before or after a module is imported; the module is not imported for it."""

import contextlib
import gc
import os
import sys

WAITING = {}
EARLY = {}


class Later:
    """Loads a module as its own loader does, then runs what waits for it."""

    def __init__(self, loader, name):
        self.loader = loader
        self.name = name

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        """Leave it to the real loader."""
        return self.loader.create_module(spec)

    def exec_module(self, module):
        """Run the module, with what waits before and after it."""
        module.__spec__.loader = self.loader
        module.__loader__ = self.loader
        self.act(EARLY, module)
        with uncollected():
            self.loader.exec_module(module)
        self.act(WAITING, module)

    def act(self, actions, module):
        """Do what waits for the module."""
        for action in actions.pop(self.name, ()):
            try:
                action(module)
            except Exception as problem:  # noqa: BLE001 - never the program's fault
                sys.stderr.write(f"repro-audit: {self.name} cannot be observed ({problem!r})\n")


class Finder:
    """Stands before the other finders and only looks at modules that are waited for."""

    def find_spec(self, name, path=None, target=None):
        """Return the spec of a module that is waited for, with our loader around its own."""
        if name not in WAITING:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = Later(spec.loader, name)
                return spec
        return None


def load_mlflow():
    """Import MLflow, which is not to report its use to its makers."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    with uncollected():
        import mlflow
    return mlflow


@contextlib.contextmanager
def uncollected():
    """Look for no garbage in what an import makes: that takes up to a third of its time.

    MLflow's import is paid for by this, in part: that of the library it follows is faster, too.
    What is there afterwards counts as old, as it would after some collections.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
        if collects:
            gc.enable()


def after(name, action, early=None):
    """Run `action(module)` after the module's import, or now if it is there; `early` before it."""
    if name in sys.modules:
        action(sys.modules[name])
        return
    if early is not None:
        EARLY.setdefault(name, []).append(early)
    if not WAITING and not any(isinstance(item, Finder) for item in sys.meta_path):
        sys.meta_path.insert(0, Finder())
    WAITING.setdefault(name, []).append(action)
