"""Air showers in the atmosphere: primaries, depth of maximum, muons and signals at the ground.

Units everywhere: energy as lgE = log10(E / eV), depth in g/cm2, height and distance in m, angles
in radians, signals in VEM (the signal of one vertical muon). ``energy_10`` is E / 10^19 eV.

The showers are parametrised, not followed particle by particle: good for teaching and for testing
software, never for a physics result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PHOTON = 0
PRIMARIES = {PHOTON: "photon", 1: "proton", 4: "helium", 14: "nitrogen", 16: "oxygen", 56: "iron"}

OBSERVATION_HEIGHT = 1400.0
GROUND_DEPTH = 875.5  # vertical depth of the observation height
MUON_ENERGY_SLOPE = 0.94

# US standard atmosphere as CORSIKA parametrises it, X(h) = a + b exp(-h / c), the lowest layer
# first. Above 100 km there is next to no air, so the fifth layer is left out.
LAYER_BASE = np.array([0.0, 4_000.0, 10_000.0, 40_000.0])
LAYER_A = np.array([-186.5562, -94.919, 0.61289, 0.0])
LAYER_B = np.array([1222.6562, 1144.9069, 1305.5948, 540.1778])
LAYER_C = np.array([9941.8638, 8781.5355, 6361.4304, 7721.7016])
TOP_HEIGHT = 100_000.0

# Generalised Gumbel distribution of Xmax: each row is one of p0 p1 p2 q0 q1 r0 r1, and holds the
# coefficients of 1, ln A and ln^2 A (De Domenico et al., JCAP 07 (2013) 050, arXiv:1305.2331).
GUMBEL_COEFFICIENTS = {
    "QGSJetII-04": np.array(
        [
            [761.383, -11.719, -1.372],
            [57.344, -1.731, 0.309],
            [-0.355, 0.273, -0.137],
            [35.221, 12.335, -2.889],
            [0.307, -1.147, 0.271],
            [0.673, 0.694, -0.007],
            [0.060, -0.019, 0.017],
        ]
    ),
    "EPOS-LHC": np.array(
        [
            [775.589, -7.047, -2.427],
            [57.589, -0.743, 0.214],
            [-0.820, -0.169, -0.027],
            [29.403, 13.553, -3.154],
            [0.096, -0.961, 0.150],
            [0.563, 0.711, 0.058],
            [0.039, 0.067, -0.004],
        ]
    ),
}

# Correlation of muon number and Xmax at fixed energy and zenith, measured on CORSIKA showers of
# p, He, N and Fe; other nuclei lie between them in ln A.
CORRELATION_LN_A = np.log([1.0, 4.0, 14.0, 56.0])
MUON_XMAX_CORRELATION = np.array([0.16, 0.38, 0.54, 0.65])
PHOTON_MUON_FRACTION = 0.20
PHOTON_MUON_SPREAD = 0.27


@dataclass(frozen=True)
class Showers:
    """The truth about a batch of showers, one entry per shower in every array."""

    primary: Integers
    lg_energy: Floats
    theta: Floats
    xmax: Floats
    r_mu: Floats
    s_em: Floats
    s_mu: Floats
    n_em: Floats
    n_mu: Floats

    @property
    def energy_10(self) -> Floats:
        """Energy in units of 10^19 eV."""
        return 10.0 ** (self.lg_energy - 19.0)

    @property
    def sec_theta(self) -> Floats:
        """Secant of the zenith angle: slant depth over vertical depth."""
        return 1.0 / np.cos(self.theta)

    @property
    def depth_below_xmax(self) -> Floats:
        """Slant depth from the shower maximum to the ground, g/cm2; negative: not yet reached."""
        return GROUND_DEPTH * self.sec_theta - self.xmax

    def __getitem__(self, rows: Integers) -> Showers:
        """The showers of these rows."""
        return Showers(**{name: values[rows] for name, values in vars(self).items()})


def vertical_depth(height: Floats) -> Floats:
    """Vertical depth in g/cm2 above a height in m (0 to 100 km), US standard atmosphere.

    Source: the five-layer parametrisation of the CORSIKA user's guide.
    """
    height = np.clip(height, 0.0, TOP_HEIGHT)
    layer = np.searchsorted(LAYER_BASE, height, side="right") - 1
    depth: Floats = LAYER_A[layer] + LAYER_B[layer] * np.exp(-height / LAYER_C[layer])
    return depth


def height_at_depth(depth: Floats) -> Floats:
    """Height in m at a vertical depth in g/cm2: the inverse of `vertical_depth`, layer by layer.

    Depths outside the atmosphere are moved to its top (100 km) or to sea level.
    """
    base_depth = vertical_depth(LAYER_BASE)
    depth = np.clip(depth, vertical_depth(np.array(TOP_HEIGHT)), base_depth[0])
    layer = len(LAYER_BASE) - np.searchsorted(base_depth[::-1], depth, side="left") - 1
    height: Floats = LAYER_C[layer] * np.log(LAYER_B[layer] / (depth - LAYER_A[layer]))
    return height


def path_to_ground(slant_depth: Floats, cos_theta: Floats) -> Floats:
    """Distance in m along the axis from a slant depth (g/cm2) to the core, flat atmosphere.

    Negative where the depth lies below the ground.
    """
    return (height_at_depth(slant_depth * cos_theta) - OBSERVATION_HEIGHT) / cos_theta


def gumbel_parameters(
    primary: npt.ArrayLike, lg_energy: Floats, model: str
) -> tuple[Floats, Floats, Floats]:
    """Location and scale (g/cm2) and shape of the Xmax distribution of nuclei with mass A >= 1.

    Fitted for lgE 17 to 20.5. Source: De Domenico et al., JCAP 07 (2013) 050, arXiv:1305.2331.
    """
    ln_mass = np.log(np.asarray(primary, dtype=np.float64))
    x = lg_energy - 19.0
    powers = np.stack([np.ones_like(ln_mass), ln_mass, ln_mass**2])
    p0, p1, p2, q0, q1, r0, r1 = np.tensordot(GUMBEL_COEFFICIENTS[model], powers, axes=1)
    return p0 + p1 * x + p2 * x**2, q0 + q1 * x, r0 + r1 * x


def digamma_trigamma(shape: Floats) -> tuple[Floats, Floats]:
    """First two derivatives of ln Gamma for arguments > 0, good to 1e-10.

    Source: recurrence to arguments above 6, then the asymptotic series (Abramowitz and Stegun,
    6.3.5, 6.3.18, 6.4.6, 6.4.12).
    """
    steps = np.arange(6.0)[:, np.newaxis]
    shape = np.atleast_1d(shape)
    inverse = 1.0 / (shape + 6.0)
    square = inverse**2
    digamma = -np.log(inverse) - inverse / 2
    digamma -= square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))
    trigamma = inverse + square / 2
    trigamma += inverse * square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square / 30)))
    return digamma - (1 / (shape + steps)).sum(0), trigamma + ((shape + steps) ** -2).sum(0)


def gumbel_moments(location: Floats, scale: Floats, shape: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation (g/cm2) of the generalised Gumbel distribution.

    <X> = mu + sigma (ln lambda - psi(lambda)), Var = sigma^2 psi_1(lambda). Source:
    De Domenico et al., JCAP 07 (2013) 050.
    """
    digamma, trigamma = digamma_trigamma(shape)
    return location + scale * (np.log(shape) - digamma), scale * np.sqrt(trigamma)


