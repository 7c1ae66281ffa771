"""Exposure bias, posterior collapse, mode collapse and sampling cost against definitions 9 and reference packages."""

from __future__ import annotations

import contextlib
import io
import math
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from trimtab import Cause, Outcome, TrimtabError, Verdict, generative

RNG = np.random.default_rng


def absorbing_chain(steps: int, rate: float = 0.01) -> tuple[np.ndarray, np.ndarray]:
    return np.full((1, steps), rate), (1 - (1 - rate) ** np.arange(1, steps + 1))[None]


@pytest.mark.parametrize(
    ("length", "error", "percent"), [(10, 0.534, 434), (50, 10.896, 2079), (100, 37.237, 3624), (200, 114.264, 5613)]
)
def test_absorbing_error_chain(length: int, error: float, percent: int) -> None:
    teacher, free = absorbing_chain(length)
    report = generative.exposure_bias(teacher, free)
    assert round(report.accumulated_error, 3) == error
    assert round(100 * report.excess) == percent
    assert report.accumulated_error <= length**2 * 0.01
    assert report.ratio == pytest.approx(report.accumulated_error / 0.01, rel=1e-12)


def test_growth_exponents() -> None:
    steps = np.arange(1, 101.0)
    ones = np.ones((1, 100))
    assert generative.exposure_bias(ones, ones).growth_exponent == pytest.approx(1, abs=1e-12)
    quadratic = generative.exposure_bias(ones, (2 * steps - 1)[None])
    assert quadratic.growth_exponent == pytest.approx(2, abs=1e-12)
    assert not quadratic.is_exponential
    exponential = generative.exposure_bias(ones, np.diff(np.exp(0.1 * np.arange(101)))[None])
    assert exponential.is_exponential


def test_exposure_edges() -> None:
    assert generative.exposure_bias(np.zeros((2, 3)), np.zeros((2, 3))).outcome is Outcome.DEGENERATE
    assert generative.exposure_bias(np.zeros((0, 3)), np.zeros((0, 3))).outcome is Outcome.INSUFFICIENT
    assert generative.exposure_bias([[math.nan]], [[1.0]]).outcome is Outcome.NONFINITE
    single = generative.exposure_bias([[0.5]], [[0.5]])
    assert (single.ratio, single.verdict) == (1, Verdict.HEALTHY)
    diverged = generative.exposure_bias(np.ones((2, 4)), [[1, 1, 1e7, 1], [1, 1, 1, math.nan]])
    assert (diverged.verdict, diverged.cause) == (Verdict.CRITICAL, Cause.EXPOSURE_BIAS)
    assert (diverged.diverged_count, diverged.first_divergence) == (2, 3)
    lost = generative.exposure_bias([[math.nan]], [[math.nan]])
    assert (lost.outcome, lost.cause) == (Outcome.NONFINITE, Cause.NONE)
    with pytest.raises(ValueError, match=r"free_running: found -1, allowed errors of 0 or more"):
        generative.exposure_bias([[1.0]], [[-1.0]])
    with pytest.raises(ValueError, match="lengths: found 3, allowed 0 to 2"):
        generative.exposure_bias(np.ones((1, 2)), np.ones((1, 2)), [3])


def test_sequences_that_end_early_are_averaged_over_those_alive() -> None:
    exposure = generative.ExposureBias().add([[1.0, 1.0], [3.0, 9.0]], [[1.0, 2.0], [3.0, 9.0]], [2, 1])
    first, second = exposure.lengths()
    assert (first.teacher_count, first.free_count, first.step_error) == (2, 2, 2)
    assert (second.free_count, second.step_error, second.accumulated_error) == (1, 1.5, 4)


