"""Tells people how a run goes, through the apprise library; what fails here never fails the run."""

from __future__ import annotations

import importlib.util
import logging
import threading
from typing import TYPE_CHECKING, Any

from repro_audit.errors import ReproAuditError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

PATIENCE = 30.0
MOST_METRICS = 20
START, END, FAILURE = "start", "end", "failure"


class Notifier:
    """Sends one message for each event to all addresses, and notes what became of it."""

    def __init__(self, addresses: Sequence[str], command: Sequence[str]) -> None:
        """Take the addresses as apprise writes them.

        Raises:
            ReproAuditError: when apprise is not installed.
        """
        self.addresses = tuple(addresses)
        self.command = " ".join(command)[:200]
        self.told: list[dict[str, Any]] = []
        self.threads: list[threading.Thread] = []
        if addresses and importlib.util.find_spec("apprise") is None:
            raise ReproAuditError(
                "--notify needs apprise; install it with pip install 'repro-audit[notify]'."
            )

    def started(self) -> None:
        """Say that the command starts; nobody waits for it."""
        self.send(START, f"started: {self.command}", "The command starts.")

    def ended(self, record: Mapping[str, Any], path: Path) -> None:
        """Say how the command ended: how long it took, its last metrics, where the run is."""
        well = record["state"] == "finished"
        reason = f": {record['reason']}" if record["reason"] else ""
        lines = [f"{record['state']} after {record['seconds']:.0f} s{reason}"]
        tracking = record["tracking"] or {"metrics": {}, "link": None}
        metrics = sorted(tracking["metrics"].items())[:MOST_METRICS]
        lines += [
            f"{name} = {'nan' if value is None else f'{value:.6g}'}" for name, value in metrics
        ]
        if tracking["link"]:
            lines.append(str(tracking["link"]))
        lines.append(f"The record is {path}.")
        title = f"{record['state']}: {self.command}"
        self.send(END if well else FAILURE, title, "\n".join(lines))
        for thread in self.threads:
            thread.join(PATIENCE)

    def send(self, event: str, title: str, body: str) -> None:
        """Send in the background."""
        if not self.addresses:
            return
        told = {"event": event, "delivered": False, "detail": f"no answer in {PATIENCE:.0f} s"}
        self.told.append(told)
        before = self.threads[-1:]

        def sending() -> None:
            for thread in before:
                thread.join(PATIENCE)
            try:
                told["delivered"] = delivered(self.addresses, event, title, body)
                told["detail"] = "" if told["delivered"] else "an address did not take it"
            except Exception as problem:  # noqa: BLE001 - a message is never worth a run
                told["detail"] = type(problem).__name__

        self.threads.append(thread := threading.Thread(target=sending, daemon=True))
        thread.start()


def delivered(addresses: Sequence[str], event: str, title: str, body: str) -> bool:
    """Send one message; say whether all addresses took it."""
    import apprise  # noqa: PLC0415 - only where somebody is to be told

    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    kinds = {START: "info", END: "success", FAILURE: "failure"}
    sender = apprise.Apprise()
    # `add` is asked for each: a wrong address must not keep the others from being told.
    known = [sender.add(address) for address in addresses]
    notify: Callable[..., Any] = sender.notify
    return bool(notify(title=title, body=body, notify_type=kinds[event])) and all(known)