def sample_xmax(
    rng: np.random.Generator, primary: Integers, lg_energy: Floats, model: str
) -> tuple[Floats, Floats]:
    """Draw the depth of maximum (g/cm2), and that depth standardised at its mass and energy.

    Nuclei: generalised Gumbel, as X = mu - sigma ln G with G ~ Gamma(lambda, 1/lambda).
    Photons: an ordinary Gumbel fitted to public CORSIKA/QGSJet photon showers, lgE 18 to 20.5,
    within 8 g/cm2 (data: Herrera et al., Entropy 22 (2020) 998); their standardised depth is 0.
    """
    nucleus = np.maximum(primary, 1)  # photons: any valid mass, their draw is replaced below
    location, scale, shape = gumbel_parameters(nucleus, lg_energy, model)
    mean, spread = gumbel_moments(location, scale, shape)
    xmax = location - scale * np.log(rng.standard_gamma(shape) / shape)

    x = lg_energy - 19.0
    median = 965.6 + 149.1 * x + 54.5 * x**2 + 11.7 * x**3
    half_width = 64.2 + 52.2 * x + 55.9 * x**2  # half the 16-84 % interval
    gumbel = -np.log(rng.standard_exponential(len(primary)))
    # 0.3665 and 1.176: median and half the 16-84 % interval of the standard Gumbel distribution.
    photon_xmax = median + half_width * (gumbel - 0.3665) / 1.176
    is_photon = primary == PHOTON
    return np.where(is_photon, photon_xmax, xmax), np.where(is_photon, 0.0, (xmax - mean) / spread)


