"""What is said of a cause: the kind of thing that was seen there, in a sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repro_audit.verify.traces import Opened, Parting, Place

CLOCK = re.compile(
    r"(^|\.)(time|time_ns|perf_counter|perf_counter_ns|monotonic|monotonic_ns|process_time"
    r"|process_time_ns|thread_time|ctime|asctime|localtime|gmtime|strftime|now|utcnow|today"
    r"|getmtime|getctime|getatime|st_[mca]time(_ns)?|uuid1)$"
)
LISTINGS = re.compile(r"(^|\.)(listdir|scandir|glob|iglob|rglob|iterdir|walk|fwalk)$")
SOURCES = {
    "random": "the generator of `random`",
    "numpy": "NumPy's global generator",
    "torch": "PyTorch's generator",
    "entropy": "the entropy of the system (tokens, UUIDs, generators without a seed)",
}
CONDITIONS = {
    "time-zone": "the time zone",
    "locale": "the language and country",
    "home": "the home folder",
    "user": "the user or the host name",
    "path": "the path of the checkout",
    "tmpdir": "the temporary folder",
    "threads": "the number of threads",
    "cpus": "the number of processors",
    "clock": "the clock",
    "network": "whether there is a network",
    "leftovers": "what an earlier run left",
    "gpu": "whether there is a GPU",
    "hash-seed": "the hashes of strings",
    "listing-order": "the order in which folders are listed",
    "control": "something that is another in each run",
}
SHOWN = 60


def reads_clock(place: Place) -> bool:
    """Say whether the clock is read at a place."""
    return place.kind.startswith("call ") and bool(CLOCK.search(place.kind[5:]))


def is_listing(place: Place) -> bool:
    """Say whether a folder is listed at a place."""
    return place.kind.startswith("call ") and bool(LISTINGS.search(place.kind[5:]))


def brief(told: str) -> str:
    """Shorten a value."""
    return told if len(told) <= SHOWN else f"{told[: SHOWN - 3]}..."


def code(place: Place) -> str:
    """Quote the code of a place."""
    return f"`{place.text}`" if place.text else "this line"


def of_chance(source: str, place: Place) -> str:
    """Say that a source of chance was used before it was seeded."""
    kind = source.partition("@")[0]
    since = "which no seed reaches" if kind == "entropy" else "which was not seeded before"
    return f"{code(place)} draws from {SOURCES[kind]}, {since}"


def of_parting(variation: str, found: Parting) -> str:
    """Say what two runs saw at a place."""
    place = found.place
    seen = f"{brief(found.first)} in one run, {brief(found.second)} in the other"
    if reads_clock(place) and variation in ("control", "clock"):
        return f"the time that {code(place)} reads reaches the result ({seen})"
    if place.kind == "items":
        return f"the order in which {code(place)} is gone through reaches the result ({seen})"
    if is_listing(place) and variation == "listing-order":
        return f"{code(place)} is used in the order in which the system lists ({seen})"
    about = CONDITIONS.get(variation, variation)
    return f"{code(place)} depends on {about} ({seen})"


def of_leftover(found: Opened) -> str:
    """Say that a file of an earlier run is opened."""
    way = "appended to" if "a" in found.mode else "read"
    return f"{found.file}, which an earlier run left, is {way} here"
