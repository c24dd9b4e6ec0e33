"""What the tables of the example cost: processor hours times the prices of prices.csv.

    python docs/time-saved/cost.py
"""

import csv
from pathlib import Path

SECONDS = {  # of one thread, measured
    "baseline with five seeds, trained and evaluated": 181 + 5 * 47,
    "deep with five seeds, trained and evaluated": 555 + 5 * 55,
    "variational with five seeds, trained and evaluated": 692 + 5 * 57,
    "hypotheses: ten splits, two models each": 813,
    "the study with its faults and without": 132,
}
with (Path(__file__).parent / "prices.csv").open(encoding="utf-8") as stream:
    prices = [(row[0], float(row[1])) for row in list(csv.reader(stream))[1:]]
print(f"| table | core hours | {' | '.join(name for name, _ in prices)} |")
print(f"| --- | --- | {' | '.join('---' for _ in prices)} |")
for name, seconds in SECONDS.items():
    hours = seconds / 3600
    print(f"| {name} | {hours:.2f} | {' | '.join(f'{hours * p:.4f} EUR' for _, p in prices)} |")
