"""Whatever a repository writes stays text: every output parses, and nothing leaves its place."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from repro_audit import Evidence, Practice, Report, Result, Severity, Status, Verdict
from repro_audit.baseline import compare, record
from repro_audit.model import (
    Basis,
    Change,
    Comparison,
    Declared,
    Ignored,
    Project,
    Proof,
    Rerun,
    Skipped,
    Subject,
)
from repro_audit.render import STYLES, render
from repro_audit.score import score

from .fuzz.made import many

SHAPE = json.loads((files("repro_audit") / "schemas/report-v1.schema.json").read_text("utf-8"))
SARIF = json.loads((Path(__file__).parent / "data" / "sarif-schema-2.1.0.json").read_text("utf-8"))
WORST = [
    "<script>alert(1)</script>",
    "]]></system-out><x/>",
    "a\r\n::error file=x::forged",
    "%0A::warning::x,y:z",
    "| a | b |\n## Heading\n```",
    "</details><img src=x onerror=alert(1)>",
    "[x](http://evil.example) @everyone #1",
    "\x1b[31m\u202e\x00\x85\u2028\ufffe\ud800",
    "'\"&amp;--><!--",
    "{{ 7*7 }}{% raw %}",
    "##[add-mask]e ##vso[task.setvariable variable=x]y",
    "a ::stop-commands::x\n  ::error::y",
    "\x1b]8;;http://evil.example\x07x\x1b]8;;\x07",
    "\u2067\u061c\u200b\xad\u3164\U000e0041",
    "--output",
    "-",
    "=cmd|' C'!A0",
    "[bold red]x[/y] :smile:",
    "a%20b#c?d",
    "x" * 5_000,
]
# A report of all statuses takes some milliseconds, and there are as many tests as outputs.
RENDERED = 0.05
TEXTS = st.one_of(
    st.sampled_from(WORST),
    st.text(alphabet=st.characters(), max_size=30),
    st.text(alphabet="<>&\"'`|\\[]()#*_~:,%\r\n\t @!-=/{}", max_size=30),
    st.lists(st.sampled_from(WORST), max_size=3).map(" ".join),
)
PROVEN = Practice(
    "practice-p",
    "Title p",
    "dataset",
    "computational",
    "open",
    Severity.MAJOR,
    ("Source",),
    "0.1.0",
)


def report(text: str) -> Report:
    """Every status and severity, with `text` wherever a repository or a person can put its own."""
    text = text or "nothing"
    results = tuple(
        Result(
            Practice(
                f"practice-{number}", f"Title {number}", "dataset", "computational", "open",
                list(Severity)[number % 3], ("Source",), "0.1.0",
            ),
            Verdict(status, text, (Evidence(f"d/{text}", 3, text), Evidence(".", 0, text)), text),
            list(Basis)[number % 3],
        )
        for number, status in enumerate(Status)
    )  # fmt: skip
    change = Change("practice-1", "pass", "fail", text)
    return Report(
        version="0.1.0",
        specification="0.1.0",
        subject=Subject(text, "0" * 40, dirty=True, kind="paper-code", files=3),
        results=results,
        score=score(results),
        skipped=(Skipped(text, text),),
        ignored=(Ignored("practice-2", text, applied=True, path=text, line=2),),
        notices=(text,),
        proof=Proof(
            text, text, text, (Rerun("control", True), Rerun(text, False, ((text, text),))), (text,)
        ),
        projects=(Project(text, (Result(PROVEN, Verdict(Status.FAIL, text)),), score(results)),),
        declared=(Declared("practice-3", "done", text, text, "2026-01-31"),),
        comparison=Comparison(text, (change,), (change,), (text,)),
    )


@cache
def plain_in(style: str) -> str:
    """Return what a text without any markup gives."""
    return render(report("plain"), style)


@pytest.mark.parametrize("style", STYLES)
def test_every_output_survives_the_worst(style: str) -> None:
    for text in WORST:
        render(report(text), style).encode("utf-8", "backslashreplace")


@given(TEXTS)
@many(RENDERED)
def test_sarif_is_valid_whatever_is_said(text: str) -> None:
    shown = render(report(text), "sarif")
    assert shown.isascii()
    log = json.loads(shown)
    jsonschema.validate(log, SARIF, cls=jsonschema.Draft4Validator)
    marks = [item["partialFingerprints"]["reproAudit/v1"] for item in log["runs"][0]["results"]]
    assert len(set(marks)) == len(marks)


@given(TEXTS)
@many(RENDERED)
def test_json_is_valid_and_holds_what_was_said(text: str) -> None:
    shown = render(report(text), "json")
    assert shown.isascii()
    found = json.loads(shown)
    jsonschema.validate(found, SHAPE)
    assert found["notices"] == [text or "nothing"]


@given(TEXTS)
@many(RENDERED)
def test_a_baseline_reads_what_was_recorded(text: str) -> None:
    found = report(text)
    kept = record(found)
    same = compare(kept, "a.json", found)
    assert (same.worse, same.better) == ((), ())


@pytest.mark.parametrize("style", [style for style in STYLES if style != "github"])
@given(text=TEXTS)
@many(RENDERED / 2)
def test_no_line_is_a_command_of_ci(style: str, text: str) -> None:
    for line in re.split(r"[\r\n]", render(report(text), style)):
        assert not re.match(r"\s*::[A-Za-z]", line)
        assert not re.search(r"##\w*\[", line)


@given(TEXTS)
@many(RENDERED)
def test_junit_is_well_formed_and_text_makes_no_element(text: str) -> None:
    root = ET.fromstring(render(report(text), "junit").encode("utf-8"))  # noqa: S314 - our own
    plain = ET.fromstring(plain_in("junit"))  # noqa: S314
    assert [item.tag for item in root.iter()] == [item.tag for item in plain.iter()]
    for item in root.iter():
        assert set(item.attrib) <= {
            "name", "tests", "failures", "errors", "skipped", "time", "classname", "message",
            "type",
        }  # fmt: skip


@given(TEXTS)
@many(RENDERED)
def test_every_line_for_github_is_one_of_ours(text: str) -> None:
    lines = re.split(r"[\r\n\x0b\x0c\x85\u2028\u2029]", render(report(text), "github"))
    plain = plain_in("github").split("\n")
    assert len(lines) == len(plain)
    for line in lines[:-1]:
        head, message = line.removeprefix("::").split("::", 1)
        kind, _, properties = head.partition(" ")
        assert kind in {"error", "warning", "notice"}
        names = [item.split("=", 1)[0] for item in properties.split(",")]
        assert names in (["file", "line", "title"], ["title"])
        assert re.fullmatch(r"(?:[^%]|%25|%0D|%0A)*", message)


class Tags(HTMLParser):
    """Collects elements and where they lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def tags(page: str) -> Tags:
    found = Tags()
    found.feed(page)
    return found