def test_accumulators_merge_save_and_load() -> None:
    rng = RNG(1)
    teacher, free = rng.random((6, 5)), rng.random((6, 5))
    whole = generative.ExposureBias().add(teacher, free)
    parts = generative.ExposureBias().add(teacher[:2], free[:2])
    parts.merge(pickle.loads(pickle.dumps(generative.ExposureBias().add(teacher[2:], free[2:]))))
    assert np.allclose([row.excess for row in parts.lengths()], [row.excess for row in whole.lengths()], rtol=1e-12)

    means, logs = 1e8 + rng.normal(size=(40, 3)), rng.normal(size=(40, 3))
    both = generative.PosteriorCollapse().add(means[:7], logs[:7])
    both.merge(generative.PosteriorCollapse.load(generative.PosteriorCollapse().add(means[7:], logs[7:]).save()))
    assert np.allclose([one.variance for one in both.dimensions()], means.var(0), rtol=1e-7)

    real, fake = rng.normal(size=(400, 2)), rng.normal(size=(300, 2))
    bins = generative.DataBins(real, bin_count=20)
    other = generative.DataBins.load(bins.save()).add(fake[:100])
    bins.add(fake[100:]).merge(other)
    assert bins.report() == generative.DataBins(real, bin_count=20).add(fake).report()
    with pytest.raises(ValueError, match="allowed those of the same real points"):
        bins.merge(generative.DataBins(real + 1, bin_count=20))

    vendi = (
        generative.VendiScore()
        .add(fake[:100])
        .merge(generative.VendiScore.load(generative.VendiScore().add(fake[100:]).save()))
    )
    assert vendi.report().score == pytest.approx(generative.vendi_score(fake).score, rel=1e-12)
    for kind in (generative.ExposureBias, generative.PosteriorCollapse, generative.DataBins, generative.VendiScore):
        state = bytearray(vendi.save())
        state[40] ^= 1
        with pytest.raises(TrimtabError):
            kind.load(state)


@pytest.mark.parametrize(("variance", "active", "divergence"), [(0.3, 5, 3.6827), (1.0, 3, 1.1309), (3.0, 1, 0.1438)])
def test_linear_posterior(variance: float, active: int, divergence: float) -> None:
    found = generative.linear_posterior([4, 2, 1.2, 0.8, 0.5, 0.1], variance)
    assert (found.active_count, round(found.divergence, 4)) == (active, divergence)
    assert found.each.sum() == pytest.approx(found.divergence, rel=1e-12)


def test_linear_posterior_of_a_beta() -> None:
    values = [4, 2, 1.2, 0.8, 0.5, 0.1]
    assert generative.linear_posterior(values, 0.3, 4).active_count == 2
    assert generative.linear_posterior(values, 0.3, 20).active_count == 0
    with pytest.raises(ValueError, match="beta: found 0"):
        generative.linear_posterior(values, 1, 0)


def test_posterior_of_the_linear_oracle() -> None:
    """Posteriors drawn from the oracle: KL_i = 1/2 ln(lam / s2), Var E z = 1 - s2 / lam."""
    rng = RNG(2)
    ratio = np.array([4, 2, 1.2, 0.9, 0.5])
    kept = np.maximum(1 - 1 / ratio, 0)
    means = rng.normal(size=(8000, 5)) * np.sqrt(kept)
    logs = np.broadcast_to(np.log(1 - kept), means.shape)
    posterior = generative.PosteriorCollapse().add(means, logs)
    report = posterior.report()
    assert (report.active_count, report.collapsed_count, report.disputed_count) == (3, 2, 0)
    assert report.divergence == pytest.approx(0.5 * np.log(ratio[:3]).sum(), abs=0.05)
    assert report.information_bound == pytest.approx(report.divergence, abs=0.01)
    assert np.allclose([one.variance for one in posterior.dimensions()], kept, atol=0.05)


