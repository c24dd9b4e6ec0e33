"""A surface array of water-Cherenkov stations: which stations a shower hits, and their traces.

Units: distances in m, signals in VEM, times in ns after the shower front, a plane through the
core. Arrays carry the shower on the first axis and the station on the second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import atmosphere
from .atmosphere import Floats, Integers, Showers

SPACING = 1500.0  # between neighbours in the triangular array
N_NEAREST = 12  # stations simulated around the core, for the lateral fit
N_TRACED = 3
TRIGGER_SIGNAL = 3.0
MAX_CORE_DRAWS = 100
MIN_DISTANCE = 50.0  # the lateral distribution is not known closer to the axis
CORE_RESOLUTION = 60.0  # per coordinate, at 10^19 eV

N_BINS = 128
BIN_WIDTH = 25.0
FRONT_BIN = 8  # the bin that begins when the shower front arrives
PULSE_DECAY = 60.0
PULSE_BINS = 12
NOISE = 0.004  # per bin
SATURATION = 200.0  # per bin

DECAY_HALO = 0.12  # share of the muon signal made by decay electrons, electromagnetic in shape
MUON_CHARGE_SHAPE = 16.0  # gamma distribution: 25 % spread of the charge of one muon
EM_QUANTA_PER_VEM = 4
MAX_SAMPLED_MUONS = 1000  # per station; more would be indistinguishable, and slow
LIGHT_SPEED = 0.299792458  # m/ns
MIN_PATH = 200.0

NORMAL_GRID = np.linspace(-6.0, 6.0, 1201)
NORMAL_CDF = np.array([0.5 * (1.0 + math.erf(z / math.sqrt(2.0))) for z in NORMAL_GRID])


@dataclass(frozen=True)
class Stations:
    """Stations around the core of each shower.

    `r` is the true distance to the axis, `r_rec` that to the reconstructed axis, `downstream` how
    much farther a particle flies to this station than to the core, `signal` the charge without
    noise, made of `n_mu` muons and `n_em` electromagnetic quanta.
    """

    r: Floats
    r_rec: Floats
    downstream: Floats
    n_mu: Integers
    n_em: Integers
    signal: Floats

    @property
    def triggered(self) -> npt.NDArray[np.bool_]:
        """Whether the station sees enough signal to take part in the event."""
        return self.signal > TRIGGER_SIGNAL

    def replace_rows(self, rows: Integers, other: Stations) -> None:
        """Overwrite these showers' stations by those of a later draw."""
        for name, values in vars(self).items():
            values[rows] = getattr(other, name)

    def take(self, columns: Integers) -> Stations:
        """The stations in these columns, chosen shower by shower."""
        return Stations(
            **{name: np.take_along_axis(v, columns, axis=1) for name, v in vars(self).items()}
        )


def array_positions() -> Floats:
    """Positions (station, xy) in m of the stations near the unit cell of a triangular array.

    Wide enough to hold the 12 nearest stations of every shower up to 60 degrees.
    """
    steps = np.arange(-4, 5)
    i, j = (index.ravel() for index in np.meshgrid(steps, steps))
    return SPACING * np.stack([i + 0.5 * j, math.sqrt(0.75) * j], axis=1)


def place_cores(rng: np.random.Generator, showers: Showers) -> tuple[Floats, Floats, Floats]:
    """Drop the cores in the unit cell; give the nearest stations, nearest first.

    Returns true and reconstructed distance to the axis, r = sqrt((d_par cos theta)^2 + d_perp^2),
    and the extra path d_par sin theta. The core error is 60 m E_10^-0.3 in each coordinate of
    the shower plane; distances end at 50 m.
    """
    n_showers = len(showers.theta)
    along = rng.uniform(-0.5, 0.5, (2, n_showers))
    core = SPACING * np.stack([along[0] + 0.5 * along[1], math.sqrt(0.75) * along[1]])
    azimuth = rng.uniform(0.0, 2.0 * math.pi, n_showers)
    dx, dy = array_positions().T[:, np.newaxis, :] - core[:, :, np.newaxis]
    cosine, sine = np.cos(azimuth)[:, np.newaxis], np.sin(azimuth)[:, np.newaxis]
    d_par, d_perp = dx * cosine + dy * sine, dy * cosine - dx * sine
    u = d_par * np.cos(showers.theta)[:, np.newaxis]
    nearest = np.argsort(u**2 + d_perp**2, axis=1)[:, :N_NEAREST]
    u, v, d_par = (np.take_along_axis(d, nearest, axis=1) for d in (u, d_perp, d_par))
    error = CORE_RESOLUTION * showers.energy_10**-0.3 * rng.standard_normal((2, n_showers))
    r = np.maximum(np.hypot(u, v), MIN_DISTANCE)
    r_rec = np.maximum(np.hypot(u - error[0][:, None], v - error[1][:, None]), MIN_DISTANCE)
    return r, r_rec, d_par * np.sin(showers.theta)[:, np.newaxis]


