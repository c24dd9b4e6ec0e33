"""What a value is worth: whether it is fixed, absent or varying, and which setting changes it."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class State(Enum):
    """How a value is known."""

    FIXED = "fixed"
    ABSENT = "absent"
    VARYING = "varying"
    UNKNOWN = "unknown"


class Value(NamedTuple):
    """A value, and the setting (flag, key, variable) through which a person may change it."""

    state: State
    value: object = None
    setting: str = ""
    path: str = ""
    line: int = 0


UNKNOWN = Value(State.UNKNOWN)


def of_constant(value: object, setting: str = "", path: str = "", line: int = 0) -> Value:
    """Judge a constant: none, a negative number and words such as `random` mean no fixed value."""
    absent = value is None or (isinstance(value, int) and not isinstance(value, bool) and value < 0)
    absent = absent or (
        isinstance(value, str) and value.lower() in {"", "none", "null", "random", "???"}
    )
    return Value(State.ABSENT if absent else State.FIXED, value, setting, path, line)


def first(values: list[Value]) -> Value:
    """Return what `a or b` is worth: the first that is neither missing nor false."""
    for position, value in enumerate(values):
        if value.state not in {State.ABSENT, State.FIXED}:
            return combined(values[position:])
        if value.state is State.FIXED and value.value:
            return value
    return values[-1]


def combined(parts: list[Value]) -> Value:
    """Join the parts of a computed value: one varying part makes it vary."""
    for state in (State.VARYING, State.ABSENT, State.FIXED):
        found = [part for part in parts if part.state is state]
        if found:
            return next((part for part in found if part.setting), found[0])
    return UNKNOWN