def test_mutual_information_of_a_batch() -> None:
    rng = RNG(3)
    means = rng.normal(size=(600, 1)) * np.sqrt(0.75)
    logs = np.full((600, 1), np.log(0.25))
    draws = means + 0.5 * rng.normal(size=means.shape)
    report = generative.posterior_collapse(means, logs, draws)
    # The channel's information: 1/2 ln 4.
    assert report.information == pytest.approx(math.log(2), abs=0.1)
    kernel = np.exp(-((draws - means.T) ** 2) / 0.5) / math.sqrt(0.25)
    aggregate = np.log(kernel.mean(1)) + 0.5 * draws[:, 0] ** 2
    assert report.information == pytest.approx(report.divergence - aggregate.mean(), rel=1e-9)


def test_posterior_edges() -> None:
    empty = np.zeros((0, 2))
    assert generative.posterior_collapse(empty, empty).outcome is Outcome.INSUFFICIENT
    assert generative.posterior_collapse([[math.nan]], [[0.0]]).outcome is Outcome.NONFINITE
    collapsed = generative.posterior_collapse(np.zeros((9, 2)), np.zeros((9, 2)))
    assert (collapsed.verdict, collapsed.cause) == (Verdict.CRITICAL, Cause.POSTERIOR_COLLAPSE)
    mixed = np.stack([np.linspace(-1, 1, 9), np.zeros(9)], 1)
    assert generative.posterior_collapse(mixed, np.zeros((9, 2))).verdict is Verdict.NOTICE
    assert generative.posterior_collapse(mixed, np.zeros((9, 2)), expected_active_count=2).verdict is Verdict.WARNING
    assert generative.posterior_collapse(mixed, np.zeros((9, 2)), expected_active_count=1).verdict is Verdict.HEALTHY
    with pytest.raises(ValueError, match="log_variances"):
        generative.posterior_collapse(np.zeros((3, 2)), np.zeros((3, 1)))


def test_decoder_sensitivity_sees_what_the_decoder_ignores() -> None:
    latents = RNG(4).normal(size=(200, 3))
    weights = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.5]])
    found = generative.decoder_sensitivities(latents, lambda z: z @ weights)
    assert found[1] == 0
    assert 0.8 < found[0] < 1
    assert 0.3 < found[2] < 0.6
    turned = latents.copy()
    turned[:, 0] = np.roll(turned[:, 0], -100)
    assert found[0] == pytest.approx(generative.decoder_sensitivity(latents @ weights, turned @ weights), rel=1e-12)
    with pytest.raises(ValueError, match="outputs: found the same for all 200 samples, allowed outputs that vary"):
        generative.decoder_sensitivities(latents, lambda z: np.ones((200, 1)))
    with pytest.raises(ValueError, match="found NaN, Inf or squares beyond float64"):
        generative.decoder_sensitivities(latents, lambda z: z * math.nan)
    with pytest.raises(ValueError, match="latents: found NaN or Inf"):
        generative.decoder_sensitivities([[0.0], [math.nan]], lambda z: z)
    with pytest.raises(ValueError, match="latents: found 1 sample, allowed 2 or more"):
        generative.decoder_sensitivities([[0.0]], lambda z: z)
    for answer in (None, "text", [[1.0], [1.0, 2.0]], np.ones((200, 1)) * 1j, [object()] * 200):
        with pytest.raises(TypeError, match=r"decode: found \w+ returned, allowed an array of numbers"):
            generative.decoder_sensitivities(latents, lambda z, answer=answer: answer)

    class StoppedError(Exception):
        pass

    calls = []

    def stop(z: np.ndarray) -> np.ndarray:
        calls.append(1)
        if len(calls) > 2:
            raise StoppedError
        return z

    with pytest.raises(StoppedError):
        generative.decoder_sensitivities(latents, stop)
    with pytest.raises(ValueError, match="decode: found outputs of shape"):
        generative.decoder_sensitivities(latents, lambda z: z[:5])


