"""A real store of MLflow is audited: what each run carries, and where claimed numbers come from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from repro_audit.cli import main
from repro_audit.tracked.needs import NO, WEAK, YES, Carried, carried, command_of
from repro_audit.tracked.store import StoredRun, local_folder

mlflow = pytest.importorskip("mlflow", reason="MLflow is in the lock of the tools, not here")
# Its own libraries warn of one another.
pytestmark = pytest.mark.filterwarnings("default")
SCHEMAS = Path(__file__).parents[2] / "checker/src/repro_audit/schemas"
COMMIT, DIGEST = "a" * 40, "b" * 64
FULL = {
    "repro_audit.commit": COMMIT,
    "repro_audit.dirty": "false",
    "repro_audit.lock.uv.lock": f"sha256:{DIGEST}",
    "repro_audit.data.SHA256SUMS": f"sha256:{DIGEST}",
    "repro_audit.command": '["python", "train.py"]',
}
Audit = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store with a run that carries all, one that carries nothing, and hostile names."""
    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{path}")
    main_id = client.create_experiment("main", (path.parent / "artifacts").as_uri())
    other_id = client.create_experiment("[red]\x1b[31mother\u202e", path.parent.as_uri())
    full = client.create_run(main_id, tags=FULL, run_name="full").info.run_id
    client.log_param(full, "seed", "7")
    for step, value in enumerate([0.9, 0.25, 0.5]):
        client.log_metric(full, "loss", value, step=step)
    client.create_run(other_id, run_name="[bold]b\x1b]0;t\x07")
    for ident in (full,):
        client.set_terminated(ident)
    return path


@pytest.fixture
def audit(store: Path, tmp_path: Path) -> Audit:
    """Audit the store, and return status and document; the document keeps its schema."""

    def run(*options: str) -> tuple[int, dict[str, Any]]:
        output = tmp_path / "runs.json"
        words = ["runs", str(store), "--format", "json", "--output", str(output), *options]
        status = main(words)
        found: dict[str, Any] = json.loads(output.read_text("utf-8"))
        schema = json.loads((SCHEMAS / "runs-v1.schema.json").read_text("utf-8"))
        jsonschema.validate(found, schema)
        return status, found

    return run


def test_what_each_run_carries_is_told(audit: Audit) -> None:
    status, found = audit()
    assert (status, found["repeatable"], len(found["runs"])) == (1, 1, 2)
    full, bare = found["runs"]
    assert (full["name"], full["status"], full["repeatable"]) == ("full", "FINISHED", True)
    states = {need["name"]: need["state"] for need in full["needs"]}
    assert states == dict.fromkeys(states, YES) | {"environment": WEAK}
    assert {need["state"] for need in bare["needs"]} == {NO}


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"command": "nox -s reproduce -- 'name=my own' seed=1"},
         ["nox", "-s", "reproduce", "--", "name=my own", "seed=1"]),
        ({"command": "a", "repro_audit.command": '["b"]'}, ["b"]),
        ({"command": "a 'b"}, []),
        ({"mlflow.source.name": "train.py"}, []),
    ],
)  # fmt: skip
def test_a_command_that_the_program_tells_counts(tags: dict[str, str], words: list[str]) -> None:
    assert command_of(StoredRun("1", "", "", "FINISHED", 0, tags=tags), {}) == words


def test_one_experiment_whose_runs_are_whole_is_good(audit: Audit) -> None:
    status, found = audit("--experiment", "main")
    assert (status, [run["name"] for run in found["runs"]]) == (0, ["full"])


def test_claims_are_traced_to_their_runs(audit: Audit, tmp_path: Path) -> None:
    claims = tmp_path / "results.json"
    claims.write_text('{"loss": 0.50, "earlier": {"loss": 0.9}, "seed": 7, "n": 3}', "utf-8")
    status, found = audit("--experiment", "main", "--claims", str(claims))
    states = {claim["name"]: (claim["state"], claim["by"]) for claim in found["claims"]}
    assert states == {
        "loss": ("found", "name"),
        "earlier.loss": ("found", "name"),
        "seed": ("found", "name"),
        "n": ("unknown", None),
    }
    assert found["claims"][1]["values"][0]["kind"] == "step 0"
    assert status == 0
    claims.write_text('{"loss": 0.51}', "utf-8")
    status, found = audit("--experiment", "main", "--claims", str(claims))
    assert (status, found["claims"][0]["state"]) == (1, "missing")
    assert found["claims"][0]["near"]["number"] == 0.5


def test_the_store_is_not_changed(audit: Audit, store: Path) -> None:
    before = hashlib.sha256(store.read_bytes()).hexdigest()
    files = sorted(path.name for path in store.parent.iterdir())
    audit()
    assert hashlib.sha256(store.read_bytes()).hexdigest() == before
    assert sorted(path.name for path in store.parent.iterdir()) == files


