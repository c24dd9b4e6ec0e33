"""SARIF 2.1.0: every rule in the driver, one result for each place of a fault.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any
from urllib.parse import quote

from repro_audit.model import Evidence, Report, Result, Severity, Status
from repro_audit.render.words import as_json, notes

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {Severity.BLOCKER: "error", Severity.MAJOR: "warning", Severity.MINOR: "note"}
FAULTS = (Status.FAIL, Status.PARTIAL)
ROOT = "%SRCROOT%"


def rule(result: Result) -> dict[str, Any]:
    """Describe a practice."""
    practice = result.practice
    return {
        "id": practice.id,
        "name": practice.id,
        "shortDescription": {"text": practice.title},
        "fullDescription": {"text": f"{practice.title} ({practice.aspect}, {practice.level})."},
        "help": {
            "text": f"`repro-audit explain {practice.id}` says why it matters and how to fix it."
        },
        "defaultConfiguration": {"level": LEVELS[practice.severity]},
        "properties": {"tags": [practice.aspect, practice.type, practice.level]},
    }


def fingerprints(result: Result) -> list[str]:
    """Return a mark per place that stays when lines move: rule, path, words, and which of its kind.

    Two places of one file that read alike are told apart by their order, so no mark occurs twice.
    """
    seen: Counter[str] = Counter()
    marks = []
    for item in result.verdict.evidence:
        text = f"{result.practice.id}\x00{item.path}\x00{item.message}"
        seen[text] += 1
        if seen[text] > 1:
            text += f"\x00{seen[text]}"
        marks.append(hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest())
    return marks


def location(item: Evidence) -> dict[str, Any]:
    """Return a place; what concerns the repository as a whole points at its root."""
    if item.path == ".":
        return {"artifactLocation": {"uri": ".", "uriBaseId": ROOT}}
    where = {
        "artifactLocation": {"uri": quote(item.path, errors="backslashreplace"), "uriBaseId": ROOT}
    }
    return {**where, "region": {"startLine": max(item.line, 1)}}


def finding(number: int, result: Result, item: Evidence, mark: str) -> dict[str, Any]:
    """Return one result."""
    failed = result.verdict.status is Status.FAIL
    return {
        "ruleId": result.practice.id,
        "ruleIndex": number,
        "level": LEVELS[result.practice.severity] if failed else "note",
        "message": {"text": f"{result.verdict.summary} {item.message}"},
        "locations": [{"physicalLocation": location(item)}],
        "partialFingerprints": {"reproAudit/v1": mark},
        "properties": {
            "status": result.verdict.status.value,
            "basis": result.basis.value,
            "fix": result.verdict.fix or "",
        },
    }


def notifications(report: Report) -> list[dict[str, Any]]:
    """Say what crashed, and what was declared, ignored or not read."""
    found = [
        {"level": "error", "message": {"text": f"{item.practice.id}: {item.verdict.summary}"}}
        for item in report.results
        if item.verdict.status is Status.ERROR
    ]
    return found + [
        {"level": "note", "message": {"text": f"{title}: {row}"}}
        for title, rows in notes(report)
        for row in rows
    ]


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 - one signature for all
    """Return SARIF that ends with a newline."""
    found = [
        finding(number, result, item, mark)
        for number, result in enumerate(report.results)
        if result.verdict.status in FAULTS
        for item, mark in zip(result.verdict.evidence, fingerprints(result), strict=True)
    ]
    crashed = any(item.verdict.status is Status.ERROR for item in report.results)
    driver = {
        "name": "repro-audit",
        "version": report.version,
        "semanticVersion": report.version,
        "rules": [rule(result) for result in report.results],
    }
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [
            {
                "executionSuccessful": not crashed,
                "toolExecutionNotifications": notifications(report),
            }
        ],
        "results": found,
        "columnKind": "unicodeCodePoints",
        "properties": {"readiness": {"low": report.score.low, "high": report.score.high}},
    }
    return as_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
