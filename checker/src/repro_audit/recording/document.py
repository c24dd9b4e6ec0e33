"""The record as a document: its schema, its head, and how it is written whole or not at all."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from repro_audit import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from repro_audit.recording.interpreter import Interpreter
    from repro_audit.recording.machine import Machine

SCHEMA = "repro-audit/record/v1"
NAME = "repro-record.json"


def head(command: list[str], commit: str | None, **more: Any) -> dict[str, Any]:
    """Begin a record: who wrote it, of which command, of which commit."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "repro-audit", "version": __version__},
        "command": command,
        "commit": commit,
        **more,
    }


def environment_part(interpreter: Interpreter | None) -> dict[str, Any]:
    """Describe the software: the interpreter and every installed distribution."""
    if interpreter is None:
        return {"python": None, "packages": {}}
    return {
        "python": f"{interpreter.implementation} {interpreter.version}",
        "packages": dict(interpreter.packages),
    }


def machine_part(machine: Machine) -> dict[str, Any]:
    """Describe the hardware."""
    return {**asdict(machine), "gpus": list(machine.gpus)}


def as_text(document: Mapping[str, Any]) -> str:
    """Write the document; the same content gives the same bytes.

    Names of files may be no text at all: their bytes are made visible.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
