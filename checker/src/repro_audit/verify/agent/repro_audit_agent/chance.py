"""Watches the sources of chance: which is used before it was seeded, and where.

A source is held at its state of an earlier run when told to: that shows whether it is the cause.
"""

import base64
import os
import pickle
import sys

from .imports import after

ENTROPY = "entropy@"
MOST = 2000


class Chance:
    """The generators of `random`, NumPy and PyTorch, and what the system gives as entropy."""

    def __init__(self, events, held, earlier):
        self.events = events
        self.held = set(held)
        self.earlier = read(earlier and os.path.join(earlier, os.path.basename(events.folder)))
        self.watched = {}
        self.used = {}
        self.out = open(os.path.join(events.folder, "chance"), "w", encoding="utf-8")
        self.states = open(os.path.join(events.folder, "states"), "w", encoding="ascii")

    def begin(self):
        """Watch every source that there is."""
        self.watch_entropy()
        import random

        self.watch_random(random)
        after("numpy.random", self.watch_numpy)
        after("torch", self.watch_torch)
        self.events.poll = self.poll

    def keep(self, name, state):
        """Keep the first state of a source, for a later run that is to have the same."""
        text = base64.b64encode(pickle.dumps(state, 4)).decode("ascii")
        self.states.write("%s\t%s\n" % (name, text))
        self.states.flush()

    def tell(self, name, place):
        """Say that a source was used before it was seeded."""
        self.out.write("%s\t%s\n" % (name, place))
        self.out.flush()

    def seeded(self, name):
        """Stop watching a source."""
        self.watched.pop(name, None)

    def poll(self, number):
        """Look whether a source has moved since it was made."""
        for name in list(self.watched):
            state, first = self.watched[name]
            if state() != first:
                del self.watched[name]
                self.tell(name, self.events.places[number])

    def watch_random(self, module):
        """Watch the generator that the functions of `random` share."""
        self.settle(module)
        real = module.Random.seed
        chance = self

        def seed(generator, a=None, version=2):
            if a is None:
                a = int.from_bytes(os.urandom(16), "big")
            elif generator is module._inst:
                chance.seeded("random")
            return real(generator, a, version)

        module.Random.seed = seed
        module.seed = module._inst.seed

    def settle(self, module):
        """Begin to watch `random` from here: kernels of notebooks draw from it before the cells."""
        if "random" in self.held and "random" in self.earlier:
            module.setstate(self.earlier["random"])
        self.keep("random", module.getstate())
        self.watched["random"] = (module.getstate, module.getstate())

    def new_cell(self):
        """Forget what the kernel drew between two cells, until a cell draws or seeds."""
        if "random" in self.watched:
            self.settle(sys.modules["random"])

    def watch_numpy(self, module):
        """Watch the generator that the old functions of NumPy share."""
        shared = module.mtrand._rand
        if "numpy" in self.held and "numpy" in self.earlier:
            shared.set_state(self.earlier["numpy"])
        self.keep("numpy", shared.get_state())
        real = module.seed

        def state():
            found = shared.get_state(legacy=False)["state"]
            return (int(found["pos"]), int(found["key"][0]))

        def seed(seed=None):
            if seed is not None:
                self.seeded("numpy")
            return real(seed)

        module.seed = seed
        self.watched["numpy"] = (state, state())

    def watch_torch(self, torch):
        """Watch PyTorch's generator for the processor."""
        if "torch" in self.held and "torch" in self.earlier:
            torch.manual_seed(self.earlier["torch"])
        self.keep("torch", torch.initial_seed())
        real = torch.random.manual_seed

        def manual_seed(seed):
            self.seeded("torch")
            return real(seed)

        def state():
            return bytes(torch.default_generator.get_state().numpy().tobytes())

        torch.random.manual_seed = torch.manual_seed = manual_seed
        self.watched["torch"] = (state, state())

    def watch_entropy(self):
        """Watch what the system gives as entropy: tokens, UUIDs, generators made without a seed."""
        real = os.urandom
        chance = self

        def urandom(size):
            place = chance.caller()
            if place is None:
                return real(size)
            name = ENTROPY + place
            earlier = chance.earlier.get(name) if name in chance.held else None
            given = earlier.pop(0) if earlier and len(earlier[0]) == size else real(size)
            if chance.used.setdefault(name, 0) < MOST:
                chance.keep(name, given)
            if not chance.used[name]:
                chance.tell(name, place)
            chance.used[name] += 1
            return given

        os.urandom = urandom
        if "random" in sys.modules:
            sys.modules["random"]._urandom = urandom

    def caller(self):
        """Return the place of the project that asks; importing a library is not asking."""
        frame = sys._getframe(2)
        while frame is not None:
            shown = self.events.shown(frame.f_code.co_filename)
            if shown is not None:
                return "%s:%d:0:call" % (shown, frame.f_lineno)
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                return None
            frame = frame.f_back
        return None


def read(folder):
    """Return the states that an earlier run kept."""
    found = {}
    path = os.path.join(folder, "states") if folder else ""
    if not os.path.isfile(path):
        return found
    with open(path, encoding="ascii") as stream:
        for line in stream:
            name, _, text = line.rstrip("\n").partition("\t")
            state = pickle.loads(base64.b64decode(text))  # noqa: S301 - written by this program
            if name.startswith(ENTROPY):
                found.setdefault(name, []).append(state)
            else:
                found[name] = state
    return found
