"""The tasks of this repository: `nox -l` lists them.

Each session installs the locked tools of `tests/requirements.txt`. Generated projects bring their
own noxfile and their own locks; the environment of the ones made here is kept in `.nox/project`.
"""

import os
import shlex
import sys
import time
from pathlib import Path

import nox

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "tests"]

ROOT = Path(__file__).resolve().parent
TEMPLATE = ROOT / "{{cookiecutter.project_slug}}"
LOCK = "tests/requirements.txt"
PYTHON = "3.11"
OURS = ("checker", "tests", "hooks", "noxfile.py")
# Environments of libraries that are tracked and that the other tests do without.
FLAVOURS = {
    "lightning": ("torch==2.13.0", "lightning==2.6.6", "keras==3.15.1"),
    "fastai": ("torch==2.13.0", "fastai==2.8.12"),
    "tensorflow": ("tensorflow-cpu==2.21.0",),
}


def tools(session: nox.Session) -> None:
    """Install the locked tools and the checker as it stands."""
    session.install("--require-hashes", "--no-deps", "-r", LOCK)
    session.install("--no-deps", "--no-build-isolation", "--editable", "checker")


def project_environment() -> dict[str, str]:
    """What a generated project's noxfile is told: where its environment and its auditor are."""
    return {"PROJECT_ENV": str(ROOT / ".nox" / "project"), "REPRO_AUDIT": str(ROOT / "checker")}


@nox.session(python=PYTHON)
def tests(session: nox.Session) -> None:
    """Run all tests; the journey takes its smallest configuration."""
    tools(session)
    shared = ("--numprocesses=auto", "--maxprocesses=4", "--no-loadscope-reorder")
    session.run("pytest", *shared, *session.posargs, env=project_environment())


@nox.session(python=PYTHON)
def journey(session: nox.Session) -> None:
    """Generate, install, validate, train, evaluate, test, audit: the defaults, as a user would."""
    tools(session)
    settings = project_environment() | {"JOURNEY": "baseline"}
    session.run("pytest", "tests/journey", *session.posargs, env=settings)


@nox.session(python=PYTHON)
def corpus(session: nox.Session) -> None:
    """Audit every repository of a folder: `-- FOLDER`; `--compare OLD` prints what changed."""
    tools(session)
    session.run("python", "tests/corpus/verdicts.py", *session.posargs)


@nox.session(python=PYTHON)
def mutations(session: nox.Session) -> None:
    """Show what each single change to a good project moves, and where to; `-- FILE` writes it."""
    tools(session)
    session.run("python", "tests/checker/mutations.py", *session.posargs)


@nox.session(python=PYTHON)
def causes(session: nox.Session) -> None:
    """Verify the programs with planted causes and show what is said; `-- FILE` writes it."""
    tools(session)
    session.run("python", "tests/checker/causes.py", *session.posargs)


@nox.session(python=PYTHON)
def flavours(session: nox.Session) -> None:
    """Track real trainings with Lightning, Keras, TensorFlow and fastai (minutes, gigabytes)."""
    tools(session)
    folders = {name: ROOT / ".nox" / f"flavours-{name}" for name in FLAVOURS}
    for name, folder in folders.items():
        session.run("python", "-m", "venv", str(folder))
        pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet")
        session.run(*pip, "mlflow==3.17.2", *FLAVOURS[name], external=True)
    tracked = {"TRACKED_ENVS": os.pathsep.join(map(str, folders.values()))}
    paths = ("tests/checker/test_run_flavours.py", "tests/journey/test_tracking.py")
    settings = tracked | {"PROJECT_ENV": str(folders["lightning"])}
    session.run("pytest", *paths, *session.posargs, env=settings)


@nox.session(python=PYTHON)
def bench(session: nox.Session) -> None:
    """Time us and others on a folder of repositories, `-- FOLDER`; writes docs/benchmarks.md."""
    tools(session)
    session.run("python", "tests/bench/race.py", *session.posargs)


