"""How a passage of the repository is quoted in evidence."""

from __future__ import annotations

LONGEST = 100


def quoted(text: str) -> str:
    """Return a passage without the blanks around it; what is longer than 100 signs is cut.

    The cut shows, so that nobody takes the rest of a command for all of it.
    """
    plain = text.strip()
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1].rstrip()}…"