def test_cures() -> None:
    weights = [generative.annealed_weight(step, 100) for step in range(101)]
    assert weights[:13] == pytest.approx([min(1, step / 12.5) for step in range(13)])
    assert (weights[24], weights[25], weights[100]) == (1, 0, 1)
    loss, slopes = generative.free_bits([[0.1, 2.0], [0.9, 0.2]], 0.5)
    assert loss == pytest.approx((0.5 + 2 + 0.9 + 0.5) / 2)
    assert slopes.tolist() == [[0, 0.5], [0.5, 0]]
    # The mean first would let the first dimension pay for itself.
    assert generative.free_bits([[0.5, 1.1]], 0.5)[0] < loss
    states = np.ones((50, 40))
    noisy = generative.state_noise(states, 7, deviation=0.2, seed=3)
    assert np.array_equal(noisy, generative.state_noise(states, 7, deviation=0.2, seed=3))
    assert (noisy - 1).std() == pytest.approx(0.2, rel=0.05)
    assert np.array_equal(generative.state_noise(states, 0, ramp_steps=10), states)
    with pytest.raises(ValueError, match="cycles: found 0"):
        generative.annealed_weight(0, 10, cycles=0)
    with pytest.raises(ValueError, match="deviation: found -1"):
        generative.state_noise(states, 0, deviation=-1)


def test_expected_coverage_and_density_under_the_null() -> None:
    assert round(generative.expected_coverage(500, 100, 3), 5) == 0.42246
    assert generative.expected_coverage(10**9, 10**9, 5) == pytest.approx(0.96875, abs=1e-8)
    rng = RNG(5)
    found = [
        generative.sample_coverage(rng.normal(size=(500, 2)), rng.normal(size=(100, 2)), neighbours=3, bin_count=0)
        for _ in range(60)
    ]
    assert np.mean([one.coverage for one in found]) == pytest.approx(0.42246, abs=0.02)
    assert np.mean([one.density for one in found]) == pytest.approx(1, abs=0.05)
    with pytest.raises(ValueError, match="real: found 3, allowed more than neighbours, 3"):
        generative.expected_coverage(3, 3, 3)


@pytest.mark.parametrize(("width", "k", "shift"), [(1, 1, 0.0), (2, 5, 0.3), (7, 5, 0.5), (33, 3, 0.1), (200, 5, 0.0)])
def test_coverage_is_that_of_prdc(width: int, k: int, shift: float) -> None:
    prdc = pytest.importorskip("prdc")
    rng = RNG(width)
    real, fake = rng.normal(size=(300, width)), rng.normal(size=(250, width)) + shift
    with contextlib.redirect_stdout(io.StringIO()):
        reference = prdc.compute_prdc(real, fake, k)
    found = generative.sample_coverage(real, fake, neighbours=k)
    for name, value in reference.items():
        assert getattr(found, name) == pytest.approx(value, abs=1e-9), name


def test_coverage_of_thousands_is_that_of_prdc() -> None:
    prdc = pytest.importorskip("prdc")
    rng = RNG(2027)
    real, fake = rng.normal(size=(2000, 16)), rng.normal(size=(1500, 16))
    with contextlib.redirect_stdout(io.StringIO()):
        reference = prdc.compute_prdc(real, fake, 5)
    found = generative.sample_coverage(real, fake, bin_count=0)
    for name, value in reference.items():
        assert getattr(found, name) == pytest.approx(value, abs=1e-9), name


def eight_gaussians(count: int, modes: list[int], deviation: float, rng: np.random.Generator) -> np.ndarray:
    angles = np.arange(8) * np.pi / 4
    centres = 2 * np.stack([np.cos(angles), np.sin(angles)], 1)
    samples: np.ndarray = centres[rng.choice(modes, count)] + deviation * rng.normal(size=(count, 2))
    return samples


