"""Showers measured by the Pierre Auger Observatory: its Open Data, without labels.

Release 3 (2024), doi:10.5281/zenodo.10488964, CC BY-SA 4.0: name the Pierre Auger Collaboration,
and share what you derive under the same licence. Described in arXiv:2309.16294. Download it
yourself (`data/README.md`). Nobody knows the primary of a measured shower: nothing here classifies
one.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from . import detector
from .provenance import file_digest
from .simulation import describe_traces
from .stages import ROOT, StageError

UNKNOWN = -1  # the mass number of a measured shower
TABLE = "summary/dataSummarySD1500.csv"
# our column: theirs. Degrees, VEM and counts are in the same units on both sides.
SAME = {
    "event_id": "id",
    "theta": "sd_theta",
    "s1000": "sd_s1000",
    "s38": "sd_s38",
    "beta": "sd_beta",
    "n_stations": "sd_nbstat",
}
START = 0.1  # VEM: the first bin above it is where the shower front arrives


def opened(folder: Path, name: str, digest: str | None) -> zipfile.ZipFile:
    """An archive of the release, after comparing it with its digest where one is known.

    Raises:
        StageError: it is missing, or another file.
    """
    path = folder / name
    if not path.exists():
        raise StageError(f"{path} is missing: download it as data/README.md says.")
    if digest is not None and file_digest(path) != digest:
        raise StageError(f"{path} is not the file that was published; download it again.")
    return zipfile.ZipFile(path)


def summary(archive: zipfile.ZipFile) -> pd.DataFrame:
    """The table of the surface detector in our columns and units, each shower once.

    A shower that several telescopes saw has a row for each of them: the first is kept. Rows that
    did not pass the selection of this detector, seen by telescopes alone, are left out.
    """
    with archive.open(TABLE) as stream:
        theirs = pd.read_csv(stream)
    theirs = theirs[theirs.sd1500 == 1].drop_duplicates("id", ignore_index=True)
    ours = pd.DataFrame({name: theirs[column] for name, column in SAME.items()})
    return ours.assign(
        shower_id=ours.event_id,
        A=np.int16(UNKNOWN),
        sec_theta=1 / np.cos(np.radians(ours.theta)),
        lgE_rec=18 + np.log10(theirs.sd_energy),  # EeV
        n_sat=0,
    )


def window(stations: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray, int] | None:
    """Distances (m) and traces (3, 128; VEM per 25 ns) of the nearest stations; how many saturate.

    A trace is the mean of the photomultipliers that worked, cut to 128 bins of which the shower
    front begins the ninth. None where fewer than three selected stations have a trace.
    """
    usable = []
    for station in stations:
        tubes = [station[f"pmt{i}"] for i in (1, 2, 3) if station.get(f"pmt{i}")]
        if station["isSelected"] and tubes:
            usable.append((station["spDistance"], np.mean(tubes, axis=0), station["sat"] > 0))
    if len(usable) < detector.N_TRACED:
        return None
    nearest = sorted(usable, key=lambda each: each[0])[: detector.N_TRACED]
    traces = np.zeros((detector.N_TRACED, detector.N_BINS), dtype=np.float32)
    for trace, (_, full, _) in zip(traces, nearest, strict=True):
        first = int(np.argmax(full > START)) - detector.FRONT_BIN
        piece = full[max(first, 0) : first + detector.N_BINS]
        trace[max(-first, 0) :][: len(piece)] = piece
    return (
        np.array([each[0] for each in nearest]),
        traces.clip(max=detector.SATURATION),
        sum(each[2] for each in nearest),
    )


def collect(
    downloads: str, summary_sha256: str | None, data_sha256: str | None
) -> tuple[pd.DataFrame, np.ndarray]:
    """The table and the traces, in the format of the simulation.

    Args:
        downloads: where `summary.zip` and `data.zip` were downloaded to.
        summary_sha256: digest of the first; None where it is not known.
        data_sha256: likewise of the second.

    Raises:
        StageError: an archive is missing or another one, or no event has three traces.
    """
    with opened(ROOT / downloads, "summary.zip", summary_sha256) as archive:
        table = summary(archive).set_index("event_id", drop=False)
    rows, found = [], []
    with opened(ROOT / downloads, "data.zip", data_sha256) as archive:
        for member in sorted(name for name in archive.namelist() if name.endswith(".json")):
            with archive.open(member) as stream:
                event = json.load(stream)
            number = int(event["id"])  # yydddsssssxx, maybe as text with a leading zero
            three = window(event["stations"]) if number in table.index else None
            if three:
                rows.append(number)
                found.append(three)
    if not found:
        raise StageError(f"no event of {downloads} has three stations with traces.")
    events = table.loc[rows].reset_index(drop=True)
    r, traces, saturated = (np.array(each) for each in zip(*found, strict=True))
    described = pd.DataFrame(describe_traces(SimpleNamespace(r_rec=r), traces))
    return events.assign(n_sat=saturated).join(described), traces
