"""The command `repro-audit runs`: what it is given, what it says, and its exit status."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.output import say, send
from repro_audit.render.words import as_json
from repro_audit.tracked import show
from repro_audit.tracked.claims import read_claims
from repro_audit.tracked.document import Findings, as_document
from repro_audit.tracked.matches import matched
from repro_audit.tracked.needs import carried
from repro_audit.tracked.store import opened, with_records

if TYPE_CHECKING:
    import argparse

GOOD, LACKING = 0, 1


def runs(options: argparse.Namespace) -> int:
    """Audit the store that the options name; 0 when every run and every claim is as it should.

    Raises:
        ReproAuditError: when something is given that cannot be used.
    """
    claims = None if options.claims is None else read_claims(options.claims)
    say("reading the store")
    with opened(options.uri) as store:
        listed = store.runs(options.experiment)
        records = with_records(listed)
        judged = [carried(run, records.get(run.run_id)) for run in listed]
        come = None if claims is None else matched(claims, listed, store)
        name = "" if options.claims is None else Path(options.claims).name
        found = Findings(store.uri, judged, come, name, store.notes)
    if options.format == "json":
        text = as_json(as_document(found))
    elif options.output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        text = show.coloured(found)
    else:
        text = show.plain(found)
    send(text, options.output)
    return GOOD if found.good else LACKING
