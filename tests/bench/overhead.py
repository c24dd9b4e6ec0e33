"""What `repro-audit run` adds to a training: `python overhead.py PYTHON [SECONDS [REPEATS]]`.

The same work is done with and without it, in turns, each in a process of its own: CPU seconds of
all processes together, and wall seconds. PYTHON has PyTorch, Lightning, scikit-learn and MLflow.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PLAIN = """\
import random, sys, time
import numpy, torch
torch.manual_seed(1)
rows = torch.rand(20_000, 32)
net = torch.nn.Sequential(torch.nn.Linear(32, 128), torch.nn.ReLU(), torch.nn.Linear(128, 32))
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(int(sys.argv[1])):
    numpy.loadtxt("rows.csv", delimiter=",")
    for batch in rows[torch.randperm(len(rows))].split(256):
        optimizer.zero_grad()
        loss = ((net(batch) - batch) ** 2).mean()
        loss.backward()
        optimizer.step()
    torch.save(net.state_dict(), f"weights-{epoch % 3}.pt")
    print(epoch, loss.item(), flush=True)
"""
LIGHTNING = """\
import sys
import torch
import pytorch_lightning as pl

class Net(pl.LightningModule):
    def __init__(self, hidden=128):
        super().__init__()
        self.save_hyperparameters()
        self.net = torch.nn.Sequential(
            torch.nn.Linear(32, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 32))
    def training_step(self, batch):
        loss = ((self.net(batch) - batch) ** 2).mean()
        self.log("loss", loss, on_step=False, on_epoch=True)
        return loss
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())

pl.seed_everything(1)
rows = torch.rand(20_000, 32)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(rows), batch_size=256,
    collate_fn=lambda items: torch.stack([item[0] for item in items]), shuffle=True)
pl.Trainer(max_epochs=int(sys.argv[1]), logger=False, enable_progress_bar=False,
    accelerator="cpu", enable_checkpointing=False, enable_model_summary=False).fit(Net(), loader)
"""
SKLEARN = """\
import sys
import numpy
from sklearn.ensemble import GradientBoostingClassifier

rows = numpy.random.default_rng(1).random((4000, 20))
model = GradientBoostingClassifier(n_estimators=10 * int(sys.argv[1]), random_state=1)
print(model.fit(rows, rows[:, 0] > rows[:, 1]).score(rows, rows[:, 0] > rows[:, 1]))
"""
TRAININGS = {"plain": PLAIN, "lightning": LIGHTNING, "sklearn": SKLEARN}
OURS = [sys.executable, "-m", "repro_audit", "run", "--quiet", "--"]


def timed(words: list[str], folder: Path) -> tuple[float, float]:
    """Run a command, and return its CPU seconds and its wall seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    variables = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(words, cwd=folder, env=variables, check=True, capture_output=True)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return used, wall


def epochs_for(python: str, script: str, folder: Path, seconds: float) -> str:
    """Find how many epochs take so many CPU seconds."""
    short, _ = timed([python, script, "3"], folder)
    longer, _ = timed([python, script, "13"], folder)
    return str(max(3, round((seconds - short) / ((longer - short) / 10)) + 3))


def compare(name: str, text: str, python: str, seconds: float, repeats: int) -> None:
    """Print the medians of one kind of training, with and without us."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        # Not `lightning.py`: MLflow would import that in the place of the library.
        script = f"{name}_training.py"
        (folder / script).write_text(text, "utf-8")
        (folder / "rows.csv").write_text("1,2,3\n" * 1000, "utf-8")
        words = [python, script, epochs_for(python, script, folder, seconds)]
        # The store of MLflow is made once for a project; that is not the cost of a run.
        timed([*OURS, python, script, "1"], folder)
        found: dict[str, list[tuple[float, float]]] = {"without": [], "with": []}
        for _ in range(repeats):
            found["without"].append(timed(words, folder))
            found["with"].append(timed([*OURS, *words], folder))
            print(name, found["without"][-1], found["with"][-1], file=sys.stderr, flush=True)
    for at, what in enumerate(("CPU", "wall")):
        without, with_us = (
            statistics.median(item[at] for item in found[key]) for key in ("without", "with")
        )
        more = with_us - without
        print(f"{name}: {what} {without:.1f} s, +{more:.1f} s ({more / without:.1%})", flush=True)


if __name__ == "__main__":
    python, *more = sys.argv[1:]
    seconds, repeats = float(more[0]) if more else 60.0, int(more[1]) if len(more) > 1 else 5
    for name, text in TRAININGS.items():
        compare(name, text, python, seconds, repeats)