def lateral_distribution(r: Floats, slope: Floats) -> Floats:
    """Signal at distance r (50 m to 5 km) over that at 1000 m: (r/1000)^b ((r+700)/1700)^b.

    Source: the modified NKG function of the Pierre Auger Observatory's surface detector.
    """
    return (r / 1000.0 * (r + 700.0) / 1700.0) ** slope


def draw_signals(rng: np.random.Generator, showers: Showers) -> Stations:
    """Draw core and signals (VEM) of the nearest stations, once per shower."""
    return draw_particles(rng, showers, *place_cores(rng, showers))


def draw_particles(
    rng: np.random.Generator, showers: Showers, r: Floats, r_rec: Floats, downstream: Floats
) -> Stations:
    """Draw the signals (VEM) of stations at true distance `r` from the axis, see `Stations`.

    Slopes of the lateral distributions: -2.9 + 0.0008 D kept in -3.3 to -2.2 (electromagnetic,
    D the depth below Xmax in g/cm2) and -2.05 + 0.10 (sec theta - 1.27) (muons). 12 % of the
    muon signal comes from decay electrons and behaves like the electromagnetic part. Muons of
    1 VEM with 25 % spread and electromagnetic quanta of 0.25 VEM are Poisson distributed.
    Source: calibrated here in the manner of Stadelmaier et al., PRD 110 (2024) 023030.
    """
    slope_em = np.clip(-2.9 + 0.0008 * showers.depth_below_xmax, -3.3, -2.2)
    slope_mu = -2.05 + 0.10 * (showers.sec_theta - 1.27)
    muonic = showers.s_mu[:, np.newaxis] * lateral_distribution(r, slope_mu[:, np.newaxis])
    em = showers.s_em[:, np.newaxis] * lateral_distribution(r, slope_em[:, np.newaxis])
    em += DECAY_HALO * muonic
    n_mu = rng.poisson((1.0 - DECAY_HALO) * muonic)
    n_em = rng.poisson(em * EM_QUANTA_PER_VEM)
    charge = rng.standard_gamma(MUON_CHARGE_SHAPE * n_mu) / MUON_CHARGE_SHAPE
    return Stations(r, r_rec, downstream, n_mu, n_em, charge + n_em / EM_QUANTA_PER_VEM)


def trigger(rng: np.random.Generator, showers: Showers) -> Stations:
    """Draw cores until three stations see more than 3 VEM, at most 100 times per shower.

    Redrawing the core, not the shower, keeps the distributions of energy, angle and mass, and
    the number of rows. A shower that never succeeds (none in 100,000 nuclei and 20,000 photons)
    keeps its last draw, with fewer stations; its reconstruction is marked as not good.
    """
    stations = draw_signals(rng, showers)
    for _ in range(MAX_CORE_DRAWS - 1):
        missed = np.flatnonzero(stations.triggered.sum(axis=1) < N_TRACED)
        if not missed.size:
            break
        stations.replace_rows(missed, draw_signals(rng, showers[missed]))
    return stations


def nearest_triggered(stations: Stations) -> Integers:
    """Columns of the three triggered stations nearest to the reconstructed axis, nearest first.

    Events with fewer triggered stations are filled up with silent ones.
    """
    preference = np.argsort(stations.r_rec + 1e6 * ~stations.triggered, axis=1)[:, :N_TRACED]
    order = np.argsort(np.take_along_axis(stations.r_rec, preference, axis=1), axis=1)
    return np.take_along_axis(preference, order, axis=1)


def front_delay(r: Floats, path: Floats) -> Floats:
    """Delay in ns behind the shower front of light made on the axis, `path` m before the station.

    Source: the geometric delay of Cazon et al., Astropart. Phys. 21 (2004) 71.
    """
    return (np.hypot(r, path) - path) / LIGHT_SPEED


