"""The conditions of a run: one fixed reference, and for each variation one thing that is changed.

What varies, and why it can move a result: reprotest's list (reproducible-builds.org), to which the
hash seed, threads, the processor's abilities, leftovers and the seed are added for programs that
learn from data.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from repro_audit.verify.plan import CONTROL, CPU_CAPABILITY, SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from repro_audit.verify.tools import Tools

THREADS = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
)  # fmt: skip
GPUS = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
# Imitate an older processor: PyTorch, oneDNN, MKL and OpenBLAS choose other kernels.
OLD_PROCESSOR = {
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MKL_CBWR": "COMPATIBLE",
    "OPENBLAS_CORETYPE": "Nehalem",
}
# Four hundred days and some hours: year, month, day, weekday and hour are all others.
LATER = "+34587000"
OTHER_USER, OTHER_ID, OTHER_HOST = "someone", 4321, "elsewhere"


@dataclass(frozen=True)
class Condition:
    """Everything about a run that is held still or changed."""

    tree: Path
    home: Path
    tmp: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    network: bool = False
    cpus: tuple[int, ...] = ()
    clock: str = ""
    user: str = ""
    leftovers: bool = False
    processes_before: int = 0
    shims: tuple[str, ...] = ()
    told: str = ""

    @property
    def needed_shims(self) -> tuple[str, ...]:
        """The shims, with those that a moved clock asks for."""
        return (*self.shims, "sleep") if self.clock else self.shims

    def changed(self, told: str, environment: Mapping[str, str] | None = None) -> Condition:
        """Return a copy with some variables set, and what is said of it."""
        return replace(self, environment={**self.environment, **(environment or {})}, told=told)


@dataclass(frozen=True)
class Setting:
    """What a variation may look at: the reference, the tools, and the machine."""

    base: Condition
    tools: Tools
    cpus: tuple[int, ...]
    has_gpu: bool
    seed_in_command: bool
    # Why nothing can be changed from inside the program, if so.
    closed: str = ""


def control(at: Setting) -> Condition:
    """Change nothing that a project may count on; the number of a process is no such thing."""
    return replace(at.base.changed("nothing is changed"), processes_before=19)


def hash_seed(at: Setting) -> Condition:
    """Give Python another seed for the hashes of strings."""
    return at.base.changed("PYTHONHASHSEED 0 -> 1", {"PYTHONHASHSEED": "1"})


def time_zone(at: Setting) -> Condition:
    """Move the time zone by fourteen hours."""
    return at.base.changed(f"TZ UTC -> {at.tools.zone}", {"TZ": at.tools.zone})


def locale(at: Setting) -> Condition:
    """Set another language and country."""
    name = at.tools.locale
    told = f"LC_ALL {at.base.environment['LC_ALL']} -> {name}"
    return at.base.changed(told, {"LC_ALL": name, "LANG": name, "LANGUAGE": name[:2]})


def home(at: Setting) -> Condition:
    """Move the home folder."""
    other = at.base.home.parent / "another" / "home-of-somebody"
    return replace(at.base.changed("another home folder", {"HOME": str(other)}), home=other)


def user(at: Setting) -> Condition:
    """Give the run another account, and another host name where namespaces allow it."""
    names = {"USER": OTHER_USER, "LOGNAME": OTHER_USER, "HOSTNAME": OTHER_HOST}
    more = ", its number and the host name" if at.tools.bubblewrap else ""
    return replace(at.base.changed(f"another user name{more}", names), user=OTHER_USER)


def path(at: Setting) -> Condition:
    """Move the checkout."""
    tree = at.base.tree.parent / "quite" / "another" / "place" / f"{at.base.tree.name}-2"
    return replace(at.base.changed("another folder for the checkout"), tree=tree)


def tmpdir(at: Setting) -> Condition:
    """Move the folder for temporary files."""
    other = at.base.tmp.parent / "another" / "temporary"
    names = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(other))
    return replace(at.base.changed("another temporary folder", names), tmp=other)


def listing_order(at: Setting) -> Condition | str:
    """List folders backwards."""
    if at.closed:
        return at.closed
    told = "folders listed backwards (for Python programs)"
    return replace(at.base.changed(told), shims=(*at.base.shims, "listing"))


def threads(at: Setting) -> Condition:
    """Give numerical libraries one thread, or two where one is what there is."""
    count = "1" if len(at.cpus) > 1 else "2"
    return at.base.changed(f"{count} thread(s)", dict.fromkeys(THREADS, count))


def cpus(at: Setting) -> Condition | str:
    """Let the run see one processor."""
    if len(at.cpus) < 2:  # noqa: PLR2004 - one cannot be taken away
        return "this machine has one processor"
    shims = () if at.tools.bubblewrap else (*at.base.shims, "cpus")
    told = f"1 of {len(at.cpus)} processors"
    return replace(at.base.changed(told, {"PYTHON_CPU_COUNT": "1"}), cpus=at.cpus[-1:], shims=shims)


def clock(at: Setting) -> Condition | str:
    """Move the clock."""
    if not at.tools.faketime:
        return "libfaketime is not installed (Debian: apt-get install libfaketime)"
    return replace(at.base.changed("the clock 400 days ahead"), clock=LATER)


def network(at: Setting) -> Condition | str:
    """Change whether there is a network."""
    if not at.tools.bubblewrap and not at.tools.unshare:
        return "nothing here can take the network away (bubblewrap, or unshare with namespaces)"
    if at.base.network:
        return replace(at.base.changed("the network cut off"), network=False)
    return replace(at.base.changed("with the machine's network"), network=True)


def leftovers(at: Setting) -> Condition:
    """Run where an earlier run has left its files."""
    return replace(at.base.changed("a second run in the same place"), leftovers=True)


def gpu(at: Setting) -> Condition:
    """Hide graphics processors."""
    told = "GPU hidden" if at.has_gpu else "GPU hidden (this machine has none)"
    return at.base.changed(told, {**dict.fromkeys(GPUS, ""), "JAX_PLATFORMS": "cpu"})


def cpu_capability(at: Setting) -> Condition:
    """Imitate an older processor."""
    return at.base.changed("an older processor imitated", OLD_PROCESSOR)


def seed(at: Setting) -> Condition | str:
    """Give the program another seed: the one on its command line, else each that it sets."""
    if at.seed_in_command:
        return at.base.changed("the seed of the command plus 1")
    if at.closed:
        return at.closed
    told = "each seed that a Python program sets, plus 1"
    return replace(at.base.changed(told), shims=(*at.base.shims, "seed"))


VARIATIONS: dict[str, Callable[[Setting], Condition | str]] = {
    CONTROL: control,
    "hash-seed": hash_seed,
    "time-zone": time_zone,
    "locale": locale,
    "home": home,
    "user": user,
    "path": path,
    "tmpdir": tmpdir,
    "listing-order": listing_order,
    "threads": threads,
    "cpus": cpus,
    "clock": clock,
    "network": network,
    "leftovers": leftovers,
    "gpu": gpu,
    CPU_CAPABILITY: cpu_capability,
    SEED: seed,
}
