"""The baseline of the example with bare PyTorch: what somebody writes who has no template.

    python bare.py data/raw/showers 1

It takes the data as given, trains the simple autoencoder with the same settings, and prints the
same three numbers. Nothing is kept but what is printed.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from torch import nn

folder, seed = Path(sys.argv[1]), int(sys.argv[2])
latent, epochs, batch_size, learning_rate, weight_decay, offset = 8, 60, 256, 0.005, 0.0001, 0.3

torch.manual_seed(seed)
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

# Data
events = pd.read_parquet(folder / "events.parquet")
part = events.shower_id.map(pd.read_csv(folder / "split.csv", index_col="shower_id").part)
traces = torch.from_numpy(np.load(folder / "traces.npy"))
values = (torch.log10(1 + traces.clamp(min=0) / offset) / 3).flatten(1)
rows = {name: np.flatnonzero(part == name) for name in ("train", "val", "test")}
mean = values[rows["train"]].mean(dim=0)
scale = (values[rows["train"]] - mean).pow(2).mean().sqrt()
x = {name: (values[index] - mean) / scale for name, index in rows.items()}

# Model and training
model = nn.Sequential(nn.Linear(384, latent), nn.GELU(), nn.Linear(latent, 384))
optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=weight_decay)
steps = epochs * -(-len(x["train"]) // batch_size)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, steps)
best, chosen = np.inf, {}
for _ in range(epochs):
    order = torch.randperm(len(x["train"]))
    for batch in order.split(batch_size):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x["train"][batch]), x["train"][batch]).backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        error = float(nn.functional.mse_loss(model(x["val"]), x["val"]))
    if error < best:
        best, chosen = error, {name: w.clone() for name, w in model.state_dict().items()}
model.load_state_dict(chosen)

# Evaluation
unit = float(scale) ** 2 * 1e4
with torch.no_grad():
    error = float(nn.functional.mse_loss(model(x["test"]), x["test"])) * unit
    codes = {name: model[:2](each).numpy() for name, each in x.items()}
pca = PCA(latent).fit(x["train"].numpy())
rest = x["test"].numpy() - pca.inverse_transform(pca.transform(x["test"].numpy()))
known = np.column_stack(
    [events.sec_theta, events.lgE_rec, events[["r_1", "r_2", "r_3"]]]
    + [np.log10(events[f"S_{i}"].clip(lower=0.1)) for i in (1, 2, 3)]
)
features = {name: np.hstack([codes[name], known[index]]) for name, index in rows.items()}
probe = make_pipeline(
    StandardScaler(),
    PolynomialFeatures(2, include_bias=False),
    StandardScaler(),
    LogisticRegression(C=0.3, solver="newton-cholesky"),
).fit(features["train"].astype(float), events.A.to_numpy()[rows["train"]])
truth = events.A.to_numpy()[rows["test"]]
logits = probe.decision_function(features["test"].astype(float))
accuracy = (probe.classes_[logits.argmax(axis=1)] == truth).mean()
pair = np.isin(truth, (1, 56))
classes = list(probe.classes_)
score = logits[:, classes.index(56)] - logits[:, classes.index(1)]
print(f"error x 10^4: {error:.2f}, of as many components: {(rest**2).mean() * unit:.2f}")
print(f"accuracy: {accuracy:.3f}, p-Fe AUC: {roc_auc_score(truth[pair] == 56, score[pair]):.3f}")
