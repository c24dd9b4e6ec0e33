"""No regular expression of ours takes the square of the length of what it is given.

Each one that is compiled while the package is loaded is tried on texts made of its own letters and
words, repeated; twice as much text may take about twice as long.
"""

from __future__ import annotations

import re
import time

import pytest

from .fuzz.expressions import patterns

# Lines are cut to about this length before they are searched. What is linear takes a millisecond.
LENGTH = 1_000
SECONDS = 0.15
REPEATS = (
    "a",
    "A",
    " ",
    "\t",
    "0",
    "0.",
    ".",
    "-",
    "_",
    "=",
    "/",
    "\\",
    "'",
    '"',
    "(",
    "[",
    "{",
    "<",
    "|",
    "#",
    "*",
    "`",
    ":",
    ",",
    "$",
    "%",
    "@",
    "\n",
    "a ",
    "a.",
    "a_",
    "a-",
    "a=",
    "a/",
    "a b ",
    "1 ",
    "1,",
    "()",
    "[]",
    "{}",
    "<a>",
    "a\n",
    "\n\n",
    " \n",
    "https://a",
    "--a ",
    "x" * 9,
)


PATTERNS = patterns()


def texts(pattern: re.Pattern[str]) -> list[str]:
    """Return hostile texts for one expression: repeated letters, and its own words repeated."""
    own = re.findall(r"[A-Za-z]{2,}", re.sub(r"\\[a-zA-Z]", " ", pattern.pattern))
    words = [f"{word} " for word in dict.fromkeys(own)][:12] + own[:6]
    parts = (*REPEATS, *words)
    whole = [part * (LENGTH // len(part) + 1) for part in parts]
    starts = [word + filler * LENGTH for word in own[:8] for filler in (" ", "a", "a ", "\t")]
    mixed = [(first + second) * (LENGTH // 2 // len(first + second) + 1) + "\x00"
             for first in own[:4] for second in (" ", ".", "=", "/")]  # fmt: skip
    return [*(text + "\x00" for text in whole), *starts, *mixed]


def slowest(pattern: re.Pattern[str]) -> tuple[float, str]:
    """Return the longest time that a search takes, and the text's beginning."""
    worst = (0.0, "")
    for text in texts(pattern):
        started = time.process_time()
        sum(1 for _ in pattern.finditer(text))
        taken = time.process_time() - started
        for _ in range(3):
            if taken < SECONDS:
                break
            # Again, because somebody else may have had the processor and its caches.
            started = time.process_time()
            sum(1 for _ in pattern.finditer(text))
            taken = min(taken, time.process_time() - started)
        worst = max(worst, (taken, text[:40]))
    return worst


@pytest.mark.parametrize("number", range(8))
def test_no_expression_takes_the_square_of_its_text(number: int) -> None:
    chosen = [pattern for at, pattern in enumerate(PATTERNS.values()) if at % 8 == number]
    slow = {}
    for pattern in chosen:
        taken, text = slowest(pattern)
        if taken > SECONDS:
            slow[pattern.pattern[:200]] = f"{taken * 1000:.0f} ms for {text!r}"
    assert slow == {}


def test_all_expressions_were_found() -> None:
    assert len(PATTERNS) > 300