def test_gate_sees_what_recall_and_vendi_do_not() -> None:
    rng = RNG(7)
    all_modes = list(range(8))
    real = eight_gaussians(1000, all_modes, 0.02, rng)
    angles = np.arange(8) * np.pi / 4
    centres = 2 * np.stack([np.cos(angles), np.sin(angles)], 1)

    def judge(fake: np.ndarray) -> generative.CoverageReport:
        return generative.sample_coverage(real, fake, centres, mode_deviation=0.02)

    full = judge(eight_gaussians(1000, all_modes, 0.02, rng))
    assert (full.verdict, full.captured_mode_count) == (Verdict.HEALTHY, 8)
    assert full.bin_share < 0.2
    four = judge(eight_gaussians(1000, [0, 2, 4, 6], 0.02, rng))
    assert (four.cause, four.captured_mode_count) == (Cause.MODE_COLLAPSE, 4)
    assert four.bin_share > 0.5
    one = judge(eight_gaussians(1000, [0], 0.02, rng))
    assert (one.cause, one.verdict) == (Cause.MODE_COLLAPSE, Verdict.CRITICAL)
    memorised = judge(real[rng.integers(0, 20, 1000)])
    assert memorised.cause is Cause.MODE_COLLAPSE
    assert memorised.recall == 0
    blurred = judge(eight_gaussians(1000, all_modes, 0.17, rng))
    assert blurred.cause is Cause.BLURRED_SAMPLES
    assert blurred.recall > 0.99


def test_coverage_edges() -> None:
    rng = RNG(8)
    points = rng.normal(size=(50, 2))
    constant = generative.sample_coverage(np.ones((50, 2)), np.ones((50, 2)))
    assert constant.outcome is Outcome.DEGENERATE
    assert (constant.precision, constant.recall, constant.density, constant.coverage) == (0, 0, 0, 0)
    assert generative.sample_coverage(points[:6], points).outcome is Outcome.INSUFFICIENT
    assert generative.sample_coverage(points, points * math.nan).outcome is Outcome.NONFINITE
    spoilt = points.copy()
    spoilt[0, 0] = math.inf
    assert generative.sample_coverage(points, spoilt).nonfinite_count == 1
    with pytest.raises(ValueError, match="fake: found points of 1 numbers, allowed 2"):
        generative.sample_coverage(points, points[:, :1])
    with pytest.raises(ValueError, match=r"options.neighbours: found 0"):
        generative.sample_coverage(points, points, neighbours=0)
    with pytest.raises(ValueError, match=r"options.mode_deviation: found 0"):
        generative.sample_coverage(points, points, points[:1])


def test_bins_under_the_null_differ_as_often_as_the_test_is_wrong() -> None:
    rng = RNG(9)
    shares = []
    for _ in range(10):
        bins = generative.DataBins(rng.normal(size=(2000, 2)))
        shares.append(bins.add(rng.normal(size=(2000, 2))).report().share)
    assert 0.02 < np.mean(shares) < 0.12
    assert generative.DataBins(rng.normal(size=(30, 1))).report().outcome is Outcome.INSUFFICIENT


def test_bins_cluster_about_as_well_as_scikit_learn() -> None:
    cluster = pytest.importorskip("sklearn.cluster")
    rng = RNG(10)
    points = eight_gaussians(800, list(range(8)), 0.1, rng)
    bins = generative.DataBins(points, bin_count=8)
    centres = np.frombuffer(bins.save()[32 + 32 :], dtype=np.float64, count=16).reshape(8, 2)
    own = ((points[:, None] - centres) ** 2).sum(-1).min(1).sum()
    best = cluster.KMeans(8, n_init=10, random_state=0).fit(points).inertia_
    assert own < 3 * 8 * best


