"""The tasks of this project: `nox -l` lists them, `nox -s NAME -- key=value` runs one.

All of them share one environment, `.venv`, built from the locks in `requirements/` and built
anew when these change. Set PROJECT_ENV to have it elsewhere, COMPUTE=cuda for PyTorch's CUDA build.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["reproduce"]

SETTINGS = nox.project.load_toml("pyproject.toml")
PACKAGE = SETTINGS["project"]["name"].replace("-", "_")
COMPUTE = os.environ.get("COMPUTE", SETTINGS["tool"]["compute"]["default"])
ENVIRONMENT = Path(os.environ.get("PROJECT_ENV", ".venv")).absolute()
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = [Path("requirements", f"{name}.txt") for name in ("common", COMPUTE, "dev")]
SEARCH = Path("requirements", "search.txt")
PYTORCH_CPU = "https://download.pytorch.org/whl/cpu"
AUDIT = os.environ.get("REPRO_AUDIT", "repro-audit==0.1.0")


def python(session: nox.Session, *arguments: str) -> None:
    """Run the project's Python in the environment of the locks."""
    environment(session)
    session.run(str(PYTHON), "-m", *arguments, external=True)


def environment(session: nox.Session) -> None:
    """Make sure that the project's environment is that of the locks."""
    state = "".join(hashlib.sha256(lock.read_bytes()).hexdigest() + "\n" for lock in LOCKS)
    stamp, home = ENVIRONMENT / "locks.sha256", ENVIRONMENT / "project.txt"
    if not (stamp.exists() and stamp.read_text() == state):
        install(session)
        stamp.write_text(state)
    if not (home.exists() and home.read_text("utf-8") == str(Path.cwd())):
        session.run(*pip(), "--no-deps", "--no-build-isolation", "--editable", ".", external=True)
        home.write_text(str(Path.cwd()), "utf-8")


def install(session: nox.Session) -> None:
    """Build the environment from the locks; every wheel is held against its hash."""
    interpreter = "3.11"
    found = (
        sys.executable if sys.version_info[:2] == (3, 11) else shutil.which(f"python{interpreter}")
    )
    if not found:
        session.error(
            f"The locks are for Python {interpreter}: install it, so that python{interpreter} runs."
        )
    session.log(f"Building {ENVIRONMENT} from the locks: a minute or a few, once")
    session.run(found, "-m", "venv", "--clear", str(ENVIRONMENT), external=True)
    common, torch, tools = (str(lock) for lock in LOCKS)
    locked = [*pip(), "--require-hashes", "--no-deps"]
    session.run(*locked, "-r", common, "-r", tools, external=True)
    session.run(*locked, "-r", torch, *torch_source(), external=True)


def add_search(session: nox.Session) -> None:
    """Add to the environment what only searches and clusters need."""
    environment(session)
    state, stamp = hashlib.sha256(SEARCH.read_bytes()).hexdigest(), ENVIRONMENT / "search.sha256"
    if not (stamp.exists() and stamp.read_text() == state):
        locked = ["--require-hashes", "--no-deps", "-r", str(SEARCH)]
        session.run(*pip(), *locked, external=True)
        stamp.write_text(state)


