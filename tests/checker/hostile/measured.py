"""Runs a command under limits and prints, as JSON, what it took.

A program of its own: the peak of a child counts what its parent held when it was started, so that
the one who starts it must be small.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time

ADDRESS_SPACE = 4 << 30


def main(arguments: list[str]) -> int:
    """Take the seconds of processor time, those of the clock, the output file, and the command."""
    processor, clock, output, *command = arguments
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (int(processor), int(processor)))
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        os.execvp(command[0], command)  # noqa: S606 - the audit
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(int(clock))
    _, status, used = os.wait4(child, 0)
    print(
        json.dumps(
            {
                "status": os.waitstatus_to_exitcode(status),
                "seconds": round(used.ru_utime + used.ru_stime, 2),
                "clock": round(time.monotonic() - started, 2),
                "megabytes": round(used.ru_maxrss / 1024),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
