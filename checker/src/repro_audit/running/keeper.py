"""The process that keeps the MLflow store open beside a command, from when the command asks for it.

It is a child of ours and not of the command, which may wait for all of its own children.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from repro_audit.running.place import AGENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEEPER = AGENT / "repro_audit_agent" / "keeper.py"
ASKED, DISMISSED = b"!", b"."
LONGEST_ADDRESS = 100
PATIENCE = 5.0


class Keeper:
    """Waits until the command asks, and has the store opened by the interpreter that asks."""

    def __init__(
        self, notes: Path, track: Mapping[str, Any], environment: Mapping[str, str]
    ) -> None:
        """Hang up the bell that the command rings."""
        self.notes, self.environment = notes, dict(environment)
        self.told = {name: str(notes / name) for name in ("asked", "bell", "socket")}
        self.orders = {
            "uri": track["uri"], "ours": track["artifacts"] is not None, **self.told
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None
        os.mkfifo(self.told["bell"])
        # Open for both, so that it never ends while nobody rings.
        self.bell = os.open(self.told["bell"], os.O_RDWR)
        self.waiting = threading.Thread(target=self.wait, daemon=True)
        self.waiting.start()

    def wait(self) -> None:
        """Begin when the bell rings."""
        if os.read(self.bell, 1) != ASKED:
            return
        with suppress(OSError, ValueError, KeyError):
            asked = json.loads((self.notes / "asked").read_text("utf-8"))
            with (self.notes / "keeper.log").open("wb") as said:
                self.process = subprocess.Popen(  # noqa: S603 - the interpreter of the command
                    [asked["python"], str(KEEPER), json.dumps(self.orders)],
                    env=self.environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    start_new_session=True,
                )

    def dismiss(self) -> None:
        """Wait no longer for the bell."""
        if self.waiting.is_alive():
            os.write(self.bell, DISMISSED)
            self.waiting.join()

    def last(self, order: Mapping[str, str], seconds: float) -> bytes | None:
        """Have the record put into the run; return what is said of it, None when it cannot be."""
        self.dismiss()
        if self.process is None:
            return None
        try:
            said, _ = self.process.communicate(f"{json.dumps(order)}\n".encode(), seconds)
        except (OSError, ValueError, subprocess.SubprocessError):
            return None
        return said if self.process.returncode == 0 else None

    def end(self) -> None:
        """End what is still there."""
        self.dismiss()
        os.close(self.bell)
        if self.process is not None:
            # What was tracked is finished by now; it may still be on its way to be of use.
            self.process.terminate()
            with suppress(OSError, ValueError, subprocess.SubprocessError):
                self.process.communicate(timeout=PATIENCE)
            self.process.kill()
            with suppress(OSError, ValueError):
                self.process.communicate()


def kept(notes: Path, track: Mapping[str, Any], environment: Mapping[str, str]) -> Keeper | None:
    """Return a keeper for a file of SQLite; other stores are servers, which keep themselves."""
    if not hasattr(os, "mkfifo") or not str(track["uri"]).startswith("sqlite:"):
        return None
    if len(str(notes / "socket")) > LONGEST_ADDRESS:
        return None
    return Keeper(notes, track, environment)