def test_birthday() -> None:
    assert round(generative.birthday_probability(365, 23), 7) == 0.5072972
    size = 10**6
    assert generative.birthday_probability(size, round(1.1774 * math.sqrt(size))) == pytest.approx(0.5, abs=1e-3)
    assert generative.birthday_probability(3, 4) == 1
    rng = RNG(11)
    pairs = np.mean([generative.birthday(rng.integers(0, 500, 60)).pair_count for _ in range(2000)])
    assert 60 * 59 / 2 / pairs == pytest.approx(500, rel=0.03)
    none = generative.birthday(np.arange(10))
    assert (none.outcome, none.support) == (Outcome.INSUFFICIENT, math.inf)
    assert none.least_support == pytest.approx(45 / 2.9957, rel=0.02)
    assert generative.birthday([0.0, 0.4, 2.0], 0.5).pair_count == 1


def test_vendi_score() -> None:
    assert generative.vendi_score_of_kernel(np.eye(7)).score == pytest.approx(7, rel=1e-12)
    assert generative.vendi_score_of_kernel(np.ones((5, 5))).score == pytest.approx(1, rel=1e-12)
    assert generative.vendi_score_of_kernel(np.kron(np.eye(2), np.ones((4, 4)))).score == pytest.approx(2, rel=1e-12)
    assert generative.vendi_score(np.ones((5, 3))).score == pytest.approx(1, rel=1e-9)
    zeros = generative.vendi_score(np.zeros((5, 3)))
    assert (zeros.outcome, zeros.unusable_count) == (Outcome.INSUFFICIENT, 5)
    with pytest.raises(ValueError, match="kernel: found 2 on its diagonal at 0, allowed 1"):
        generative.vendi_score_of_kernel(2 * np.eye(3))


def test_what_is_no_kernel_is_refused() -> None:
    kernel = np.eye(3)
    kernel[2, 1], kernel[1, 2] = 0.5, 0.25
    with pytest.raises(
        ValueError, match=r"kernel: found 0.5 at \[2, 1\] and 0.25 across the diagonal, allowed the same"
    ):
        generative.vendi_score_of_kernel(kernel)
    kernel[2, 1] = kernel[1, 2] = -1.5
    with pytest.raises(ValueError, match=r"kernel: found -1.5 at \[2, 1\], allowed -1 to 1"):
        generative.vendi_score_of_kernel(kernel)
    # Three samples cannot be each other's opposites.
    with pytest.raises(ValueError, match=r"kernel: found an eigenvalue of -0\.8, allowed 0 or more"):
        generative.vendi_score_of_kernel(np.eye(3) * 1.9 - 0.9)
    kernel[2, 1], kernel[1, 2] = 0.5, math.nan
    report = generative.vendi_score_of_kernel(kernel)
    assert (report.outcome, str(report)) == (Outcome.NONFINITE, "VendiReport: nonfinite: NaN or Inf in the kernel")
    # What float32 makes of a kernel is taken.
    units = RNG(3).normal(size=(60, 400)).astype(np.float32)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    single = np.array([[np.add.reduce(a * b) for b in units] for a in units])
    single[np.tril_indices(60)] = (units @ units.T)[np.tril_indices(60)]
    assert (single != single.T).any()
    expected = generative.vendi_score(units.astype(np.float64)).score
    assert generative.vendi_score_of_kernel(single).score == pytest.approx(expected, rel=1e-5)
    assert generative.vendi_score_of_kernel(single.astype(np.float64)).score == pytest.approx(expected, rel=1e-5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_vendi_score_is_the_package_s() -> None:
    vendi = pytest.importorskip("vendi_score.vendi")
    rng = RNG(12)
    for shape in ((200, 5), (6, 40), (50, 50)):
        samples = rng.normal(size=shape)
        assert generative.vendi_score(samples).score == pytest.approx(vendi.score_X(samples), abs=1e-9)
        distances = ((samples[:, None] - samples[None]) ** 2).sum(-1)
        reference = vendi.score_K(np.exp(-distances / (2 * 3.0**2)))
        assert generative.vendi_score(samples, 3.0).score == pytest.approx(reference, abs=1e-9)


def test_sampling_cost_of_the_definitions_curve() -> None:
    evaluations = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1000]
    distances = [1.983, 1.974, 0.602, 0.114, 0.056, 0.030, 0.017, 0.011, 0.008, 0.0067]
    report = generative.sampling_cost(evaluations[::-1], distances[::-1])
    assert (report.least_evaluations, report.verdict) == (256, Verdict.HEALTHY)
    assert report.order == pytest.approx(0.93, abs=0.15)
    floored = generative.sampling_cost(evaluations, distances, noise_floor=0.023, evaluations_in_use=16)
    assert (floored.least_evaluations, floored.verdict) == (64, Verdict.WARNING)
    assert floored.cause is Cause.TOO_FEW_STEPS
    assert generative.sampling_cost([4, 8], [2.0, 1.0]).verdict is Verdict.NOTICE
    assert generative.sampling_cost([4], [1.0]).outcome is Outcome.INSUFFICIENT
    assert generative.sampling_cost([4, 8], [1.0, math.inf]).outcome is Outcome.NONFINITE
    with pytest.raises(ValueError, match="evaluations: found 4 twice"):
        generative.sampling_cost([4, 4], [1.0, 1.0])
    with pytest.raises(ValueError, match=r"options.evaluations_in_use: found 5"):
        generative.sampling_cost([4, 8], [1.0, 1.0], evaluations_in_use=5)


