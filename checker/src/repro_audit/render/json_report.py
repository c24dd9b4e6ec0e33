"""The frozen JSON shape `repro-audit/report/v1`, written by hand."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from repro_audit.render.words import as_json

if TYPE_CHECKING:
    from repro_audit.model import Project, Report, Result

SCHEMA = "repro-audit/report/v1"


def practice(result: Result) -> dict[str, Any]:
    """Return one practice with its verdict."""
    verdict = result.verdict
    return {
        "id": result.practice.id,
        "status": verdict.status.value,
        "basis": result.basis.value,
        "severity": result.practice.severity.value,
        "aspect": result.practice.aspect,
        "summary": verdict.summary,
        "evidence": [
            {"path": item.path, "line": item.line, "message": item.message}
            for item in verdict.evidence
        ],
        "fix": verdict.fix,
    }


def project(item: Project) -> dict[str, Any]:
    """Return one project of a monorepo with its verdicts in short."""
    score = item.score
    return {
        "path": item.path,
        "readiness": {
            "low": score.low,
            "high": score.high,
            "coverage": score.coverage,
            "weakest": score.weakest,
        },
        "levels": dict(score.levels),
        "practices": [
            {
                "id": result.practice.id,
                "status": result.verdict.status.value,
                "summary": result.verdict.summary,
            }
            for result in item.results
        ],
    }


def shape(report: Report) -> dict[str, Any]:
    """Return the report as plain values."""
    score, subject = report.score, report.subject
    return {
        "schema": SCHEMA,
        "tool": {
            "name": "repro-audit",
            "version": report.version,
            "specification": report.specification,
        },
        "repository": {
            "name": subject.name,
            "commit": subject.commit,
            "dirty": subject.dirty,
            "kind": subject.kind,
            "files": subject.files,
        },
        "readiness": {
            "low": score.low,
            "high": score.high,
            "coverage": score.coverage,
            "weakest": score.weakest,
            "aspects": {
                item.aspect: {"low": item.low, "high": item.high, "coverage": item.coverage}
                for item in score.aspects
            },
        },
        "proven": {
            "share": score.proven,
            "record": report.proof.record,
            "stale": report.proof.stale,
        },
        "levels": dict(score.levels),
        "badges": dict(score.badges),
        "practices": [practice(result) for result in report.results],
        "skipped": [{"path": item.path, "why": item.why} for item in report.skipped],
        "ignored": [
            {
                "id": item.id,
                "reason": item.reason,
                "applied": item.applied,
                **({"path": item.path, "line": item.line} if item.path else {}),
            }
            for item in report.ignored
        ],
        "declared": {
            "share": score.declared,
            "practices": [asdict(item) for item in report.declared],
        },
        "notices": list(report.notices),
        "baseline": asdict(report.comparison) if report.comparison else None,
        **({"projects": [project(item) for item in report.projects]} if report.projects else {}),
    }


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 - one signature for all
    """Return JSON that ends with a newline; the same report gives the same bytes."""
    return as_json(shape(report))
