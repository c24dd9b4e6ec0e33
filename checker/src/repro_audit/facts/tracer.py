"""Goes through the graph from one entry point, in about the order in which it would run."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from typing import TYPE_CHECKING

from repro_audit.facts.callgraph import HYDRA, NOWHERE

if TYPE_CHECKING:
    from repro_audit.facts.callgraph import CallGraph
    from repro_audit.facts.syntax import Call

DEEPEST = 200


class Tracer:
    """How far a run has come; what a framework calls later waits."""

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self.steps = graph.steps
        self.start = NOWHERE
        self.entered: dict[int, None] = {}
        self.chance: list[Call] = []
        self.later: deque[int] = deque()
        # What a configuration names is made somewhere on the way, at an unknown moment: it is
        # taken last, so that nothing is called late without a sign of it.
        self.last: deque[int] = deque()
        # The methods of classes already made that may not have been entered yet, by name.
        self.waiting: dict[str, list[int]] = {}
        # The methods that were called on objects of unknown class.
        self.asked: set[str] = set()

    def copy(self) -> Tracer:
        """Return another one that has come as far."""
        made = Tracer(self.graph)
        made.entered, made.chance = self.entered.copy(), self.chance.copy()
        made.later, made.last = self.later.copy(), self.last.copy()
        made.waiting = {name: found.copy() for name, found in self.waiting.items()}
        made.asked = self.asked.copy()
        return made

    def enter(self, number: int, depth: int) -> None:  # noqa: C901, PLR0912 - see below
        """Run the code of one scope, or make one class."""
        entered, waiting, asked = self.entered, self.waiting, self.asked
        if number in entered or depth > DEEPEST or self.graph.left < 0:
            return
        entered[number] = None
        first, acts, owned = self.steps.get(number) or self.graph.step(number)
        self.graph.left -= len(acts)
        # These few lines run millions of times in a large repository: no call that does nothing.
        for method, place in owned:
            ready = waiting.get(method)
            if ready is None:
                waiting[method] = [place]
            elif not ready or ready[-1] < place:
                ready.append(place)
            else:
                insort(ready, place)
        for target in first:
            if target not in entered:
                self.enter(target, depth + 1)
        leaves = self.graph.leaves
        for call, target, now, method in acts:
            if call is not None:
                self.chance.append(call)
            if target != NOWHERE and target not in entered:
                if not now:
                    self.put_off(target, number)
                elif target in leaves and depth < DEEPEST:
                    entered[target] = None
                else:
                    self.enter(target, depth + 1)
            if method:
                ready = waiting.get(method)
                if ready:
                    self.through_object(method, depth)
                elif ready is None and method not in asked:
                    self.ask(method, number)

    def put_off(self, target: int, number: int) -> None:
        """Keep a place for later that another one only names."""
        # What an imported module names at its top is kept for use: `MODELS = {"small": small}`.
        aside = not self.graph.places[number].name and number != self.start
        (self.last if aside else self.later).append(target)

    def ask(self, method: str, number: int) -> None:
        """Keep in mind a method that no class made so far has, or let Hydra make its objects."""
        if method in HYDRA:
            self.last.extend(self.graph.configured(self.graph.paths[number]))
        else:
            self.asked.add(method)

    def through_object(self, method: str, depth: int) -> None:
        """Follow `thing.method()` to the methods of that name of classes already made."""
        waiting, places = self.waiting[method], self.graph.methods[method]
        position = -1
        # More may come to wait while one is entered: those behind it in order are taken too.
        while (next_one := bisect_right(waiting, position)) < len(waiting):
            position = waiting[next_one]
            if places[position] in self.entered:
                del waiting[next_one]
            else:
                self.enter(places[position], depth + 1)

    def finish(self) -> None:
        """Enter what was put off, and what that puts off."""
        while self.later:
            number = self.later.popleft()
            if number not in self.entered:
                self.enter(number, 0)
                if number in self.graph.made:
                    self.answer(number)

    def answer(self, number: int) -> None:
        """Follow what was called before on a class that was only named: `kind = Net; kind.fit()`.

        Its bases have waited with it; their methods are its own.
        """
        asked, entered = self.asked, self.entered
        methods = self.graph.methods_of(number)
        self.later += [place for name, place in methods if name in asked and place not in entered]