@nox.session(python=PYTHON)
def measured(session: nox.Session) -> None:
    """Measure what is promised of a generated project (half an hour); writes docs/measured.md."""
    tools(session)
    checker = project_environment()["REPRO_AUDIT"]
    settings = {"PROJECT_ENV": project_environment()["PROJECT_ENV"]}
    session.run("python", "tests/bench/project.py", checker, *session.posargs, env=settings)


@nox.session(python=PYTHON)
def hostile(session: nox.Session) -> None:
    """Audit every hostile tree in a process of its own; prints seconds and megabytes of each."""
    tools(session)
    with session.chdir("tests/checker"):
        session.run("python", "-m", "hostile.table", *session.posargs)


@nox.session(python=PYTHON)
def fuzz(session: nox.Session) -> None:
    """Give 100,000 generated inputs to all parsers, rules and outputs; for the night."""
    tools(session)
    made = ("fuzz", "fuzz_parsers", "fuzz_git", "fuzz_settings", "hostile_text", "hostile_shown")
    paths = [f"tests/checker/test_{name}.py" for name in made]
    shared = ("--numprocesses=auto", "--maxprocesses=4", "--hypothesis-show-statistics")
    session.run("pytest", *shared, *paths, *session.posargs, env={"FUZZ": "24000"})


@nox.session(python=PYTHON)
def lint(session: nox.Session) -> None:
    """Style, types, and who may import whom."""
    tools(session)
    session.run("ruff", "check", *OURS)
    session.run("ruff", "format", "--check", *OURS)
    session.run("mypy", "checker/src", "tests", "hooks")
    with session.chdir("checker"):
        session.run("lint-imports", "--no-cache")


@nox.session(python=PYTHON)
def generate(session: nox.Session) -> None:
    """Write docs/reference from the code; `-- --check` says what is stale instead."""
    tools(session)
    session.run("python", "-m", "repro_audit.reference", "docs/reference", *session.posargs)


@nox.session(python=PYTHON)
def demo(session: nox.Session) -> None:
    """From nothing to a trained, validated, tracked and audited project; `-- FOLDER` says where."""
    started = time.monotonic()
    tools(session)
    parent = Path(*session.posargs or ["build", "demo", time.strftime("%Y-%m-%d_%H-%M-%S")])
    session.run("cookiecutter", "--no-input", "--output-dir", str(parent), ".", env=alone())
    (project,) = parent.absolute().iterdir()
    with session.chdir(project):
        for task in ("reproduce", "audit"):
            session.run("nox", "-s", task, env=project_environment() | alone())
    (run,) = (project / "outputs" / "baseline").iterdir()
    session.log(f"Done in {time.monotonic() - started:.0f} s.")
    print(
        f"""
  run       {run}
  results   {run / "evaluation" / "results.md"}
  picture   {run / "evaluation" / "reconstruction.png"}
  audit     {project / "audit" / "report.html"}

  Next:
    cd {shlex.quote(str(project))}
    export PROJECT_ENV={shlex.quote(project_environment()["PROJECT_ENV"])}
    alias nox={shlex.quote(f"{sys.executable} -m nox")}
    nox -s ui                               the tracked runs, in a browser
    nox -s train -- seed=2 model.latent=4   another run
    nox -s test                             the project's own tests
"""
    )


def alone() -> dict[str, str]:
    """Make git see the demo's project by itself, not as a part of this repository."""
    return {"GIT_CEILING_DIRECTORIES": str(ROOT / "build")}


@nox.session(python=PYTHON)
def lock(session: nox.Session) -> None:
    """Compile the template's locks and that of our tools; `-- --upgrade` takes newer versions."""
    tools(session)
    session.run("python", str(TEMPLATE / "requirements" / "lock.py"), *session.posargs)
    session.run(
        "pip-compile", "--quiet", "--allow-unsafe", "--strip-extras", "--generate-hashes",
        "--no-header", "--no-emit-index-url", "--no-emit-find-links", f"--output-file={LOCK}",
        *session.posargs, "tests/requirements.in", "checker/pyproject.toml",
        # As in the template's lock.py: nothing of this machine's pip may reach the lock.
        env={"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": None, "PIP_EXTRA_INDEX_URL": None},
    )  # fmt: skip
