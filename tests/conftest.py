"""Which tests stay together where several processes share the work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest

JOURNEY = Path(__file__).with_name("journey")


class Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist is not typed
    """A file belongs to one process, as its fixtures do; so do all journeys.

    They install into one environment.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "journey" if file.startswith("tests/journey/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The journeys, which take longest, come first."""
    items.sort(key=lambda item: JOURNEY not in item.path.parents)
