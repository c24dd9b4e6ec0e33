"""What may run once a set of modules is loaded: everything they lead to, whatever the order."""

from __future__ import annotations

from collections import deque
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from repro_audit.facts.callgraph import HYDRA, NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from repro_audit.facts.callgraph import Act, CallGraph
    from repro_audit.facts.syntax import Call


class Closure:
    """Places that are closed under what they name, call, and call on objects of unknown class.

    No order decides what is in it, so that hundreds of entry points share one (`base`), to which
    each adds what it alone leads to.
    """

    def __init__(self, graph: CallGraph, base: Closure | None = None) -> None:
        self.graph = graph
        self.held: dict[int, None] = base.places if base is not None else {}
        self.places: dict[int, None] = {}
        # The calls of chance, each with the place it stands in, in about the order they are made.
        self.chance: list[tuple[int, Call]] = []
        # The methods that are called on objects of unknown class; here, or in the base too.
        self.asked: set[str] = set()
        self.heard: set[str] = base.asked if base is not None else set()
        # The methods of classes in here, and of those in the base, that nobody called there.
        self.waiting: dict[str, list[int]] = {}
        self.idle: dict[str, list[int]] = base.waiting if base is not None else {}
        self.later: deque[int] = deque()
        # What modules name at their top, and what Hydra makes, comes last, as in a trace.
        self.last: deque[int] = deque()

    @cached_property
    def paths(self) -> frozenset[str]:
        """The files in which its places stand; asked for when all are in it."""
        return frozenset(map(self.graph.paths.__getitem__, self.places))

    def resume(
        self, places: Iterable[int], asked: Iterable[str], waiting: dict[str, list[int]]
    ) -> None:
        """Take in places that were gone through, and what was called and made meanwhile."""
        self.places.update(dict.fromkeys(places))
        for method in asked:
            self.asked.add(method)
            self.later.extend(self.idle.get(method, ()))
        for method, found in waiting.items():
            if method in self.heard:
                self.later.extend(found)
            else:
                self.waiting[method] = found

    def add(self, numbers: Iterable[int]) -> None:
        """Take places in, with all that they lead to."""
        self.last.extend(numbers)
        while (self.later or self.last) and self.graph.left >= 0:
            number = (self.later or self.last).popleft()
            if number not in self.places and number not in self.held:
                self.enter(number)

    def enter(self, start: int) -> None:
        """Go through what a place does, and into what it enters at once."""
        places, held = self.places, self.held
        stack = [(start, self.opened(start))]
        while stack:
            number, acts = stack[-1]
            for call, target, now, method in acts:
                if call is not None:
                    self.chance.append((number, call))
                if method and method not in self.asked:
                    stack.append((number, self.ask(method, number)))
                if target != NOWHERE and target not in places and target not in held:
                    if now:
                        stack.append((target, self.opened(target)))
                    else:
                        top = not self.graph.places[number].name
                        (self.last if top else self.later).append(target)
                if stack[-1][1] is not acts:
                    break
            else:
                stack.pop()

    def opened(self, number: int) -> Iterator[Act]:
        """Take one place in; return what it does."""
        self.places[number] = None
        first, acts, owned = self.graph.steps.get(number) or self.graph.step(number)
        self.graph.left -= len(acts)
        for method, at in owned:
            place = self.graph.methods[method][at]
            if method in self.asked or method in self.heard:
                self.later.append(place)
            else:
                self.waiting.setdefault(method, []).append(place)
        return chain(entered(first), acts)

    def ask(self, method: str, number: int) -> Iterator[Act]:
        """Return what is reached when a place calls a method of an object of unknown class."""
        self.asked.add(method)
        if method in HYDRA:
            self.last.extend(self.graph.configured(self.graph.paths[number]))
            return iter(())
        return entered((*self.waiting.pop(method, ()), *self.idle.get(method, ())))


def entered(numbers: Iterable[int]) -> Iterator[Act]:
    """Yield the acts that enter places."""
    return ((None, number, True, "") for number in numbers)
