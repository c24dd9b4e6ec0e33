"""The generators that all parts of a program share."""

import sys


class Chance:
    """The states of the shared generators, as they were when somebody looked last."""

    def __init__(self):
        self.take()

    def take(self):
        """Remember the states."""
        self.back = []
        module = sys.modules.get("random")
        if module is not None:
            self.back.append((module.setstate, module.getstate()))
        module = sys.modules.get("numpy.random")
        if module is not None and hasattr(module, "get_state"):
            self.back.append((module.set_state, module.get_state()))
        module = sys.modules.get("torch")
        if module is not None and hasattr(module, "get_rng_state"):
            self.back.append((module.set_rng_state, module.get_rng_state()))
            if module.cuda.is_initialized():
                self.back.append((module.cuda.set_rng_state_all, module.cuda.get_rng_state_all()))

    def restore(self):
        """Put the states back."""
        for put, state in self.back:
            put(state)
