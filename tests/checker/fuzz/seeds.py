"""Where generated trees begin: the examples of all pages."""

from __future__ import annotations

from repro_audit import catalogue

from .held import NAMES


def nearest(path: str) -> str:
    """Return the known name most like a path: its own, one of its name, one of its suffix."""
    name = path.rpartition("/")[2]
    suffix = name.rpartition(".")[2]
    return next(
        (known for known in NAMES if known == path),
        next(
            (known for known in NAMES if known.rpartition("/")[2] == name),
            next((known for known in NAMES if known.endswith(f".{suffix}")), "data/a.txt"),
        ),
    )


def trees() -> list[dict[str, bytes]]:
    """Return each example as a tree of known names."""
    return [
        {nearest(file.path): file.text.encode("utf-8") for file in example.files}
        for rule in catalogue.rules()
        for example in rule.page.examples
    ]
