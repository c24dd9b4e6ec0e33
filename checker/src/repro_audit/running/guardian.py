"""Waits beside a run; should the recorder be killed, it ends the command and says so in the record.

Started as a script of its own: `python -I -S guardian.py RECORD`. The recorder holds the other end
of its standard input, and tells it the command's process and, in the end, that all is written.
"""

import json
import os
import signal
import sys
import time

PATIENCE = 5.0


def ended(process: int) -> None:
    """Ask a process to end, and make it end when it does not."""
    try:
        os.kill(process, signal.SIGTERM)
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            os.kill(process, 0)
            time.sleep(0.05)
        os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    except OSError:
        # It is gone.
        return


def interrupted(path: str) -> None:
    """Turn the record of a run that goes on into that of one that was interrupted."""
    with open(path, encoding="utf-8") as stream:  # noqa: PTH123 - starts at once, without pathlib
        record = json.load(stream)
    if record["state"] != "running":
        return
    record["state"] = "interrupted"
    record["reason"] = "repro-audit was killed before the command ended"
    with open(path + ".new", "w", encoding="utf-8") as stream:  # noqa: PTH123
        json.dump(record, stream, indent=2, ensure_ascii=False)
        stream.write("\n")
    os.replace(path + ".new", path)  # noqa: PTH105


def main() -> None:
    """Wait for the end of the recorder."""
    for name in ("SIGINT", "SIGHUP", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    process = 0
    for line in sys.stdin:
        if line.startswith("done"):
            return
        process = int(line)
    if process:
        ended(process)
    interrupted(sys.argv[1])


if __name__ == "__main__":
    main()