def muon_excess(mass: npt.ArrayLike, fe_p_muon_ratio: float) -> Floats:
    """Muons of nuclei with mass A >= 1 over those of protons of the same energy.

    A^(1 - beta'), with the exponent set by the iron/proton ratio. Source: Heitler-Matthews
    (Matthews, Astropart. Phys. 22 (2005) 387).
    """
    factor: Floats = np.asarray(mass, dtype=float) ** (np.log(fe_p_muon_ratio) / np.log(56.0))
    return factor


def muon_spread(mass: npt.ArrayLike) -> Floats:
    """Spread of ln R_mu from shower to shower of nuclei with mass A >= 1: 0.14 A^-0.29.

    Measured on public CORSIKA/QGSJet showers (data: Herrera et al., Entropy 22 (2020) 998).
    """
    spread: Floats = 0.14 * np.asarray(mass, dtype=float) ** -0.29
    return spread


def sample_muon_number(
    rng: np.random.Generator,
    primary: Integers,
    lg_energy: Floats,
    xmax_standardised: Floats,
    fe_p_muon_ratio: float,
) -> Floats:
    """Draw R_mu, the number of muons relative to an average proton shower of 10^19 eV.

    The mean follows Heitler-Matthews, E^beta A^(1 - beta') (Matthews, Astropart. Phys. 22 (2005)
    387), with beta = 0.94 and the mass exponent set by the iron/proton ratio (about 1.4 in
    LHC-tuned models, 1.28 in the CORSIKA set). The spread 0.14 A^-0.29 in ln R_mu and its
    correlation with Xmax were measured on public CORSIKA/QGSJet showers (data: Herrera et al.,
    Entropy 22 (2020) 998); compare Auger Collaboration, PRL 126 (2021) 152002.
    """
    is_photon = primary == PHOTON
    mass = np.maximum(primary, 1).astype(np.float64)
    correlation = np.interp(np.log(mass), CORRELATION_LN_A, MUON_XMAX_CORRELATION)
    spread = np.where(is_photon, PHOTON_MUON_SPREAD, muon_spread(mass))
    correlation = np.where(is_photon, 0.0, correlation)
    independent = rng.standard_normal(len(primary))
    deviation = correlation * xmax_standardised + np.sqrt(1 - correlation**2) * independent
    mean = np.where(is_photon, PHOTON_MUON_FRACTION, muon_excess(mass, fe_p_muon_ratio))
    mean = mean * 10.0 ** (MUON_ENERGY_SLOPE * (lg_energy - 19.0))
    r_mu: Floats = mean * np.exp(spread * deviation)
    return r_mu


