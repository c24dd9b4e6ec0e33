"""Conditions that only the child itself can make: backward listings, one CPU, another seed."""

import functools
import os
import sys

from .imports import after


def fixed(path):
    """Say whether a folder belongs to Python, whose files are the same everywhere."""
    try:
        full = os.path.abspath(os.fsdecode(path))
    except TypeError:
        return True
    own = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.__file__)}
    return any(full == item or full.startswith(item.rstrip("/") + "/") for item in own)


class Backwards:
    """The entries of a folder, last first, usable as the original is."""

    def __init__(self, entries):
        with entries:
            self.entries = iter(list(entries)[::-1])

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.entries)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.close()

    def close(self):
        """End the listing."""
        self.entries = iter(())


def listing(orders):
    """List folders backwards."""
    real_listdir, real_scandir = os.listdir, os.scandir

    @functools.wraps(real_listdir)
    def listdir(path="."):
        found = real_listdir(path)
        return found if not isinstance(path, int) and fixed(path or ".") else found[::-1]

    @functools.wraps(real_scandir)
    def scandir(path="."):
        if not isinstance(path, int) and fixed(path or "."):
            return real_scandir(path)
        return Backwards(real_scandir(path))

    os.listdir, os.scandir = listdir, scandir


def cpus(orders):
    """Count only the processors that may be used."""
    if hasattr(os, "sched_getaffinity"):
        os.cpu_count = lambda: len(os.sched_getaffinity(0))


def raised(value):
    """Return a seed plus one; what is no number stays."""
    if isinstance(value, bool) or value is None:
        return value
    try:
        return value + 1 if isinstance(value, int) else type(value)(value + 1)
    except Exception:  # noqa: BLE001 - a seed of any shape
        return value


def reseeding(real, position=0, name="seed"):
    """Wrap a function so that its seed is one more."""

    @functools.wraps(real)
    def seeded(*args, **kwargs):
        if len(args) > position:
            args = (*args[:position], raised(args[position]), *args[position + 1 :])
        elif name in kwargs:
            kwargs[name] = raised(kwargs[name])
        return real(*args, **kwargs)

    return seeded


def seed(orders):
    """Raise every seed that is set by one."""
    import random

    random.seed = reseeding(random.seed, name="a")
    first = random.Random.__init__

    def begin(self, x=None):
        first(self, raised(x))

    random.Random.__init__ = begin
    after("numpy.random", seed_numpy)
    after("torch.random", seed_torch)
    after("tensorflow", seed_tensorflow)
    after("jax.random", seed_jax)


def seed_numpy(module):
    """Raise the seeds of NumPy, old and new."""
    module.seed = reseeding(module.seed)
    module.default_rng = reseeding(module.default_rng)
    real = module.RandomState

    class Kind(type):
        def __instancecheck__(cls, found):
            if cls is RandomState:
                # Generators that were made before are of this class, too.
                return isinstance(found, real)
            return super().__instancecheck__(found)

    class RandomState(real, metaclass=Kind):
        __doc__ = real.__doc__

        def __init__(self, seed=None):
            super().__init__(raised(seed))

        def __reduce__(self):
            return real.__reduce__(self)

    RandomState.__name__ = RandomState.__qualname__ = "RandomState"
    RandomState.__module__ = real.__module__
    module.RandomState = RandomState


def seed_torch(module):
    """Raise the seed of PyTorch; `torch.manual_seed` is this function too."""
    real = module.manual_seed
    module.manual_seed = reseeding(real)

    def shared(torch):
        torch.manual_seed = module.manual_seed

    after("torch", shared)


def seed_tensorflow(module):
    """Raise the seed of TensorFlow."""
    module.random.set_seed = reseeding(module.random.set_seed)


def seed_jax(module):
    """Raise the seeds of JAX."""
    for name in ("PRNGKey", "key"):
        if hasattr(module, name):
            setattr(module, name, reseeding(getattr(module, name)))


def sleep(orders):
    """Wait in another way: under libfaketime 0.9.10 the call of `time.sleep` is refused."""
    import select
    import time

    def sleep(seconds):
        """Wait as `time.sleep` does."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        select.select([], [], [], seconds)

    time.sleep = sleep


SHIMS = {"listing": listing, "cpus": cpus, "seed": seed, "sleep": sleep}