def test_wasserstein_distance_is_scipy_s() -> None:
    rng = RNG(13)
    for n, m in ((1, 1), (100, 100), (100, 77), (3, 1000)):
        a, b = rng.normal(size=n), rng.integers(-2, 3, size=m) * 0.5
        assert generative.wasserstein_distance(a, b) == pytest.approx(wasserstein_distance(a, b), abs=1e-12)
    with pytest.raises(ValueError, match="b: found"):
        generative.wasserstein_distance([1.0], [math.nan])


def test_reports_say_what_they_found() -> None:
    teacher, free = absorbing_chain(20)
    assert "exposure_bias" in repr(generative.exposure_bias(teacher, free))
    assert "coverage" in repr(generative.sample_coverage(RNG(0).normal(size=(60, 2)), RNG(1).normal(size=(60, 2))))
    assert "active" in repr(generative.posterior_collapse(np.zeros((9, 2)), np.zeros((9, 2))))
    assert "alike" in repr(generative.birthday([1, 1, 2]))
    assert "evaluations" in repr(generative.sampling_cost([1, 2], [1.0, 0.9]))


NONE, ONE = np.zeros((0, 2)), np.ones((1, 2))
CONSTANT, NANS = np.ones((30, 2)), np.full((30, 2), math.nan)
POINTS = RNG(20).normal(size=(30, 2))


@pytest.mark.parametrize("samples", [NONE, ONE, CONSTANT, NANS, POINTS, POINTS[:6]])
@pytest.mark.parametrize("neighbours", [1, 5, 29, 30, 1000])
def test_no_report_takes_nan_for_a_measurement(samples: np.ndarray, neighbours: int) -> None:
    bins = generative.DataBins(POINTS)
    reports = [
        generative.exposure_bias(abs(samples), abs(samples)),
        generative.exposure_bias(abs(samples) * 0, np.ones(samples.shape)),
        generative.exposure_bias(np.ones(samples.shape), abs(samples) * (math.inf if len(samples) == 30 else 1)),
        generative.posterior_collapse(samples, samples * 0),
        generative.posterior_collapse(samples[:, :0], samples[:, :0]),
        generative.sample_coverage(samples, POINTS, neighbours=neighbours),
        generative.sample_coverage(POINTS, samples, neighbours=neighbours),
        generative.sample_coverage(samples, samples, neighbours=neighbours),
        generative.birthday(samples),
        generative.vendi_score(samples),
        generative.vendi_score(samples, 1.0),
        generative.vendi_score_of_kernel(np.ones((len(samples), len(samples))) + 0 * samples[:, :1]),
        generative.VendiScore().add(samples).report(),
        bins.add(samples).report(),
        generative.sampling_cost(np.arange(1, len(samples) + 1), abs(samples[:, 0])),
    ]
    for report in reports:
        text = str(report)
        assert "nan" not in text.lower().replace("nan or inf", ""), text
        assert report.outcome is Outcome.OK or report.outcome.value in text, text
        if report.outcome is Outcome.OK and "BirthdayReport" not in text:
            name = next(
                one
                for one in ("excess", "divergence", "coverage", "score", "share", "least_evaluations")
                if hasattr(report, one)
            )
            assert math.isfinite(getattr(report, name)) or getattr(report, "diverged_count", 0), text
        if report.outcome is not Outcome.OK:
            assert getattr(report, "verdict", Verdict.UNKNOWN) is Verdict.UNKNOWN, text


