"""SARIF 2.1.0: every rule in the driver, one result for each place of a fault."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from repro_audit.model import Evidence, Report, Result, Severity, Status

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {Severity.BLOCKER: "error", Severity.MAJOR: "warning", Severity.MINOR: "note"}
FAULTS = (Status.FAIL, Status.PARTIAL)


def rule(result: Result) -> dict[str, Any]:
    """Describe a practice."""
    practice = result.practice
    return {
        "id": practice.id,
        "name": practice.id,
        "shortDescription": {"text": practice.title},
        "fullDescription": {"text": f"{practice.title} ({practice.aspect}, {practice.level})."},
        "defaultConfiguration": {"level": LEVELS[practice.severity]},
        "properties": {"tags": [practice.aspect, practice.type, practice.level]},
    }


def fingerprint(result: Result, item: Evidence) -> str:
    """Return a mark that stays when lines move: rule, path and what was said, without the line."""
    text = f"{result.practice.id}\x00{item.path}\x00{item.message}"
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def finding(number: int, result: Result, item: Evidence) -> dict[str, Any]:
    """Return one result; a fault of the repository as a whole points at its README's place."""
    where: dict[str, Any] = {
        "artifactLocation": {"uri": quote(item.path), "uriBaseId": "%SRCROOT%"}
    }
    if item.path == ".":
        where = {"artifactLocation": {"uri": "README.md", "uriBaseId": "%SRCROOT%"}}
    where["region"] = {"startLine": max(item.line, 1)}
    return {
        "ruleId": result.practice.id,
        "ruleIndex": number,
        "level": LEVELS[result.practice.severity]
        if result.verdict.status is Status.FAIL
        else "note",
        "message": {"text": f"{result.verdict.summary} {item.message}"},
        "locations": [{"physicalLocation": where}],
        "partialFingerprints": {"reproAudit/v1": fingerprint(result, item)},
    }


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 - one signature for all
    """Return SARIF that ends with a newline."""
    found = [
        finding(number, result, item)
        for number, result in enumerate(report.results)
        if result.verdict.status in FAULTS
        for item in result.verdict.evidence
    ]
    crashed = [result for result in report.results if result.verdict.status is Status.ERROR]
    notes = [
        {"level": "error", "message": {"text": f"{result.practice.id}: {result.verdict.summary}"}}
        for result in crashed
    ]
    notes += [
        {"level": "note", "message": {"text": f"{item.path} was not read: {item.why}"}}
        for item in report.skipped
    ]
    driver = {
        "name": "repro-audit",
        "version": report.version,
        "semanticVersion": report.version,
        "rules": [rule(result) for result in report.results],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": not crashed, "toolExecutionNotifications": notes}],
        "results": found,
        "columnKind": "unicodeCodePoints",
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"
