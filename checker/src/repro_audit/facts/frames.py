"""The names of a running scope, and what is seen on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from repro_audit.facts.rows import Value
    from repro_audit.model import Evidence


class Sight(NamedTuple):
    """Something that happens to rows: its kind, its place, and whether the parts are certain."""

    kind: str
    evidence: Evidence
    sure: bool = True


@dataclass
class Frame:
    """The names of one running scope."""

    path: str
    scope: str
    names: dict[str, Value]
    top: dict[str, Value]
    shared: set[str] = field(default_factory=set)
    returned: list[Value] = field(default_factory=list)
    loops: int = 0

    def get(self, name: str) -> Value | None:
        """Return what a name holds here or in the module."""
        return self.names.get(name, self.top.get(name))

    def put(self, name: str, value: Value) -> None:
        """Bind a name."""
        (self.top if name in self.shared else self.names)[name] = value
