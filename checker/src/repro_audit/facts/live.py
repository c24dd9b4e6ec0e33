"""Sources that answer differently each time: services, databases, scraped pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.syntax import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

SERVICES = (
    "yfinance.download",
    "yfinance.Ticker",
    "tweepy.*",
    "praw.*",
    "snscrape.*",
    "pandas_datareader.*",
    "pandas.read_sql*",
    "pandas.read_gbq",
    "google.cloud.bigquery.Client",
    "selenium.webdriver.*",
    "wikipedia.page",
    "ccxt.*",
)
DATED = re.compile(r"(?<!\d)(19|20)\d\d[-_]?(0[1-9]|1[0-2])([-_]?([0-2]\d|3[01]))?(?!\d)")


def live_calls(repo: Repository) -> Iterator[Call]:
    """Yield the calls of live code that ask a source which may answer otherwise tomorrow."""
    index = repo.fact(PythonIndex)
    yield from index.calls(*SERVICES)
    for call in index.calls("requests.get", "requests.post", "httpx.get", "urllib.request.urlopen"):
        url = literal(call.argument("url", 0))
        if isinstance(url, str) and re.search(r"//api\.|/api/|[?&]\w+=", url):
            yield call
