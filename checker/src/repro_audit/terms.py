"""What a project says of its own verdicts: ignores and declarations, applied and counted.

Ignoring makes a practice undecided, so it never raises a score. A declaration counts as what it
says, stands in every report with its name and date, and withholds all levels when too much rests
on it. Whatever changes nothing is reported.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from repro_audit.comments import InlineIgnore, inline_ignores
from repro_audit.model import Basis, Declared, Evidence, Ignored, Result, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro_audit.repository import Repository
    from repro_audit.settings import Settings

KEPT = (Status.PASS, Status.NOT_APPLICABLE)
FAULTS = (Status.FAIL, Status.PARTIAL)
STATUS = {"done": Status.PASS, "not-applicable": Status.NOT_APPLICABLE}


class Terms:
    """The ignores and declarations of one project, and which of them changed a verdict."""

    def __init__(
        self, repo: Repository, settings: Settings, *, trusted: bool, known: Sequence[str]
    ) -> None:
        """Read the comments; the settings were read before."""
        self.repo = repo
        self.settings = settings
        self.trusted = trusted
        self.known = frozenset(known)
        self.reasons = dict(settings.ignore)
        self.declared = {item.id: item for item in settings.declare}
        self.comments: dict[str, list[InlineIgnore]] = {}
        for comment in inline_ignores(repo):
            self.comments.setdefault(comment.id, []).append(comment)
        self.used: set[str | InlineIgnore] = set()
        self.asked: set[str] = set()

    def apply(self, result: Result) -> Result:
        """Return the result as the project's own terms leave it."""
        identifier = result.practice.id
        self.asked.add(identifier)
        if not self.trusted:
            return result
        reason = self.reasons.get(identifier)
        if reason is not None and result.verdict.status not in KEPT:
            self.used.add(f"ignore {identifier}")
            text = f"Ignored by the settings: {reason}"
            return replace(result, verdict=Verdict(Status.UNKNOWN, text))
        verdict = self.without_ignored(identifier, result.verdict)
        word = self.declared.get(identifier)
        if word is None or verdict.status in (*KEPT, Status.ERROR):
            return replace(result, verdict=verdict)
        self.used.add(f"declare {identifier}")
        return replace(result, verdict=self.as_declared(word, verdict), basis=Basis.DECLARED)

    def without_ignored(self, identifier: str, verdict: Verdict) -> Verdict:
        """Leave out evidence that a comment speaks for; without any left nothing is decided."""
        if verdict.status not in FAULTS:
            return verdict
        spoken = {
            (item.path, item.target): item
            for item in self.comments.get(identifier, ())
            if item.reason
        }
        hit = [item for item in verdict.evidence if (item.path, item.line) in spoken]
        if not hit:
            return verdict
        self.used.update(spoken[item.path, item.line] for item in hit)
        left = tuple(item for item in verdict.evidence if item not in hit)
        if left:
            return replace(verdict, evidence=left)
        reason = spoken[hit[0].path, hit[0].line].reason
        return Verdict(Status.UNKNOWN, f"Ignored where it was seen: {reason}", tuple(hit))

    def as_declared(self, word: Declared, verdict: Verdict) -> Verdict:
        """Return what the person declares; what was read is said with it."""
        said = f"{word.name} declares it {word.status} on {word.date}: {word.reason}"
        read = f"Read from the files: {verdict.status.value}. {verdict.summary}"
        if word.status == "accepted-risk":
            return replace(verdict, summary=f"{said} {read}")
        place = Evidence(self.settings.source or ".", self.line_of(word.id), said)
        return Verdict(STATUS[word.status], f"{said} {read}", (place, *verdict.evidence))

    def line_of(self, identifier: str) -> int:
        """Return the line of the settings that names the practice, after `declare`."""
        lines = self.repo.lines(self.settings.source or "")
        start = next((n for n, line in enumerate(lines) if "declare" in line), 0)
        rest = enumerate(lines[start:], start + 1)
        return next((number for number, line in rest if identifier in line), 0)

    @property
    def left_out(self) -> set[str]:
        """The practices that the settings ignore: no record proves them."""
        return set(self.reasons) if self.trusted else set()

    @property
    def ignored(self) -> tuple[Ignored, ...]:
        """All ignores of known practices, with whether each changed anything."""
        settings = [
            Ignored(identifier, reason, applied=f"ignore {identifier}" in self.used)
            for identifier, reason in self.settings.ignore
            if identifier in self.known
        ]
        inline = [
            Ignored(item.id, item.reason, item in self.used, item.path, item.line)
            for items in self.comments.values()
            for item in items
            if item.id in self.known and item.reason
        ]
        return (*settings, *sorted(inline, key=lambda item: (item.path, item.line, item.id)))

    @property
    def declarations(self) -> tuple[Declared, ...]:
        """All declarations of known practices, with whether each changed anything."""
        return tuple(
            replace(item, applied=f"declare {item.id}" in self.used)
            for item in self.settings.declare
            if item.id in self.known
        )

    @property
    def notices(self) -> tuple[str, ...]:
        """Say what names nothing, has no reason, or changes nothing."""
        source = self.settings.source
        found = [
            f"{source} {verb} {item!r}, which is no practice."
            for verb, items in (("ignores", self.reasons), ("declares", self.declared))
            for item in items
            if item not in self.known
        ]
        comments = sorted(
            (item for items in self.comments.values() for item in items),
            key=lambda item: (item.path, item.line, item.id),
        )
        for item in comments:
            where = f"The comment at {item.path}:{item.line}"
            if not item.reason:
                found.append(f"{where} gives no reason (`-- why`), so it ignores nothing.")
            elif item.id not in self.known:
                found.append(f"{where} ignores {item.id!r}, which is no practice.")
            elif self.trusted and item.id in self.asked and item not in self.used:
                found.append(f"{where} ignores {item.id}, and nothing is flagged there.")
        if self.trusted:
            return (*found, *self.unused())
        return (*found, *self.not_applied())

    def unused(self) -> list[str]:
        """Name the settings that changed no verdict of this audit."""
        source = self.settings.source
        found = [
            f"{source} ignores {item}, which is kept or does not apply: remove the ignore."
            for item in self.reasons
            if item in self.asked and f"ignore {item}" not in self.used
        ]
        found += [
            f"{source} declares {item}, which the files decide or an ignore covers: remove it."
            for item in self.declared
            if item in self.asked and f"declare {item}" not in self.used
        ]
        return found

    def not_applied(self) -> list[str]:
        """List the settings of a project that is not the reader's own."""
        own = self.settings
        if not own.source:
            return []
        values = {
            "select": ", ".join(own.select),
            "exclude": ", ".join(own.exclude),
            "profile": own.profile or "",
            "fail-under": "" if own.fail_under is None else f"{own.fail_under:g}",
        }
        listed = [f"{key} = {value}" for key, value in values.items() if value]
        more = f" They say: {'; '.join(listed)}." if listed else ""
        return [f"The settings in {own.source} were listed and not applied (untrusted).{more}"]
