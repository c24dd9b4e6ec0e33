"""A plugin is installed for real; a broken one is an error, never a crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from repro_audit import Repository, Status, catalogue
from repro_audit.page import read_page

HERE = Path(__file__).parent / "plugin"
PAGE = (HERE / "src/lab_practices/laboratory/lab-contact.md").read_text("utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the sample plugin into a folder of its own, without the network."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    source = tmp_path_factory.mktemp("source") / "plugin"
    source.symlink_to(HERE, target_is_directory=True)
    subprocess.run([*pip, *offline, str(source)], check=True)
    return target


def audit(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "repro_audit", *arguments],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_practices_of_an_installed_plugin_are_listed_explained_and_judged(
    site: Path, tmp_path: Path
) -> None:
    (tmp_path / "CONTACT").write_text("Ada Lovelace\n")
    assert "lab-contact" in audit(site, "list").stdout
    assert "Ada Lovelace" in audit(site, "explain", "lab-contact").stdout
    done = audit(site, "check", str(tmp_path), "--format", "json")
    assert done.returncode == 0, done.stderr
    (found,) = (i for i in json.loads(done.stdout)["practices"] if i["id"] == "lab-contact")
    assert (found["status"], found["aspect"]) == ("pass", "laboratory")


def plant(site: Path, name: str, files: dict[str, str]) -> Path:
    """Write what an installer leaves of a distribution: its package and its metadata."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[repro_audit.practices]\n{name} = {name}\n")
    for path, text in files.items():
        (site / name / path).parent.mkdir(parents=True, exist_ok=True)
        (site / name / path).write_text(text)
    return site


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"__init__.py": ""},
        {"__init__.py": "raise RuntimeError('at import')\n"},
        {"__init__.py": "raise SystemExit(9)\n"},
        {"__init__.py": "", "a-page.md": "no front matter\n"},
        {"__init__.py": "", "lab-contact.md": PAGE},
        {"__init__.py": "", "lab-contact.md": PAGE, "lab_contact.py": "def lab_contact(:\n"},
        {
            "__init__.py": "",
            "env-lock.md": PAGE.replace("lab-contact", "env-lock"),
            "env_lock.py": "def env_lock(repo): ...\n",
        },
    ],
)
def test_a_broken_plugin_is_an_error_and_the_audit_goes_on(
    files: dict[str, str], tmp_path: Path
) -> None:
    site = plant(tmp_path / "site", "bad_plugin", files)
    root = tmp_path / "project"
    root.mkdir()
    done = audit(site, "check", str(root), "--format", "json")
    assert done.returncode == 3, done.stderr
    found = {item["id"]: item for item in json.loads(done.stdout)["practices"]}
    assert found["plugin-bad-plugin"]["status"] == "error"
    assert "bad_plugin" in found["plugin-bad-plugin"]["summary"]
    assert found["env-lock"]["status"] != "error"


def test_a_broken_plugin_is_listed_and_explained(tmp_path: Path) -> None:
    site = plant(tmp_path, "bad_plugin", {})
    assert "plugin-bad-plugin" in audit(site, "list").stdout
    assert "cannot be loaded" in audit(site, "explain", "plugin-bad-plugin").stdout


@pytest.mark.parametrize("body", ["raise SystemExit(9)", "return None", "raise KeyboardInterrupt"])
def test_a_rule_of_a_plugin_that_misbehaves_is_an_error(body: str, tmp_path: Path) -> None:
    files = {
        "__init__.py": "",
        "lab-contact.md": PAGE,
        "lab_contact.py": f"def lab_contact(repo):\n    {body}\n",
    }
    site = plant(tmp_path / "site", "lab", files)
    (tmp_path / "project").mkdir()
    done = audit(site, "check", str(tmp_path / "project"), "--format", "json")
    assert done.returncode == (130 if "Keyboard" in body else 3), done.stderr


def test_the_pages_of_a_plugin_are_tested_as_ours_are(tmp_path: Path) -> None:
    page = read_page(PAGE, "lab-contact.md")
    assert [example.status for example in page.examples] == [Status.FAIL, Status.PASS]
    sys.path.insert(0, str(HERE / "src"))
    try:
        (rule,) = catalogue.rules_of("lab_practices")
    finally:
        sys.path.remove(str(HERE / "src"))
    for number, example in enumerate(page.examples):
        root = tmp_path / str(number)
        root.mkdir()
        for file in example.files:
            (root / file.path).write_text(file.text)
        assert rule.check(Repository(root)).status is example.status
