"""What this machine offers for varying and isolating runs; each tool is tried, not assumed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SECONDS = 20
FAKETIME = ("libfaketimeMT.so.1", "libfaketime.so.1")
LIBRARIES = ("/usr/lib/*/faketime", "/usr/lib*/faketime", "/usr/local/lib/faketime")
ZONES = Path("/usr/share/zoneinfo")
TRIES = ("de_DE", "fr_FR", "tr_TR", "es_ES", "ru_RU", "ja_JP", "en_GB", "en_US")


@dataclass(frozen=True)
class Tools:
    """The paths of helpers, empty where there is none that works, and what the system knows."""

    bubblewrap: str = ""
    unshare: str = ""
    faketime: str = ""
    locale: str = "C"
    zone: str = "XXX-14"

    @property
    def isolation(self) -> str:
        """Say how runs are kept apart from the machine."""
        return "bubblewrap" if self.bubblewrap else "none"


def works(*argv: str) -> bool:
    """Say whether a command ends well."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            argv, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def find_bubblewrap() -> str:
    """Return bubblewrap where it may make namespaces."""
    found = shutil.which("bwrap")
    options = [
        "--ro-bind",
        "/",
        "/",
        "--dev",
        "/dev",
        "--proc",
        "/proc",
        "--unshare-all",
        "--die-with-parent",
    ]
    return found if found and works(found, *options, "true") else ""


def find_unshare() -> str:
    """Return unshare where it may take the network away from a child."""
    found = shutil.which("unshare")
    return found if found and works(found, "--map-current-user", "--net", "true") else ""


def find_faketime() -> str:
    """Return the library that moves the clock; the one for threads first."""
    for name in FAKETIME:
        for pattern in LIBRARIES:
            for folder in sorted(Path("/").glob(pattern[1:])):
                if (folder / name).is_file() and fakes(folder / name):
                    return str(folder / name)
    return ""


def fakes(library: Path) -> bool:
    """Say whether a child's clock moves when the library is loaded into it."""
    env = {"LD_PRELOAD": str(library), "FAKETIME": "@2001-02-03 04:05:06", "PATH": "/usr/bin:/bin"}
    try:
        done = subprocess.run(
            ["date", "+%Y"],  # noqa: S607 - any date will do
            env=env, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.stdout.strip() == b"2001"


def other_locale() -> str:
    """Return an installed locale that writes numbers and months unlike C, else C itself."""
    try:
        done = subprocess.run(
            ["locale", "-a"],  # noqa: S607 - part of the C library
            capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return "C"
    listed = done.stdout.decode("ascii", "replace").split()
    for wanted in TRIES:
        for name in listed:
            if name.startswith(wanted) and "utf" in name.lower():
                return name
    return "C"


def this_machines_tools() -> Tools:
    """Look for every helper."""
    zone = "Pacific/Kiritimati"
    return Tools(
        bubblewrap=find_bubblewrap(),
        unshare=find_unshare(),
        faketime=find_faketime(),
        locale=other_locale(),
        zone=zone if (ZONES / zone).is_file() else "XXX-14",
    )