def test_reports_say_why_nothing_was_told() -> None:
    assert str(generative.birthday([])) == "BirthdayReport: insufficient: 0 samples, two or more are needed"
    assert str(generative.birthday([1, 2, 3])).startswith("BirthdayReport: insufficient: no pair alike among 3 samples")
    exposure = str(generative.exposure_bias([[0.0]], [[1.0]]))
    assert "unknown, degenerate: steps with true prefixes have no error to length 1" in exposure
    few = generative.sample_coverage(POINTS, POINTS, neighbours=30)
    assert (few.outcome, few.cause) == (Outcome.INSUFFICIENT, Cause.FEWER_SAMPLES_THAN_NEIGHBOURS)
    assert "fewer samples than neighbours" in str(few)
    assert "fewer samples than neighbours" in few.cause_text
    assert "two or more are needed" in str(generative.posterior_collapse(ONE, ONE))
    assert "not finite" in str(generative.sampling_cost([1, 2], [1.0, math.nan]))


def test_few_bins_raise_no_alarm_by_chance() -> None:
    """With 30 real samples there are three bins, of which one differs in every tenth sample of the same law."""
    random = np.random.default_rng(30)
    reports = [
        generative.sample_coverage(random.normal(size=(30, 4)), random.normal(size=(int(count), 4)))
        for count in random.integers(20, 300, size=300)
    ]
    assert max(report.bin_share for report in reports) > 0.3
    assert sum(report.cause is Cause.MODE_COLLAPSE for report in reports) <= 3
    far = generative.sample_coverage(random.normal(size=(60, 1)), 0.1 + random.random(size=(2000, 1)), bin_count=6)
    assert far.bin_share > 0.5
    assert far.verdict >= Verdict.WARNING


def test_the_peptide_example_runs() -> None:
    pytest.importorskip("modlamp")
    example = Path(__file__).resolve().parents[3] / "examples" / "python" / "peptides.py"
    run = subprocess.run(
        [sys.executable, str(example), "--steps", "5"], check=True, capture_output=True, text=True, timeout=120
    )
    assert "1850 peptides" in run.stdout
    assert "exposure bias: ExposureReport" in run.stdout
    assert run.stdout.count("CoverageReport") == 2


def test_birthdays_of_large_counts_take_no_time() -> None:
    assert generative.birthday_probability(10**12, 10**9) == 1
    # 1 - exp(-s^2 / 2 N) with s = 2 * 10^6 and N = 2 * 10^12, the next term 3e-7 of the exponent.
    found = generative.birthday_probability(2 * 10**12, 2 * 10**6)
    assert found == pytest.approx(1 - math.exp(-(2e6 * (2e6 - 1) / 4e12 + 8e18 / 6 / 4e24 / 2 * 2)), abs=1e-9)
    exact = generative.birthday_probability(10**12, 10**6)
    assert generative.birthday_probability(10**12, 10**6 + 1) == pytest.approx(exact, abs=1e-6)