def muon_charges(rng: np.random.Generator, showers: Showers, stations: Stations) -> Floats:
    """Draw the muon charge (VEM) per 25 ns bin of each station, the last bin holding the rest.

    Muons are made at slant depths -100 + 70 Gamma(k), whose most likely value is
    552 + 0.6 (Xmax - 750) g/cm2 (EPOS-LHC, 10 to 100 EeV). Their delay is geometric, lengthened
    by an exponential of mean 25 % for their lower speed: a simplification of Cazon et al.
    A station hit by more than 1000 muons gets the times of 1000 and the charge of all.
    """
    n_sampled = np.minimum(stations.n_mu, MAX_SAMPLED_MUONS)
    slot = np.repeat(np.arange(n_sampled.size), n_sampled.ravel())
    shower = slot // N_TRACED
    most_likely = 552.0 + 0.6 * (showers.xmax - 750.0)
    shape = (most_likely + 100.0) / 70.0 + 1.0
    depth = 70.0 * rng.standard_gamma(shape[shower]) - 100.0
    path = atmosphere.path_to_ground(depth, np.cos(showers.theta)[shower])
    path = np.maximum(path + stations.downstream.ravel()[slot], MIN_PATH)
    delay = front_delay(stations.r.ravel()[slot], path)
    delay *= 1.0 + 0.25 * rng.standard_exponential(len(slot))
    time_bin = np.minimum(FRONT_BIN + (delay / BIN_WIDTH).astype(np.int64), N_BINS)
    counts = np.bincount(slot * (N_BINS + 1) + time_bin, minlength=n_sampled.size * (N_BINS + 1))
    counts = counts.reshape(*n_sampled.shape, N_BINS + 1)
    weight = stations.n_mu / np.maximum(n_sampled, 1)
    muons = counts * weight[:, :, np.newaxis]
    return rng.standard_gamma(MUON_CHARGE_SHAPE * muons) / MUON_CHARGE_SHAPE


def em_charges(rng: np.random.Generator, showers: Showers, stations: Stations) -> Floats:
    """Draw the electromagnetic charge (VEM) per 25 ns bin, the last bin holding the rest.

    Arrival times are log-normal with a spread of 0.75 in ln, around 20 ns plus the delay of
    light made 1500 m above the shower maximum (or above the core, if that is higher). Source:
    calibrated here on rise times; the geometry is that of Cazon et al.
    """
    path = atmosphere.path_to_ground(showers.xmax, np.cos(showers.theta))[:, np.newaxis]
    path = np.maximum(np.maximum(path, 0.0) + 1500.0 + stations.downstream, 500.0)
    median = front_delay(stations.r, path) + 20.0
    edges = BIN_WIDTH * np.arange(1, N_BINS - FRONT_BIN + 1)
    deviation = (np.log(edges) - np.log(median)[:, :, np.newaxis]) / 0.75
    shares = np.zeros((*median.shape, N_BINS + 1))
    arrived = np.interp(deviation, NORMAL_GRID, NORMAL_CDF)
    shares[:, :, FRONT_BIN:] = np.diff(arrived, axis=2, prepend=0.0, append=1.0)
    return rng.multinomial(stations.n_em, shares) / EM_QUANTA_PER_VEM


def record_traces(
    rng: np.random.Generator, showers: Showers, stations: Stations
) -> npt.NDArray[np.float32]:
    """Draw the traces (shower, station, 128) in VEM per 25 ns bin.

    Each particle makes an exponential pulse of 60 ns. Noise is 0.004 VEM per bin, ends at 5
    sigma, and bins saturate at 200 VEM (10-bit FADC with two gains, ratio 32:
    astro-ph/0308400).
    """
    charge = muon_charges(rng, showers, stations) + em_charges(rng, showers, stations)
    pulse = np.exp(-BIN_WIDTH / PULSE_DECAY * np.arange(PULSE_BINS))
    pulse /= pulse.sum()
    trace = NOISE * rng.standard_normal((*stations.r.shape, N_BINS))
    for delay, share in enumerate(pulse):
        trace[:, :, delay:] += share * charge[:, :, : N_BINS - delay]
    return np.clip(trace, -5.0 * NOISE, SATURATION).astype(np.float32)