def pip() -> list[str]:
    """The installer: uv where there is one, else the environment's pip."""
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(PYTHON)]
    return [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def torch_source() -> list[str]:
    """Where PyTorch's CPU build is found: in a folder that pip is told of, else in its index."""
    if COMPUTE != "cpu":
        return []
    settings = subprocess.run(
        [str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    folders = " ".join(re.findall(r"\.find-links='(.*)'", settings)).split()
    known = [folder for folder in folders if any(Path(folder).glob("torch-*+cpu-*.whl"))]
    return [f"--find-links={known[0]}"] if known else [f"--extra-index-url={PYTORCH_CPU}"]


@nox.session
def lock(session: nox.Session) -> None:
    """Compile requirements/*.in into locks with hashes; `-- --upgrade` takes newer versions."""
    python(session, "requirements.lock", *session.posargs)


@nox.session
def bump(session: nox.Session) -> None:
    """Take newer versions of all that is pinned: locks, hooks of pre-commit, actions."""
    python(session, "requirements.lock", "--upgrade")
    python(session, "pre_commit", "autoupdate", "--freeze")
    python(session, "requirements.bump")


@nox.session
def data(session: nox.Session) -> None:
    """Collect the data and store it with its digests, once."""
    python(session, f"{PACKAGE}.preparation", *session.posargs)


@nox.session
def validate(session: nox.Session) -> None:
    """Hold the data against the expectations; training asks for this."""
    python(session, f"{PACKAGE}.validation", *session.posargs)


@nox.session
def train(session: nox.Session) -> None:
    """Train one model from one seed, tracked by MLflow."""
    if any(word.startswith(("trainer=ray", "hydra/launcher=")) for word in session.posargs):
        add_search(session)
    python(session, f"{PACKAGE}.training", *session.posargs)


@nox.session
def search(session: nox.Session) -> None:
    """Search settings: `-- search=optuna` one trial after another, `-- search=ray` several."""
    add_search(session)
    python(session, f"{PACKAGE}.search", *session.posargs)


@nox.session
def evaluate(session: nox.Session) -> None:
    """Numbers and pictures of the newest run, on data it never saw."""
    python(session, f"{PACKAGE}.evaluation", *session.posargs)


@nox.session
def results(session: nox.Session) -> None:
    """Write docs/results.md: all evaluated runs, with their spread over seeds."""
    python(session, f"{PACKAGE}.results", *session.posargs)


@nox.session
def reproduce(session: nox.Session) -> None:
    """Everything: data, validate, train, evaluate; `-- experiment=smoke` takes seconds."""
    python(session, PACKAGE, *session.posargs)


{% if cookiecutter.contents == "example" %}@nox.session
def speed(session: nox.Session) -> None:
    """Training steps per second, beside loops written by hand."""
    python(session, f"{PACKAGE}.speed", *session.posargs)


@nox.session
def pictures(session: nox.Session) -> None:
    """Draw learning curves over seeds and the table of results, from all evaluated runs."""
    python(session, f"{PACKAGE}.pictures", *session.posargs)


@nox.session
def reference(session: nox.Session) -> None:
    """Write all evaluated runs beside a prototype's figures into docs/model-card.md."""
    python(session, f"{PACKAGE}.reference", *session.posargs)


@nox.session
def thesis(session: nox.Session) -> None:
    """Re-enact a study with its faults, undo them one by one, and write docs/thesis-replica.md."""
    python(session, f"{PACKAGE}.thesis_replica", "experiment=thesis_replica", *session.posargs)


@nox.session
def hypotheses(session: nox.Session) -> None:
    """Test the hypotheses of docs/preregistration.md on fresh showers: 14 CPU minutes."""
    python(session, f"{PACKAGE}.hypotheses", *session.posargs)


{% endif %}@nox.session
def ui(session: nox.Session) -> None:
    """Show the tracked runs in a browser, until Ctrl-C."""
    python(session, "mlflow", "ui", "--backend-store-uri", "sqlite:///mlflow.db", *session.posargs)


@nox.session
def test(session: nox.Session) -> None:
    """Run the tests: every configuration, determinism, resume, search, data, locks."""
    add_search(session)
    shared = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile")
    python(session, "pytest", *shared, *session.posargs)


@nox.session
def kills(session: nox.Session) -> None:
    """Kill twenty trainings at random moments, and compare with some that were not."""
    python(session, "tests.kills", *(session.posargs or ["20"]))


@nox.session
def equality(session: nox.Session) -> None:
    """Train under other conditions (workers, threads, processes), and say what differs."""
    python(session, "tests.equality")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and find mistakes."""
    python(session, "ruff", "check", ".")
    python(session, "ruff", "format", "--check", ".")


@nox.session(venv_backend="virtualenv")
def verify(session: nox.Session) -> None:
    """Repeat the smoke experiment under changed conditions; writes repro-record.json."""
    environment(session)
    session.install(AUDIT)
    experiment = [str(PYTHON), "-m", PACKAGE, "experiment=smoke", *session.posargs]
    session.run("repro-audit", "verify", ".", "--yes", "--", *experiment)


@nox.session(venv_backend="virtualenv")
def audit(session: nox.Session) -> None:
    """Judge this project's practices with repro-audit, and write audit/report.html."""
    session.install(AUDIT)
    Path("audit").mkdir(exist_ok=True)
    report = ["check", ".", *session.posargs]
    session.run("repro-audit", *report, "--format", "html", "--output", "audit/report.html")
    session.run("repro-audit", *report, "--format", "json", "--output", "audit/report.json")
    session.run("repro-audit", *report, "--format", "sarif", "--output", "audit/report.sarif")
    session.run("repro-audit", *report)
