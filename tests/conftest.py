"""Which tests stay together where several processes share the work."""

from __future__ import annotations

from pathlib import Path

import pytest

JOURNEY = Path(__file__).with_name("journey")


@pytest.hookimpl(tryfirst=True)  # the one that reads the groups comes after it
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file belongs to one process, as its fixtures do; the journeys, the longest, come first.

    They are of one process together, for they install into one environment.
    """
    items.sort(key=lambda item: JOURNEY not in item.path.parents)
    for item in items:
        together = JOURNEY if JOURNEY in item.path.parents else item.path
        item.add_marker(pytest.mark.xdist_group(str(together)))
