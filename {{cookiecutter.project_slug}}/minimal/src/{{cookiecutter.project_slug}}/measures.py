"""What is measured of a trained model, and the page and the picture that show it."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, log_loss

from .data import ProjectData
from .measured import Measured

METRICS = {"test_log_loss": "log loss", "test_accuracy": "accuracy"}
"""The metrics of the table of results, and what they are called there."""
YARDSTICKS = {
    "logistic regression of scikit-learn": {
        "test_log_loss": "test_log_loss_logistic",
        "test_accuracy": "test_accuracy_logistic",
    },
    "always the same guess": {
        "test_log_loss": "test_log_loss_guess",
        "test_accuracy": "test_accuracy_guess",
    },
}
"""What the metrics are to be held against: for each, the metric of that name."""
mpl.rcParams.update({"font.size": 8})


def scores(truth: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    """Log loss and accuracy; chance is an accuracy of about 1 / classes.

    Args:
        truth: the class of each row, from 0.
        probabilities: shape (rows, classes).
    """
    numbers = np.arange(probabilities.shape[1])
    return (
        float(log_loss(truth, probabilities, labels=numbers)),
        float(accuracy_score(truth, probabilities.argmax(axis=1))),
    )


def measure(model: torch.nn.Module, data: ProjectData) -> Measured:
    """The model on the test part, beside its yardsticks.

    A raw row holds the class of a row of the test part, and the probability of each class.
    """
    truth = data.classes("test")
    with torch.no_grad():
        found = model(torch.from_numpy(data.raw("test"))).double().numpy()
    predicted = {"": found / found.sum(axis=1, keepdims=True)}
    x = data.parts["train"][:, :-1].numpy()
    yardsticks = {"_logistic": LogisticRegression(), "_guess": DummyClassifier(strategy="prior")}
    for name, yardstick in yardsticks.items():
        yardstick.fit(x, data.classes("train"))
        predicted[name] = yardstick.predict_proba(data.parts["test"][:, :-1].numpy())
    metrics = {}
    for name, probabilities in predicted.items():
        loss, accuracy = scores(truth, probabilities)
        metrics |= {f"test_log_loss{name}": loss, f"test_accuracy{name}": accuracy}
    raw = pd.DataFrame(predicted[""], columns=[f"p_{label}" for label in data.labels])
    raw.insert(0, data.target, [data.labels[number] for number in truth])
    figure = Figure(figsize=(3.2, 3), dpi=200, layout="constrained")
    ConfusionMatrixDisplay.from_predictions(
        truth, predicted[""].argmax(axis=1), labels=range(len(data.labels)),
        display_labels=data.labels, cmap="cividis", colorbar=False, ax=figure.subplots(),
    )  # fmt: skip
    return Measured(metrics, raw, page(metrics), {}, {"confusion.png": figure})


def page(metrics: dict[str, float]) -> list[str]:
    """The metrics as lines of Markdown."""
    lines = ["| model | log loss | accuracy |", "| --- | --- | --- |"]
    rows = {"this one": "", "logistic regression": "_logistic", "always the same guess": "_guess"}
    for label, name in rows.items():
        values = (metrics[f"test_log_loss{name}"], metrics[f"test_accuracy{name}"])
        lines.append(f"| {label} | {values[0]:.3f} | {values[1]:.3f} |")
    return lines