@given(TEXTS)
@many(RENDERED)
def test_html_has_the_same_elements_whatever_is_said(text: str) -> None:
    found, plain = tags(render(report(text), "html")), tags(plain_in("html"))
    assert found.tags == plain.tags
    assert found.handlers == []
    assert all(address.startswith("#practice-") for address in found.addresses)


@given(TEXTS)
@many(RENDERED)
def test_markdown_has_the_same_lines_and_columns_whatever_is_said(text: str) -> None:
    lines = re.split(r"[\r\n\x0b\x0c\x85\u2028\u2029]", render(report(text), "markdown"))
    plain = plain_in("markdown").split("\n")
    assert len(lines) == len(plain)
    for line, model in zip(lines, plain, strict=True):
        assert line.split(" ", 1)[0] == model.split(" ", 1)[0]
        assert cells(line) == cells(model)
        bare = re.sub(r"`[^`]*`|\\.", "", line)
        assert not re.search(r"<(?!/?(?:details|summary|br)>)|@|\]\(", bare)


def cells(line: str) -> int:
    return len(re.findall(r"(?<!\\)(?:\\\\)*\|", line))


@pytest.mark.parametrize("style", ["badge-svg", "badge-json"])
def test_a_badge_holds_nothing_of_the_repository(style: str) -> None:
    assert {render(report(text), style) for text in WORST} == {plain_in(style)}


def test_the_badges_parse() -> None:
    ET.fromstring(render(report("x"), "badge-svg"))  # noqa: S314 - our own
    shape = json.loads(render(report("x"), "badge-json"))
    assert set(shape) == {"schemaVersion", "label", "message", "color"}


UNSEEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
STYLED = re.compile(r"\x1b\[[0-9;]*m")


@given(TEXTS)
@many(RENDERED)
def test_a_coloured_terminal_gets_no_code_but_ours(text: str) -> None:
    shown = render(report(text), "terminal", colour=True)
    assert not UNSEEN.search(STYLED.sub("", shown))
    assert "Title 0" in shown or "practice-0" in shown


@given(TEXTS)
@many(RENDERED)
def test_the_terminal_prints_no_control_character_and_keeps_its_width(text: str) -> None:
    shown = render(report(text), "terminal")
    assert not UNSEEN.search(shown)
    for line in shown.splitlines():
        assert len(line) <= 80 or " " not in line.strip()


def test_a_fault_of_the_whole_repository_points_at_its_root() -> None:
    log = json.loads(plain_in("sarif"))
    uris = {
        item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for item in log["runs"][0]["results"]
    }
    assert uris == {"d/plain", "."}


def test_a_long_report_still_fits_into_a_comment() -> None:
    assert len(render(report("word " * 2000), "markdown")) < 65_536


BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
RUNS = "document.documentElement.setAttribute('data-ran', '1')"
SCRIPTS = (
    f'<script>{RUNS}</script><img src=x onerror="{RUNS}">',
    f'"><svg onload="{RUNS}"></details></table></script><script>{RUNS}</script>',
    f"' onmouseover='{RUNS}' autofocus onfocus='{RUNS}' x='",
    f'javascript:{RUNS}//{{{{ 7*7 }}}}<iframe srcdoc="<script>parent.{RUNS}</script>">',
)


@pytest.mark.skipif(not BROWSER, reason="no browser is installed")
def test_a_browser_runs_nothing_that_a_repository_says(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(render(report(" ".join(SCRIPTS)), "html"), "utf-8")
    shown = in_browser(page, tmp_path)
    assert "<html" in shown
    assert "data-ran=" not in re.findall(r"<html[^>]*>", shown)[0]
    # The policy holds even where something was not escaped.
    broken = page.read_text("utf-8").replace("</body>", f"{SCRIPTS[0]}</body>")
    page.write_text(broken, "utf-8")
    assert "data-ran=" not in re.findall(r"<html[^>]*>", in_browser(page, tmp_path))[0]
    # And without it the same text would run: the test can fail.
    page.write_text(re.sub(r"<meta[^>]*Content-Security-Policy[^>]*>", "", broken), "utf-8")
    assert "data-ran=" in re.findall(r"<html[^>]*>", in_browser(page, tmp_path))[0]


def in_browser(page: Path, folder: Path) -> str:
    """Return the document as the browser holds it after its scripts have run."""
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000",
        f"--user-data-dir={folder / 'profile'}", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout
