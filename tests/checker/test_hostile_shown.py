"""What a store of runs or a verification says of strangers stays text, on a screen and in JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from repro_audit.render.words import as_json
from repro_audit.tracked import show as tracked_show
from repro_audit.tracked.claims import Claim
from repro_audit.tracked.document import Findings, as_document
from repro_audit.tracked.matches import FOUND, UNKNOWN, Match, Value
from repro_audit.tracked.needs import NO, YES, Carried, Need
from repro_audit.tracked.store import StoredRun
from repro_audit.verify import show as verify_show
from repro_audit.verify.compare.difference import Difference
from repro_audit.verify.conditions import Condition
from repro_audit.verify.experiment import Cause, Outcome, Skip
from repro_audit.verify.experiment import Findings as Verified
from repro_audit.verify.lab import Run
from repro_audit.verify.outputs import Written
from repro_audit.verify.plan import Plan, Tolerance
from repro_audit.verify.process import Ended

from .fuzz.made import many
from .test_hostile_text import RENDERED, STYLED, TEXTS, UNSEEN

HERE = Path("/nonexistent")


def stored(text: str) -> Findings:
    """Return findings on a store in which `text` stands wherever a stranger writes."""
    run = StoredRun(text, text, text, text, 0, text, {text: text}, {text: 0.5}, {text: text})
    needs = (Need("commit", NO, text), Need("lock", YES, text), Need("environment", NO, text))
    value = Value(0.5, text, (text,), "mean")
    claims = [Match(Claim(at, text, text), state, (value,), value)
              for at, state in enumerate((FOUND, UNKNOWN, "none"))]  # fmt: skip
    return Findings(text, [Carried(run, needs)], claims, text, (text,))


def verified(text: str) -> tuple[Verified, Plan]:
    """Return findings of a verification in which `text` stands wherever a stranger writes."""
    condition = Condition(HERE, HERE, HERE)
    run = Run(condition, Ended(0, 1.0), Written(HERE, {text: "0" * 64, "a.csv": "1" * 64}), text)
    found = Verified(
        condition,
        run,
        (Outcome("control", text, (), condition),
         Outcome("hash-seed", text, (Difference(text, text),), condition),
         Outcome("time", text, (), condition, failed=text or "x")),
        (Skip("locale", "there is none"),),
        (Cause("time", text, 3, text),),
        (text,),
    )  # fmt: skip
    return found, Plan(HERE, ("python", text), tolerances=(Tolerance(text, 0.1, 0.1),))


def harmless(shown: str) -> None:
    """Check that nothing is a control character, or a command to the system that shows it."""
    plain = STYLED.sub("", shown)
    assert not UNSEEN.search(plain)
    assert not re.search(r"^\s*::[A-Za-z]", plain, re.MULTILINE)
    assert not re.search(r"##\w*\[", plain)


@given(TEXTS)
@many(RENDERED)
def test_a_store_is_shown_as_text(text: str) -> None:
    found = stored(text)
    harmless(tracked_show.plain(found))
    harmless(tracked_show.coloured(found))
    assert json.loads(as_json(as_document(found)))


@given(TEXTS)
@many(RENDERED)
def test_a_verification_is_shown_as_text(text: str) -> None:
    found, plan = verified(text)
    harmless(verify_show.plain(found, plan))
    harmless(verify_show.coloured(found, plan))


def test_a_command_is_no_markup() -> None:
    found, plan = verified("[/x] [bold]y :smile:")
    assert "[/x] [bold]y" in re.sub(r"\s+", " ", STYLED.sub("", verify_show.coloured(found, plan)))


@pytest.mark.parametrize("text", ["::error::x", "##[add-mask]e"])
def test_a_command_of_ci_stays_readable(text: str) -> None:
    shown = tracked_show.plain(stored(text))
    assert text[2:] in shown.replace("\\x3a", "").replace("\\x23", "")
