"""One report through every output; nothing that a repository says can break out of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from repro_audit import Evidence, Practice, Report, Result, Severity, Status, Verdict
from repro_audit.model import Ignored, Project, Proof, Rerun, Skipped, Subject
from repro_audit.render import STYLES, render
from repro_audit.score import score

HOSTILE = "<script>alert(1)</script>[red]`|*_\x1b[31m\u202e\r\n![x](http://evil.example/x)@everyone"


def golden(text: str = "plain words") -> Report:
    """Every status once, with `text` wherever a repository can put its own."""
    results = tuple(
        Result(
            Practice(
                f"practice-{number}",
                f"Title {number}",
                "dataset",
                "computational",
                "open",
                Severity.MAJOR,
                ("Source",),
                "0.1.0",
            ),
            Verdict(
                status,
                f"Summary {text}",
                (Evidence(f"dir/{text}.py", 3, f"saw {text}"),),
                f"do {text}",
            ),
        )
        for number, status in enumerate(Status)
    )
    return Report(
        version="0.1.0",
        specification="0.1.0",
        subject=Subject(f"name {text}", "0" * 40, dirty=True, kind="paper-code", files=3),
        results=results,
        score=score(results),
        skipped=(Skipped(f"skipped {text}", f"why {text}"),),
        ignored=(Ignored("practice-9", f"reason {text}"),),
        notices=(f"notice {text}",),
        proof=Proof(
            "repro-record.json",
            None,
            f"make {text}",
            (
                Rerun("control", equal=True),
                Rerun("hash-seed", False, ((f"out {text}.json", f"what {text}"),)),
            ),
            (f"main.py:3 cause {text}",),
        ),
    )


@pytest.mark.parametrize(
    "style", [style for style in STYLES if not style.startswith(("github", "badge"))]
)
def test_every_output_shows_every_practice_and_the_places_of_its_faults(style: str) -> None:
    text = render(golden(), style)
    for result in golden().results:
        assert result.practice.id in text
    assert "dir/plain" in text.replace("\\", "")
    assert text.endswith("\n")


@pytest.mark.parametrize("style", ["terminal", "markdown", "html"])
def test_control_characters_never_reach_a_reader(style: str) -> None:
    text = render(golden(HOSTILE), style)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", text)
    assert "\r" not in text


def test_the_terminal_shows_markup_as_it_is_written() -> None:
    assert "[red]" in render(golden(HOSTILE), "terminal", colour=True)
    assert "\x1b[31m\u202e" not in render(golden(HOSTILE), "terminal", colour=True)


def test_piped_output_holds_no_escape_codes() -> None:
    assert "\x1b" not in render(golden(), "terminal")
    assert "\x1b" in render(golden(), "terminal", colour=True)


class Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values.get("content") or ""


def test_html_is_escaped_and_asks_the_network_for_nothing() -> None:
    page = Page()
    text = render(golden(HOSTILE), "html")
    page.feed(text)
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert all(address.startswith("#practice-") for address in page.addresses)
    assert "default-src 'none'" in page.policy
    assert "unsafe" not in page.policy
    assert "prefers-color-scheme: dark" in text
    assert "http" not in re.sub(r"http://evil\.example", "", text).replace("http-equiv", "")


def test_markdown_tables_keep_their_columns() -> None:
    rows = [
        line for line in render(golden(HOSTILE), "markdown").splitlines() if line.startswith("| ")
    ]
    counts = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    # The table of practices has five columns, that of the aspects four.
    assert counts == {6, 5}
    assert "<script>" not in render(golden(HOSTILE), "markdown")


def test_sarif_lists_every_rule_and_points_at_lines() -> None:
    run = json.loads(render(golden(HOSTILE), "sarif"))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == [result.practice.id for result in golden().results]
    assert {item["ruleId"] for item in run["results"]} == {"practice-1", "practice-2"}
    for item in run["results"]:
        assert rules[item["ruleIndex"]] == item["ruleId"]
        place = item["locations"][0]["physicalLocation"]
        assert place["region"]["startLine"] == 3
        assert not re.search(r"[\s<>|\[\]]", place["artifactLocation"]["uri"])
    assert run["invocations"][0]["executionSuccessful"] is False


def test_a_fingerprint_stays_when_lines_move() -> None:
    def prints(line: int) -> list[str]:
        report = golden()
        moved = tuple(
            replace(item, verdict=replace(item.verdict, evidence=(Evidence("a.py", line, "saw"),)))
            for item in report.results
        )
        run = json.loads(render(replace(report, results=moved), "sarif"))["runs"][0]
        return [item["partialFingerprints"]["reproAudit/v1"] for item in run["results"]]

    assert prints(3) == prints(30)
    assert len(set(prints(3))) == 2


@pytest.mark.parametrize("style", ["terminal", "markdown", "html", "github"])
def test_evidence_that_is_left_out_is_counted(style: str) -> None:
    report = golden()
    seen = tuple(Evidence("a.py", line, f"number {line}") for line in range(1, 21))
    results = tuple(
        replace(item, verdict=replace(item.verdict, evidence=seen, more=7))
        for item in report.results
    )
    counted = {"terminal": 24, "markdown": 24, "html": 7, "github": 26}[style]
    assert f"and {counted} more" in render(replace(report, results=results), style)


def test_what_fails_comes_first_and_worst_first() -> None:
    report = golden()
    practices = [
        replace(item, practice=replace(item.practice, severity=list(Severity)[number % 3]))
        for number, item in enumerate(report.results)
    ]
    mixed = (*practices, *(
        replace(item, practice=replace(item.practice, id=f"z-{severity.value}", severity=severity))
        for item in practices if item.verdict.status is Status.FAIL
        for severity in reversed(Severity)
    ))  # fmt: skip
    for style in ("terminal", "html", "markdown"):
        text = render(replace(report, results=mixed), style)
        places = [text.index(f"z-{severity.value}") for severity in Severity]
        assert places == sorted(places)
        assert places[-1] < text.index("practice-0")


def many(text: str = "plain", number: int = 25) -> Report:
    report = golden(text)
    parts = [Project(f"p{n}-{text}", report.results, report.score) for n in range(number)]
    return replace(report, projects=tuple(parts))


@pytest.mark.parametrize("style", ["terminal", "markdown", "html"])
def test_outputs_show_one_line_per_project_and_say_how_many_more(style: str) -> None:
    text = render(many(), style)
    assert sum("-plain" in line and "fails practice-2" in line for line in text.splitlines()) == 20
    assert "p19-plain" in text
    assert "p20-plain" not in text
    assert "and 5 more" in text


@pytest.mark.parametrize("style", ["terminal", "markdown", "html"])
def test_hostile_names_of_projects_stay_text(style: str) -> None:
    text = render(many(HOSTILE), style)
    assert "\u202e" not in text
    assert "\x1b" not in text
    if style != "terminal":
        assert "<script>alert" not in text


def test_the_page_shows_the_re_runs_and_their_causes() -> None:
    text = render(golden(), "html")
    rows = re.findall(r'<th scope="row">(.*?)</th><td class="(.*?)">', text)
    assert rows == [("control", "equal"), ("hash-seed", "differs")]
    assert "out plain words.json" in text
    assert "main.py:3 cause plain words" in text
    without = render(replace(golden(), proof=Proof()), "html")
    assert "<h2>Re-runs" not in without


MEND = [style for style in STYLES if style in {"terminal", "markdown", "html"}]


@pytest.mark.parametrize("style", MEND)
def test_people_read_first_what_to_mend_first_and_what_it_brings(style: str) -> None:
    """The blocker before the major, with its fix, above the bars of the aspects or the table."""
    report = golden()
    results = tuple(
        replace(item, practice=replace(item.practice, severity=Severity.BLOCKER))
        if item.practice.id == "practice-1"
        else item
        for item in report.results
    )
    text = render(replace(report, results=results, score=score(results)), style)
    at = text.index("Mend these first")
    named = [text.find(f"practice-{number}", at) for number in (1, 2)]
    assert at < named[0] < named[1]
    assert "+14.7" in text[at : named[1]]
    assert "do plain words" in text[at : named[1]].replace("\\", "")
