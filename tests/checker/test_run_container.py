"""A command runs in a container of the repository; where an engine is, in a real one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from jsonschema import Draft202012Validator
from repro_audit.cli import main
from repro_audit.errors import ReproAuditError
from repro_audit.running.container import Container, Image, recipe_of
from repro_audit.running.handing import handed_over, words_elsewhere
from repro_audit.running.requirements import requirements

if TYPE_CHECKING:
    from repro_audit.running.recorder import Recorder

Commit = Callable[[Mapping[str, str]], Path]
SCHEMA = Path(__file__).parents[2] / "checker/src/repro_audit/schemas/run-v1.schema.json"
# One program that needs no library: what is built holds nothing else, so nothing is fetched.
SHELL = Path("/bin/busybox")
DOCKERFILE = """\
FROM scratch
COPY shell /bin/sh
COPY shell /bin/cat
COPY shell /bin/id
ENV OMP_NUM_THREADS=3
ENTRYPOINT ["/nothing"]
"""


@lru_cache
def works(engine: str) -> bool:
    """Say whether an engine really runs something here."""
    if shutil.which(engine) is None or not SHELL.is_file():
        return False
    base = ["build", "--quiet", "--file", "-", str(SHELL.parent)]
    recipe = b"FROM scratch\nCOPY busybox /bin/sh\n"
    built = subprocess.run([engine, *base], input=recipe, capture_output=True, check=False)
    image = built.stdout.decode().strip()
    run = [engine, "run", "--rm", image, "/bin/sh", "-c", "exit 7"]
    return built.returncode == 0 and subprocess.run(run, check=False).returncode == 7


def read(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(document)
    return document


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_a_command_runs_in_the_image_of_the_repository(
    engine: str,
    committed: Commit,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    if not works(engine):
        pytest.skip(f"{engine} cannot run a container here, or there is no static busybox")
    root = committed({"Dockerfile": DOCKERFILE, "data.csv": "1,2\n"})
    shutil.copy(SHELL, root / "shell")
    monkeypatch.chdir(root)
    script = 'cat data.csv > copy.csv; echo "$OMP_NUM_THREADS $MKL_CBWR $OTHER"; exit 5'
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    monkeypatch.setenv("OTHER", "hush")
    folder = tmp_path / "kept"
    status = main(["run", "--in", engine, "--output", str(folder), "--", "sh", "-c", script])
    assert status == 5
    assert capfd.readouterr().out.strip() == "3 COMPATIBLE"
    assert (root / "copy.csv").read_text("utf-8") == "1,2\n"
    record = read(folder)
    assert (record["where"]["engine"], record["where"]["file"]) == (engine, "Dockerfile")
    known = subprocess.run([engine, "image", "inspect", record["where"]["image"]],
        capture_output=True, check=False)  # fmt: skip
    assert known.returncode == 0
    assert [item["path"] for item in record["outputs"]] == ["copy.csv"]
    assert "data.csv" in {item["path"] for item in record["inputs"]}
    assert record["variables"]["OMP_NUM_THREADS"] == "3"


def test_an_engine_that_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["run", "--in", "podman", "--output", "kept", "--", "true"]) == 2
    assert capsys.readouterr().err == (
        "repro-audit: --in podman needs podman, which is not installed.\n"
    )
    (tmp_path / "docker").write_text("#!/bin/sh\necho no daemon >&2; exit 1\n", "utf-8")
    (tmp_path / "docker").chmod(0o755)
    assert main(["run", "--in", "docker", "--output", "kept", "--", "true"]) == 2
    assert "docker is installed and does not answer: no daemon" in capsys.readouterr().err
    assert not (tmp_path / "kept").exists()


def recorder(root: Path, *words: str) -> Recorder:
    """Stand in for a recorder that has written nothing yet."""
    found = SimpleNamespace(state=SimpleNamespace(top=root), words=list(words),
        folder=root / ".repro-audit/runs/x", notes_folder=Path("/tmp/notes"))  # fmt: skip  # noqa: S108
    return cast("Recorder", found)


def test_without_a_dockerfile_the_image_is_built_from_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, scratch = tmp_path / "tree", tmp_path / "scratch"
    scratch.mkdir()
    (root / "more").mkdir(parents=True)
    monkeypatch.chdir(root)
    with pytest.raises(ReproAuditError, match="no Dockerfile and no lock"):
        recipe_of(recorder(root, "python", "a.py"), [], scratch)
    (root / "more/base.txt").write_text("numpy==2.4.6 \\\n  --hash=sha256:12  # via us\n", "utf-8")
    (root / "requirements.txt").write_text("-r more/base.txt\n-e .\n# nothing\n", "utf-8")
    (root / ".python-version").write_text("3.12\n", "utf-8")
    recipe = recipe_of(recorder(root, "python", "a.py"), [], scratch)
    assert (
        (scratch / "Dockerfile")
        .read_text("utf-8")
        .startswith("FROM docker.io/library/python:3.12\n")
    )
    assert (scratch / "requirements.txt").read_text("utf-8") == "numpy==2.4.6 --hash=sha256:12\n"
    assert recipe.described["requirements"] == ["requirements.txt"]
    assert recipe.notes == ("not installed, as it is a folder of the tree: -e .",)
    (root / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    assert recipe_of(recorder(root, "sh"), [], scratch).file == root / "Dockerfile"
    assert recipe_of(recorder(root, "python"), ["more/base.txt"], scratch).context == scratch


def test_a_lock_of_uv_is_exported_by_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.10"\n'
    (tmp_path / "pyproject.toml").write_text(project, "utf-8")
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    if shutil.which("uv") is None:
        pytest.skip("uv is not installed")
    subprocess.run(["uv", "lock", "--offline"], cwd=tmp_path, check=True, capture_output=True)
    found = requirements(tmp_path, [])
    assert found is not None
    assert (found.paths, found.lines) == (("uv.lock",), ())
    assert requirements(tmp_path, ["none"]) is None


def test_the_tree_lies_inside_where_it_lies_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(os, "getgid", lambda: 1001)
    image = Image("sha256:ab", {})
    asked = Namespace(engine="docker", cpus=1.5, gpus=2.0)
    words = Container("docker", image, recorder(tmp_path), asked).words(
        ["python", "a.py"], {"A": ""}
    )
    assert words[-4:] == ["--entrypoint", "python", "sha256:ab", "a.py"]
    assert f"type=bind,source={tmp_path},target={tmp_path}" in words
    assert words[words.index("--user") + 1] == "1000:1001"
    assert words[words.index("--gpus") + 1] == "2"
    assert words[words.index("--env") + 1] == "A"
    asked.engine = "podman"
    words = Container("podman", image, recorder(tmp_path), asked).words(["sh"], {})
    assert words[words.index("--userns") + 1] == "keep-id"


def test_only_what_concerns_the_result_is_handed_over() -> None:
    environment = {
        "HF_TOKEN": "hush", "HF_HOME": "/home/me/.cache", "OMP_NUM_THREADS": "2", "PATH": "/bin",
        "PYTHONPATH": "src", "EDITOR": "vi", "MLFLOW_TRACKING_URI": "sqlite:///here.db",
    }  # fmt: skip
    assert handed_over(environment, []) == {"OMP_NUM_THREADS": "2"}
    assert handed_over(environment, ["HF_TOKEN", "MISSING"]) == {
        "OMP_NUM_THREADS": "2",
        "HF_TOKEN": "hush",
    }
    server = {"MLFLOW_TRACKING_URI": "https://mlflow.example.org"}
    assert handed_over(server, []) == server
    assert handed_over({"MLFLOW_TRACKING_URI": "http://localhost:5000"}, []) == {}
    assert words_elsewhere([".venv/bin/python3", "a.py"]) == ["python", "a.py"]
    assert words_elsewhere(["python3.12", "a.py"]) == ["python3.12", "a.py"]
