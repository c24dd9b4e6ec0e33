"""The exit statuses 3 and 130 in processes of their own, for every format of output.

The rule that crashes or is interrupted belongs to a plugin that is installed as any other. The
statuses 0, 1 and 2 are seen by the tests of the command line.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from repro_audit.render import STYLES

HERE = Path(__file__).parent / "plugin"
# What the rule of the installed plugin does is told by a variable of the environment.
RULE = '''
import os
import time
from pathlib import Path

from repro_audit import Evidence, Repository, Verdict, passed


def lab_contact(repo: Repository) -> Verdict:
    """Cannot be trusted."""
    if os.environ["LAB"] == "crash":
        raise RuntimeError("planted")
    if os.environ["LAB"] == "wait":
        Path(os.environ["READY"]).touch()
        time.sleep(60)
    return passed("Fine.", Evidence(".", 0, "nothing"))
'''
MOST_WAIT = 60
SHORT = {"badge-svg", "badge-json"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a plugin with such a rule into a folder of its own, without the network."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    inner = source / "src" / "lab_practices"
    (inner / "laboratory").mkdir(parents=True)
    (source / "pyproject.toml").write_bytes((HERE / "pyproject.toml").read_bytes())
    (inner / "__init__.py").write_text("")
    page = HERE / "src" / "lab_practices" / "laboratory" / "lab-contact.md"
    (inner / "laboratory" / "__init__.py").write_text('"""The aspect."""\n')
    (inner / "laboratory" / page.name).write_bytes(page.read_bytes())
    (inner / "laboratory" / "lab_contact.py").write_text(RULE)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run([*pip, *offline, str(source)], check=True)
    return target


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "train.py").write_text("import numpy as np\n\nnp.random.rand()\n")
    return tmp_path / "project"


def heed_interruptions() -> None:
    """Undo what a shell does to a job in the background, where these tests may run too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(site: Path, does: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "repro_audit", "check", *arguments],
        env={**os.environ, "PYTHONPATH": str(site), "LAB": does, "READY": str(site / "ready")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interruptions if os.name == "posix" else None,  # noqa: PLW1509 - one thread
    )


@pytest.mark.parametrize("style", STYLES)
def test_a_rule_that_crashes_ends_with_3_and_the_whole_report(
    style: str, site: Path, project: Path, tmp_path: Path
) -> None:
    target = tmp_path / "report"
    run = start(site, "crash", str(project), "--format", style, "--output", str(target))
    _, err = run.communicate(timeout=MOST_WAIT)
    assert run.returncode == 3
    assert "Traceback" not in err
    text = target.read_text("utf-8")
    # A badge has room for the score alone, and an annotation is made of what a project lacks.
    assert text
    assert "RuntimeError: planted" in text or style in SHORT


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
@pytest.mark.parametrize("style", STYLES)
def test_an_interrupted_audit_ends_with_130_and_leaves_nothing(
    style: str, site: Path, project: Path, tmp_path: Path
) -> None:
    target = tmp_path / "report"
    target.write_text("an older report")
    run = start(site, "wait", str(project), "--format", style, "--output", str(target))
    deadline = time.monotonic() + MOST_WAIT
    while not (site / "ready").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    (site / "ready").unlink()
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=MOST_WAIT)
    assert (run.returncode, out, err) == (130, "", "repro-audit: interrupted\n")
    assert target.read_text() == "an older report"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["project", "report"]
