"""A command runs on a real Ray cluster of one machine, and what it made comes back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import pytest
from jsonschema import Draft202012Validator
from repro_audit.running.parcel import Parcel, unpack_results
from repro_audit.running.snapshot import snapshot

Commit = Callable[[Mapping[str, str]], Path]
SCHEMA = Path(__file__).parents[2] / "checker/src/repro_audit/schemas/run-v1.schema.json"
needs_ray = pytest.mark.skipif(
    find_spec("ray") is None or os.name == "nt", reason="the extra `ray` is not installed"
)
TRAIN = """\
import os, pathlib, random, sys
import helper, planted

random.seed(7)
seen = (helper.value, planted.value, open("data/in.txt").read(), os.environ.get("HF_TOKEN"))
sys.stdout.write(" ".join(map(str, seen)) + "\\n")
sys.stderr.write("to the other side\\n")
pathlib.Path("out").mkdir()
pathlib.Path("out/result.txt").write_text(str(random.random()))
pathlib.Path("state.txt").write_text("new")
sys.exit(3)
"""
FILES = {
    ".gitignore": "data/\n",
    "train.py": TRAIN,
    "helper.py": "value = 1\n",
    "state.txt": "old",
}


def free_ports(count: int) -> list[int]:
    """Return so many ports; all are held until each is another."""
    with ExitStack() as held:
        listening = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in listening:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in listening]


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """A head of one processor; its parts end with it."""
    # The names of its sockets lie below this folder, and may have 107 bytes.
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")
    # Ray asks for a token as soon as anybody's home has one; ours is not to be used here.
    os.environ["RAY_AUTH_MODE"] = "disabled"
    port, *others = free_ports(6)
    names = ("port", "ray-client-server-port", "dashboard-agent-listen-port",
        "dashboard-agent-grpc-port", "metrics-export-port")  # fmt: skip
    # What the command finds as `python` is what the cluster finds.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    said = Path(folder) / "said.txt"
    with said.open("wb") as told:
        head = subprocess.Popen(
            [
                Path(sys.executable).with_name("ray"), "start", "--head", "--block", "--num-cpus=1",
                "--object-store-memory=80000000", f"--dashboard-port={port}",
                f"--temp-dir={folder}", "--disable-usage-stats",
                "--min-worker-port=0", "--max-worker-port=0",
                *(f"--{name}={number}" for name, number in zip(names, others, strict=True)),
            ],
            env={**os.environ, "PATH": path},
            stdout=told,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    limit = time.monotonic() + 120
    while not answers(port):
        ended = head.poll() is not None or time.monotonic() > limit
        assert not ended, said.read_text("utf-8")
        time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    head.terminate()
    head.wait(30)
    shutil.rmtree(folder, ignore_errors=True)


def read(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(document)
    return document


def words(folder: Path, address: str, *more: str) -> list[str]:
    start = [sys.executable, "-m", "repro_audit", "run", "--output", str(folder)]
    return [*start, "--on", address, *more]


def wheel(folder: Path) -> Path:
    """Write a package that is installed from here alone, and the list that asks for it."""
    folder.mkdir()
    made = folder / "planted-1.0-py3-none-any.whl"
    about = "planted-1.0.dist-info"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("planted.py", "value = 42\n")
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: planted\nVersion: 1.0\n"
        )
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", f"planted.py,,\n{about}/RECORD,,\n")
    asked = folder / "list.txt"
    asked.write_text(f"--no-index\n--find-links {folder}\nplanted==1.0  # ours\n", "utf-8")
    return asked


@needs_ray
def test_the_tree_goes_there_and_the_outputs_come_back(
    cluster: str, committed: Commit, tmp_path: Path
) -> None:
    root = committed(FILES)
    (root / "helper.py").write_text("value = 2\n", "utf-8")
    (root / "data").mkdir()
    (root / "data/in.txt").write_text("rows", "utf-8")
    folder = tmp_path / "kept"
    more = ("--data", "data", "--lock", str(wheel(tmp_path / "wheels")))
    command = words(folder, cluster, *more, "--", f"{sys.prefix}/bin/python", "train.py")
    settings = {**os.environ, "HF_TOKEN": "hush", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=root, env=settings, capture_output=True, check=False)
    assert done.returncode == 3, done.stderr.decode()
    # Ray has one log for both streams: each line is written whole, so that none cuts another.
    assert "2 42 rows None" in done.stdout.decode().splitlines()
    assert (folder / "stdout.txt").read_text("utf-8") == "2 42 rows None\n"
    assert b"sending" in done.stderr
    assert (root / "state.txt").read_text("utf-8") == "new"
    assert float((root / "out/result.txt").read_text("utf-8")) == pytest.approx(0.32383276483316237)
    record = read(folder)
    assert (record["state"], record["reason"]) == ("failed", "exit status 3")
    assert (record["where"]["kind"], record["where"]["address"]) == ("ray", cluster)
    assert record["environment"]["packages"]["planted"] == "1.0"
    assert record["variables"]["OMP_NUM_THREADS"] == "1"
    assert "HF_TOKEN" not in record["variables"]
    assert record["source"]["changed"] == ["helper.py"]
    assert "+value = 2" in (folder / "changes.patch").read_text("utf-8")
    tracked = {item["path"]: item["tracked"] for item in record["inputs"]}
    assert (tracked["data/in.txt"], tracked["train.py"]) == (False, True)
    assert [item["path"] for item in record["outputs"]] == ["out/result.txt", "state.txt"]
    assert [(seed["path"], seed["line"]) for seed in record["seeds"]] == [("train.py", 4)]
    assert (folder / "stderr.txt").read_text("utf-8") == "to the other side\n"


@needs_ray
def test_an_interrupted_job_is_stopped(cluster: str, committed: Commit, tmp_path: Path) -> None:
    root = committed({"README.md": "# A program\n", "a.txt": "1"})
    program = "import time; open('b.txt', 'w').write('2'); print('on', flush=True); time.sleep(90)"
    command = words(tmp_path / "kept", cluster, "--lock", "none", "--", "python", "-c", program)
    child = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"on"
    assert read(tmp_path / "kept")["state"] == "running"
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=60)
    record = read(tmp_path / "kept")
    assert (child.returncode, record["state"]) == (143, "interrupted")
    assert record["reason"] == "interrupted by SIGTERM"
    assert (root / "b.txt").read_text("utf-8") == "2"
    listed = subprocess.run(
        [Path(sys.executable).with_name("ray"), "job", "status", record["where"]["job"],
            "--address", cluster], capture_output=True, check=True,
    )  # fmt: skip
    assert b"stopped" in listed.stdout + listed.stderr


@needs_ray
def test_what_cannot_be_installed_is_said(cluster: str, committed: Commit, tmp_path: Path) -> None:
    root = committed({"README.md": "# A program\n", "need.txt": "--no-index\nno-such-thing==9\n"})
    command = words(tmp_path / "kept", cluster, "--lock", "need.txt", "--", "python", "-c", "pass")
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    assert done.returncode == 1
    record = read(tmp_path / "kept")
    assert record["state"] == "failed"
    assert "before the command began" in record["reason"]
    assert b"no-such-thing" in done.stderr


class Beginning(ThreadingHTTPServer):
    """Stands before a head and answers as one does that has just begun, then passes on."""

    def __init__(self, head: int) -> None:
        self.head = head
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), Passing)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Passing(BaseHTTPRequestHandler):
    """Refuses the first requests of each kind; of later ones every byte goes to the head."""

    refusals: ClassVar = {
        "GET /api/version": (503, "no healthy upstream"),
        "POST /api/jobs/": (500, "No available agent to submit job, please try again later."),
    }
    server: Beginning
    raw_requestline: bytes

    def parse_request(self) -> bool:
        """Take a connection over before it is answered."""
        kind = " ".join(self.raw_requestline.decode().split()[:2])
        self.server.asked.append(kind)
        self.close_connection = True
        refusal = self.refusals.get(kind)
        if refusal is not None and self.server.asked.count(kind) <= 2:
            super().parse_request()
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, said = refusal
            body = said.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return False
        with socket.create_connection(("127.0.0.1", self.server.head)) as onward:
            onward.sendall(self.raw_requestline)
            back = threading.Thread(target=pumped, args=(onward.recv, self.connection))
            back.start()
            pumped(self.rfile.read1, onward)
            back.join()
        return False


def pumped(read: Callable[[int], bytes], target: socket.socket) -> None:
    """Pass on what comes until it ends."""
    with suppress(OSError):
        while block := read(1 << 16):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)


@needs_ray
def test_a_cluster_that_has_just_begun_is_asked_again(
    cluster: str, committed: Commit, tmp_path: Path
) -> None:
    root = committed({"README.md": "# A program\n"})
    begins = Beginning(int(cluster.rpartition(":")[2]))
    address = f"http://127.0.0.1:{begins.server_address[1]}"
    command = words(tmp_path / "kept", address, "--lock", "none", "--", "python", "-c", "print(7)")
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    begins.shutdown()
    begins.server_close()
    assert (done.returncode, done.stdout) == (0, b"7\n"), done.stderr.decode()
    # Refused twice, taken once: a job is never handed over a second time.
    assert begins.asked.count("POST /api/jobs/") == 3
    assert begins.asked.count("GET /api/version") >= 3


@needs_ray
@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "nonsense"])
def test_an_address_without_a_cluster_is_refused(address: str, tmp_path: Path) -> None:
    command = words(tmp_path / "kept", address, "--", "python", "-c", "pass")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert f"No Ray cluster answers at {address}" in line
    assert not (tmp_path / "kept").exists()


def test_what_was_changed_here_meanwhile_stays(tmp_path: Path) -> None:
    top, folder = tmp_path / "tree", tmp_path / "kept"
    top.mkdir()
    for name in ("same.txt", "mine.txt"):
        (top / name).write_text("before", "utf-8")
    parcel = Parcel(tmp_path / "sent.zip", 2, snapshot(top))
    (top / "mine.txt").write_text("mine, written meanwhile", "utf-8")
    archive = tmp_path / "results.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("record/run.json", "{}")
        packed.writestr("tree/../../outside.txt", "never")
        for name in ("same.txt", "mine.txt", "new/file.txt"):
            packed.writestr(f"tree/{name}", "from there")
    results = unpack_results(archive, folder, parcel)
    assert (results.record, results.outputs) == ({}, 2)
    assert (top / "same.txt").read_text("utf-8") == "from there"
    assert (top / "new/file.txt").read_text("utf-8") == "from there"
    assert (top / "mine.txt").read_text("utf-8") == "mine, written meanwhile"
    assert (folder / "outputs/mine.txt").read_text("utf-8") == "from there"
    assert "mine.txt" in results.notes[0]
    assert not list(tmp_path.rglob("outside.txt"))
