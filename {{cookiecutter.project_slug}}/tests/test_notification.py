"""People are told of start, end and failure, and a message that fails ends nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from pytorch_lightning import LightningModule

from {{cookiecutter.project_slug}}.checkpoints import Start
from {{cookiecutter.project_slug}}.notification import Notify
from {{cookiecutter.project_slug}}.stages import ROOT, given
from {{cookiecutter.project_slug}}.tracking import settings
from {{cookiecutter.project_slug}}.training import fit

from .conftest import Configure

Messages = list[dict[str, str]]


@pytest.fixture
def receiver() -> Iterator[tuple[str, Messages]]:
    """An HTTP server on this machine, as an address of apprise, and what it was sent."""
    messages: Messages = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            messages.append(json.loads(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}", messages
    server.shutdown()
    server.server_close()
    thread.join()


def test_start_and_end_are_told_with_the_metrics(
    configure: Configure, tmp_path: Path, receiver: tuple[str, Messages]
) -> None:
    address, messages = receiver
    fit(configure(), Start(tmp_path), {}, callbacks=[Notify(address, "baseline", "the run")])
    assert [message["title"] for message in messages] == ["baseline: started", "baseline: finished"]
    assert "val_loss = " in messages[1]["message"]
    assert messages[1]["message"].endswith("the run")


def test_a_failure_is_told_and_stays_a_failure(
    configure: Configure,
    tmp_path: Path,
    receiver: tuple[str, Messages],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def overflow(model: LightningModule) -> None:
        raise OverflowError("too much")

    address, messages = receiver
    monkeypatch.setattr(LightningModule, "on_train_epoch_start", overflow)
    with pytest.raises(OverflowError):
        fit(configure(), Start(tmp_path), {}, callbacks=[Notify(address, "baseline", "the run")])
    assert messages[-1]["title"] == "baseline: failed"
    assert "OverflowError: too much" in messages[-1]["message"]


@pytest.mark.parametrize("address", ["json://127.0.0.1:1", "no address at all"])
def test_a_message_that_fails_changes_nothing(
    address: str, configure: Configure, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, plain, _ = fit(configure(), Start(tmp_path / "a"), {})
    _, told, _ = fit(
        configure(), Start(tmp_path / "b"), {}, callbacks=[Notify(address, "baseline", "the run")]
    )
    assert all(x.equal(told.state_dict()[name]) for name, x in plain.state_dict().items())
    assert "nobody could be told that the training finished" in capsys.readouterr().out


def test_no_address_is_recorded(configure: Configure) -> None:
    assert "secret" not in str(settings(configure("notify='json://me:secret@127.0.0.1'")))


@pytest.mark.parametrize("plus", ["", "+", "++"])
def test_no_address_is_part_of_the_command_that_a_run_tells(plus: str) -> None:
    told = ["seed=2", f"{plus}notify='json://me:secret@127.0.0.1'", f"{plus}trainer.max_epochs=3"]
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        cfg = compose("config", [word.replace("+", "") for word in told], return_hydra_config=True)
    cfg.hydra.overrides.task = told
    HydraConfig.instance().set_config(cfg)
    try:
        assert given() == ["seed=2", f"{plus}trainer.max_epochs=3"]
        assert given("trainer.") == ["seed=2"]
    finally:
        HydraConfig.instance().cfg = None
