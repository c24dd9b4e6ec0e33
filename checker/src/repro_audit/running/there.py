"""Runs where a cluster has unpacked a parcel: records the command, and packs what comes back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from repro_audit.output import say
from repro_audit.running.launch import launch
from repro_audit.running.parcel import REQUEST, TREE, pack_results
from repro_audit.running.recorder import Recorder
from repro_audit.running.source import State

BEGINS = "repro-audit: the command begins"


def main() -> int:
    """Follow the request in the current folder; the status is that of the command."""
    home = Path.cwd()
    request: dict[str, Any] = json.loads((home / REQUEST).read_text("utf-8"))
    top = home / TREE / request["name"]
    for path in request["programs"]:
        (top / path).chmod(0o755)
    os.chdir(top / request["folder"])
    environment = {**os.environ, **request["environment"]}
    recorder = Recorder(
        request["words"],
        str(home / "record"),
        track=request["track"],
        sent=(told_state(top, request["state"]), request["id"]),
    )
    recorder.begin(environment)
    recorder.keep_store(environment)
    print(BEGINS, flush=True)
    ended = launch(
        request["words"],
        recorder.observed_environment(environment),
        recorder.folder,
        recorder.started,
    )
    recorder.end(ended)
    if ended.problem:
        say(ended.problem)
    folder = logs(home)
    if folder is None:
        say("Ray's logs are not found: nothing is sent back")
    else:
        pack_results(recorder, folder / request["archive"])
    return ended.status


def told_state(top: Path, told: dict[str, Any]) -> State:
    """Return the state of the tree as it was told; there is no git here."""
    return State(
        top=top,
        commit=told["commit"],
        branch=told["branch"],
        tracked=frozenset(told["tracked"]),
        changed=tuple(told["changed"]),
        unknown=frozenset(told["unknown"]),
    )


def logs(home: Path) -> Path | None:
    """Return the folder of Ray's session whose files the head hands out."""
    sessions = (folder for folder in home.parents if folder.name.startswith("session_"))
    return next((folder / "logs" for folder in sessions), None)
