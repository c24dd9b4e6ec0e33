"""Who is to be told is told, and a message that fails changes nothing."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from repro_audit.cli import main

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
