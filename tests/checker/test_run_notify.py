"""Who is to be told is told, and a message that fails changes nothing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from repro_audit.cli import main
from repro_audit.running.notify import Notifier

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.skipif(find_spec("apprise") is None, reason="the extra `notify` is not installed"),
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated"),
]
SCHEMA = Path(__file__).parents[2] / "checker/src/repro_audit/schemas/run-v1.schema.json"


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that keeps what it is sent."""
    messages: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            messages.append(json.loads(self.rfile.read(size)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}", messages
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("status", "kind"), [(0, "success"), (4, "failure")])
def test_start_and_end_are_told(
    status: int,
    kind: str,
    receiver: tuple[str, list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    address, messages = receiver
    folder = tmp_path / "kept"
    # The second address has nobody behind it.
    told = ["--notify", address, "--notify", "json://127.0.0.1:9"]
    words = [sys.executable, "-c", f"raise SystemExit({status})"]
    assert main(["run", "--output", str(folder), *told, "--", *words]) == status
    assert [message["type"] for message in messages] == ["info", kind]
    assert any(str(folder / "run.json") in message["message"] for message in messages)
    record = json.loads((folder / "run.json").read_text("utf-8"))
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(record)
    assert [item["delivered"] for item in record["notifications"]] == [False, False]
    (failed,) = {item["detail"] for item in record["notifications"]}
    assert failed == "an address did not take it"


class Letters:
    """What a mail server does with what it is given; each as sender, receivers and text."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], str]] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: ARG002, N802
        letter = message_from_bytes(envelope.content)
        parts = [part.get_payload(decode=True) for part in letter.walk()]
        text = b"".join(part for part in parts if isinstance(part, bytes)).decode()
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, f"{letter['Subject']}\n{text}"))
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[str, Letters]]:
    """A real mail server of this machine, and the address that apprise writes to through it."""
    controller = pytest.importorskip("aiosmtpd.controller")
    letters = Letters()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = controller.Controller(letters, hostname="127.0.0.1", port=port)
    server.start()
    yield f"mailto://127.0.0.1:{port}?from=lab@example.org&to=me@example.org&mode=insecure", letters
    server.stop()


def test_a_letter_has_duration_metrics_and_the_page_of_the_run(
    post: tuple[str, Letters], tmp_path: Path
) -> None:
    address, letters = post
    notifier = Notifier([address], ["python", "train.py"])
    notifier.started()
    page = "http://mlflow.example.org/#/experiments/1/runs/ab"
    notifier.ended(
        {
            "state": "failed",
            "reason": "exit status 3",
            "seconds": 61.4,
            "tracking": {"link": page, "metrics": {"loss": 0.25, "accuracy": None}},
        },
        tmp_path / "run.json",
    )
    assert [item["delivered"] for item in notifier.told] == [True, True], notifier.told
    (sender, receivers, first), (_, _, second) = letters.taken
    assert ("lab@example.org" in sender, receivers) == (True, ["me@example.org"])
    assert "started: python train.py" in first
    for said in (
        "failed after 61 s: exit status 3",
        "loss = 0.25",
        "accuracy = nan",
        page,
        "run.json",
    ):
        assert said in second


PART = """\
import sys
import repro_audit

def broken(record):
    raise OSError(record["id"])

def told(event):
    return lambda record: print(event, record["state"])

with repro_audit.run("a", notify=[sys.argv[1]], on_start=told("start"), on_end=broken):
    pass
try:
    with repro_audit.run("b", on_end=told("end"), on_failure=told("failure")):
        raise ValueError("no showers")
except ValueError as problem:
    print(problem)
"""


def test_a_part_of_a_program_tells_its_own_functions(
    receiver: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    address, messages = receiver
    (tmp_path / "part.py").write_text(PART, "utf-8")
    command = [sys.executable, "part.py", address]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True)
    assert done.stdout.splitlines() == ["start running", "failure failed", "no showers"]
    assert [message["type"] for message in messages] == ["info", "success"]
    record = json.loads((tmp_path / "a/run.json").read_text("utf-8"))
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(record)
    assert record["state"] == "finished"
    assert any("on_end raised OSError" in note for note in record["notes"])
    assert [item["delivered"] for item in record["notifications"]] == [True, True]
