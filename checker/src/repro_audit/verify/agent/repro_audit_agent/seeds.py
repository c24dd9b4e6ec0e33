"""Notes which generators are seeded, with what and where, and which are used without a seed."""

import atexit
import contextlib
import functools
import os
import sys

from .imports import after

MOST = 200


class Seeds:
    """The shared generators of `random`, NumPy and PyTorch; the seeds of TensorFlow and JAX."""

    def __init__(self, notes, tree):
        self.notes = notes
        self.tree = os.path.realpath(tree) + os.sep
        self.count = 0
        self.states = {}
        self.owner = os.getpid()

    def begin(self):
        """Watch each library once it is imported."""
        after("random", self.watch_random)
        after("numpy.random", self.watch_numpy)
        after("torch", self.watch_torch)
        after("tensorflow", lambda module: self.wrap(module.random, "set_seed", "tensorflow"))
        after("jax.random", self.watch_jax)
        atexit.register(self.end)

    def wrap(self, module, name, library):
        """Put a function in the place of another that notes its first argument and calls it."""
        real = getattr(module, name)

        @functools.wraps(real)
        def seeding(*args, **kwargs):
            self.seeded(library, name, args[0] if args else next(iter(kwargs.values()), None))
            return real(*args, **kwargs)

        # What is looked up by its name, as pickle does, is this function.
        seeding.__module__, seeding.__qualname__ = module.__name__, name
        setattr(module, name, seeding)

    def watch_random(self, module):
        """Watch the generator that the functions of `random` share."""
        self.states["random"] = (module.getstate, module.getstate())
        self.wrap(module, "seed", "random")

    def watch_numpy(self, module):
        """Watch the generator that the old functions of NumPy share, and new ones as they come."""
        shared = module.mtrand._rand

        def state():
            found = shared.get_state(legacy=False)["state"]
            return (int(found["pos"]), int(found["key"][0]), int(found["key"][-1]))

        self.states["numpy"] = (state, state())
        self.wrap(module, "seed", "numpy")
        self.wrap(module, "default_rng", "numpy")

    def watch_torch(self, module):
        """Watch PyTorch's generator for the processor; the others follow it."""

        def state():
            return module.default_generator.get_state().numpy().tobytes()

        self.states["torch"] = (state, state())
        self.wrap(module, "manual_seed", "torch")
        module.random.manual_seed = module.manual_seed

    def watch_jax(self, module):
        """Watch the keys of JAX."""
        for name in ("PRNGKey", "key"):
            if hasattr(module, name):
                self.wrap(module, name, "jax")

    def seeded(self, library, function, value):
        """Note a seed; whether its generator was used before is asked the first time."""
        if getattr(self.notes.busy, "now", False):
            return
        try:
            path, line, imported = self.place()
            if function == "default_rng":
                # It hands a generator back as it is; what a library makes on import is its own.
                if imported or hasattr(value, "random_raw") or hasattr(value, "bit_generator"):
                    return
                used = None
            else:
                used = self.used(library)
                self.states.pop(library, None)
            self.count += 1
            if self.count <= MOST:
                self.notes.tell("seed", library, function, shown(value), path, line, used)
        except Exception:  # noqa: BLE001, S110 - never the program's fault
            pass

    def used(self, library):
        """Say whether a generator that was not seeded so far has moved; None when it was seeded."""
        if library not in self.states:
            return None
        state, first = self.states[library]
        return bool(state() != first)

    def place(self):
        """Return the innermost place of the project, and whether a module is imported there.

        It is the caller's where there is none of the project.
        """
        frame = first = sys._getframe(3)
        imported = False
        while frame is not None:
            name = frame.f_code.co_filename
            imported = imported or name.startswith("<frozen importlib")
            path = os.path.abspath(name)
            made = name.startswith("<") and name != "<string>"
            if path.startswith(self.tree) and "site-packages" not in path and not made:
                return path, frame.f_lineno, imported
            frame = frame.f_back
        return os.path.abspath(first.f_code.co_filename), first.f_lineno, imported

    def end(self):
        """Say at the end which generators were used and never seeded."""
        if os.getpid() != self.owner:
            return
        for library in list(self.states):
            # Never the program's fault.
            with contextlib.suppress(Exception):
                self.notes.tell("unseeded", library, self.used(library))


def shown(value):
    """Return a seed as it can be written: numbers as they are, other things in short."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    try:
        return int(value)
    except Exception:  # noqa: BLE001 - a seed of any shape
        return repr(value)[:80]