@pytest.mark.parametrize("colour", [False, True])
def test_hostile_names_are_shown_and_do_nothing(
    colour: bool,
    store: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: colour)
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert main(["runs", str(store)]) == 1
    shown = capsys.readouterr().out
    assert "[bold]b" in shown
    assert "\\x1b]0;t\\x07" in shown
    assert "\x1b]0" not in shown
    assert "\u202e" not in shown
    assert ("\x1b[" in shown) is colour
    assert "1 of 2 run(s) can be repeated." in shown


@pytest.mark.parametrize(
    ("uri", "what"),
    [
        ("none.db", "does not exist"),
        ("sqlite:///none.db", "does not exist"),
        ("text.db", "is no database of MLflow"),
        ("weird://x", "cannot be read"),
        ("http://127.0.0.1:9", "cannot be read"),
    ],
)
def test_what_is_no_store_is_said_in_one_sentence(
    uri: str,
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.db").write_text("SQLite", "utf-8")
    assert main(["runs", uri]) == 2
    said = capsys.readouterr().err.replace("repro-audit: reading the store\n", "")
    assert what in said
    assert said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["text.db"]


def test_without_mlflow_one_sentence_is_said(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "mlflow", None)
    assert main(["runs", str(store)]) == 2
    assert "pip install 'repro-audit[track]'" in capsys.readouterr().err


def judged(record: dict[str, Any] | None, **more: Any) -> Carried:
    run = StoredRun("a" * 32, "r", "e", "FINISHED", 1, **more)
    return carried(run, record)


def recorded(**more: Any) -> dict[str, Any]:
    source = {"dirty": False, "changed": [], "patch": None, "untracked_used": [], "copied": []}
    return {
        "command": ["python", "x.py"], "commit": COMMIT, "source": source,
        "environment": {"packages": {"numpy": "2"}}, "lock_digest": {}, "inputs": [],
        "seeds": [], "unseeded": [], "observed": {"by": ["audit-hook"]}, **more,
    }  # fmt: skip


SEEDED = {"library": "numpy", "function": "seed", "value": 3, "path": "x.py", "line": 1,
          "used_before": False}  # fmt: skip
DIRTY = {"dirty": True, "changed": ["x.py"], "patch": "changes.patch", "untracked_used": [],
         "copied": []}  # fmt: skip


@pytest.mark.parametrize(
    ("record", "lacking"),
    [
        (recorded(), []),
        (recorded(command=["python", "--token", "***"]), ["command"]),
        (recorded(commit=None), ["commit"]),
        (recorded(source=DIRTY), []),
        (recorded(source=DIRTY | {"patch": None}), ["clean"]),
        (recorded(source=DIRTY | {"untracked_used": ["y.py"]}), ["clean"]),
        (recorded(source=DIRTY | {"untracked_used": ["y.py"], "copied": ["y.py"]}), []),
        (recorded(inputs=[{"path": "d", "digest": None, "tracked": False}]), ["data"]),
        (recorded(inputs=[{"path": "d", "digest": None, "tracked": True}]), []),
        (recorded(unseeded=[{"library": "numpy", "used": True}]), ["seed"]),
        (recorded(seeds=[SEEDED]), []),
        (recorded(seeds=[SEEDED | {"value": None}]), ["seed"]),
        # Libraries draw on import, long before a program seeds; that alone moves no result.
        (recorded(seeds=[SEEDED | {"used_before": True}]), []),
        (recorded(environment={"packages": {}}), ["lock", "environment"]),
        (recorded(environment={"packages": {}}, lock_digest={"uv.lock": DIGEST}), []),
        (recorded(observed={"by": []}), ["data", "seed"]),
        (recorded(source=7, inputs=7), ["clean", "data"]),
        (None, ["command", "commit", "clean", "lock", "data", "seed", "environment"]),
    ],
)
def test_a_record_is_judged_by_what_it_holds(
    record: dict[str, Any] | None, lacking: list[str]
) -> None:
    assert [need.name for need in judged(record).lacking] == lacking


def test_mlflows_digest_of_the_first_rows_is_half_a_digest() -> None:
    weak = judged(None, datasets=(("rows", "1a2b3c4d"),))
    assert weak.state("data") == WEAK
    assert judged(None, datasets=(("rows", DIGEST[:36]),)).state("data") == YES
    assert judged(None, tags={"repro_audit.commit": "HEAD"}).state("commit") == NO


def test_artefacts_are_read_from_plain_local_folders_only() -> None:
    assert local_folder("/a/b") == local_folder("file:///a/b") == Path("/a/b")
    assert local_folder("file://elsewhere/a") is None
    assert local_folder("s3://bucket/a") is None