def longitudinal_profile(depth: Floats, start: float, peak: float, attenuation: float) -> Floats:
    """Gaisser-Hillas shape of a signal against depth (all g/cm2), 1 at its peak.

    Depths less than 1 g/cm2 behind the start are moved there, so the shape is never negative.
    Source: shower universality, e.g. Schmidt et al., arXiv:0712.3750.
    """
    developed = np.maximum(depth - start, 1.0)
    rise = peak - start
    return (developed / rise) ** (rise / attenuation) * np.exp((rise - developed) / attenuation)


def signals_at_1000_m(
    energy_10: Floats, r_mu: Floats, sec_theta: Floats, xmax: Floats
) -> tuple[Floats, Floats]:
    """Electromagnetic and muonic signal in VEM of a water-Cherenkov station 1000 m from the axis.

    Valid for lgE 18.5 to 20 and zenith up to 60 degrees. The form is that of shower universality
    (Schmidt et al., arXiv:0712.3750; Stadelmaier et al., PRD 110 (2024) 023030). The constants
    are calibrated here so that a p-He-N-Fe mixture gives S38 = 47.7 VEM at 10^19 eV, an
    attenuation like the Pierre Auger Observatory's, and about 0.58 muon fraction at 38 degrees.
    """
    ground = GROUND_DEPTH * sec_theta
    s_em = 28.3 * energy_10 * longitudinal_profile(ground - xmax, -600.0, 120.0, 100.0)
    s_mu = 23.3 * r_mu * longitudinal_profile(ground - 760.0, -900.0, 300.0, 400.0)
    return s_em, s_mu


def ground_particles(
    rng: np.random.Generator, energy_10: Floats, r_mu: Floats, sec_theta: Floats, xmax: Floats
) -> tuple[Floats, Floats]:
    """Draw the total numbers of electromagnetic particles and of muons at the ground.

    Valid for lgE 18 to 20.5 and zenith up to 60 degrees. Fitted to public CORSIKA/QGSJet showers
    (data: Herrera et al., Entropy 22 (2020) 998): N_em / E depends on the depth below Xmax alone
    to about 0.12 in ln; 5.1e7 muons for R_mu = 1 at sec theta = 1.3.
    """
    below = GROUND_DEPTH * sec_theta - xmax
    profile = longitudinal_profile(below, -700.0, 20.0, 70.0)
    n_em = 10.0 * energy_10 * profile * np.exp(22.22 + 0.12 * rng.standard_normal(len(r_mu)))
    s = sec_theta - 1.3
    return n_em, r_mu * np.exp(17.75 - 0.90 * s - 0.5 * s**2 + 0.6 * s**3)


def develop(
    rng: np.random.Generator,
    primary: Integers,
    lg_energy: Floats,
    theta: Floats,
    hadronic_model: str = "QGSJetII-04",
    muon_scale: float = 1.0,
    fe_p_muon_ratio: float = 1.38,
) -> Showers:
    """Develop one shower per primary, energy and zenith angle (radians, up to 60 degrees).

    `muon_scale` multiplies every R_mu: a systematic error, as the muon deficit of simulations
    (WHISP, arXiv:2001.07508).
    """
    xmax, standardised = sample_xmax(rng, primary, lg_energy, hadronic_model)
    r_mu = muon_scale * sample_muon_number(rng, primary, lg_energy, standardised, fe_p_muon_ratio)
    energy_10, sec_theta = 10.0 ** (lg_energy - 19.0), 1.0 / np.cos(theta)
    s_em, s_mu = signals_at_1000_m(energy_10, r_mu, sec_theta, xmax)
    n_em, n_mu = ground_particles(rng, energy_10, r_mu, sec_theta, xmax)
    return Showers(primary, lg_energy, theta, xmax, r_mu, s_em, s_mu, n_em, n_mu)
