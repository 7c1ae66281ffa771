"""Overlap by resolution, the generator's signal and the curriculum: the oracles of the definitions, SciPy, sklearn."""

from __future__ import annotations

import math

import numpy as np
import pytest

import trimtab
from trimtab import Cause, Curriculum, GeneratorSignal, Outcome, Verdict, block_average, overlap, overlap_by_resolution


def normal_tail(x: float) -> float:
    return 0.5 * math.erfc(x / math.sqrt(2))


@pytest.mark.parametrize(("shift", "expected"), [(0.5, 0.8026), (1, 0.6171), (2, 0.3173), (4, 0.0455)])
def test_overlap_of_a_gaussian_shift(shift: float, expected: float) -> None:
    numbers = np.random.default_rng(1)
    real, fake = numbers.normal(size=(20000, 1)), numbers.normal(size=(20000, 1)) + shift
    report = overlap(real, fake, paired_sample_count=50)
    assert 2 * normal_tail(shift / 2) == pytest.approx(expected, abs=5e-5)
    # Four deviations of an accuracy on 20000.
    assert report.overlap == pytest.approx(expected, abs=4 / math.sqrt(20000))
    assert report.z == pytest.approx((report.accuracy - 0.5) * 2 * math.sqrt(20000))
    warns = expected < 0.1
    assert (report.verdict, report.cause) == (
        (Verdict.WARNING, Cause.NO_OVERLAP) if warns else (Verdict.HEALTHY, Cause.NONE)
    )


def test_distances_of_the_oracles() -> None:
    assert overlap([0.0, 1, 3], [5.0, 6, 8]).sliced_wasserstein == pytest.approx(5, abs=1e-12)
    # SciPy's energy distance is the root.
    assert math.sqrt(overlap([0.0, 0], [2.0, 2]).energy_distance) == pytest.approx(2, abs=1e-12)
    weighted = overlap([0.0, 0, 0, 8], [0.0, 0, 8, 8])
    assert math.sqrt(weighted.energy_distance) == pytest.approx(1, abs=1e-12)
    assert weighted.outcome is Outcome.INSUFFICIENT
    assert math.isnan(weighted.overlap)


def test_distances_are_those_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    numbers = np.random.default_rng(2)
    real, fake = numbers.normal(size=300), np.round(numbers.normal(1, 2, size=411), 1)
    report = overlap(real, fake, paired_sample_count=0)
    assert report.sliced_wasserstein == pytest.approx(stats.wasserstein_distance(real, fake), rel=1e-9)
    assert report.energy_distance == pytest.approx(stats.energy_distance(real, fake) ** 2, rel=1e-9)


def test_maximum_mean_discrepancy_by_hand() -> None:
    numbers = np.random.default_rng(3)
    real, fake = numbers.normal(size=(40, 3)), numbers.normal(0.5, 1, size=(60, 3))
    report = overlap(real, fake)
    pooled = np.concatenate([real, fake])
    distances = np.linalg.norm(pooled[:, None] - pooled[None], axis=-1)
    bandwidth = np.median(distances[np.triu_indices(100, 1)])
    kernel = np.exp(-(distances**2) / (2 * bandwidth**2))
    within = kernel[:40, :40].sum() - 40
    between = kernel[40:, 40:].sum() - 60
    expected = within / (40 * 39) + between / (60 * 59) - 2 * kernel[:40, 40:].mean()
    assert report.bandwidth == pytest.approx(bandwidth, rel=1e-9)
    assert report.maximum_mean_discrepancy == pytest.approx(expected, rel=1e-9)
    energy = 2 * distances[:40, 40:].mean() - distances[:40, :40].mean() - distances[40:, 40:].mean()
    assert report.energy_distance == pytest.approx(energy, rel=1e-9)


def test_alike_and_identical_samples_overlap() -> None:
    numbers = np.random.default_rng(4)
    real = numbers.normal(size=(400, 8))
    same = overlap(real, real)
    assert same.overlap > 0.85
    assert abs(overlap(real, numbers.normal(size=(300, 8))).z) < 4
    constant = overlap(np.ones((200, 2)), np.ones((200, 2)))
    assert constant.outcome is Outcome.DEGENERATE


def test_overlap_does_not_grow_with_the_resolution() -> None:
    numbers = np.random.default_rng(5)
    real, fake = numbers.normal(size=(1500, 16)), numbers.normal(size=(1500, 16))
    fake[:, ::2] += 0.9
    fake[:, 1::2] -= 0.9
    found = overlap_by_resolution(real, fake, [16, 4, 1], paired_sample_count=50)
    assert list(found) == [1, 4, 16]
    assert found[1].overlap > 0.9
    assert found[4].overlap > 0.9
    assert found[16].overlap < 0.1


def test_block_averages() -> None:
    images = np.arange(2 * 4 * 4 * 3, dtype=np.float64).reshape(2, 4, 4, 3)
    expected = images.reshape(2, 2, 2, 2, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(block_average(images, 2), expected, rtol=1e-15)
    np.testing.assert_allclose(block_average(images[..., 0], 1), images[..., 0].mean((1, 2))[:, None, None], rtol=1e-14)
    np.testing.assert_allclose(block_average(images.reshape(2, 48), 4), images.reshape(2, 4, 12).mean(2), rtol=1e-14)
    with pytest.raises(trimtab.TrimtabError, match="resolution: found 3 for samples of 4 positions, allowed a divisor"):
        block_average(images, 3)


@pytest.mark.parametrize(
    ("shift", "mean", "saturating", "other"),
    [(1, 0.398, 0.398, 0.602), (4, 0.034, 0.138, 3.86), (8, 3.9e-5, 3.2e-4, 8)],
)
def test_signal_of_an_optimal_discriminator(shift: int, mean: float, saturating: float, other: float) -> None:
    stats = pytest.importorskip("scipy.stats")
    integrate = pytest.importorskip("scipy.integrate")
    grid = stats.norm.ppf((np.arange(400001) + 0.5) / 400001)
    real, fake = shift**2 / 2 - shift * grid, -(shift**2) / 2 - shift * grid
    parts = [
        GeneratorSignal().add(half, other_half, np.full(len(other_half), float(shift)))
        for half, other_half in zip(np.array_split(real, 3), np.array_split(fake, 3), strict=True)
    ]
    report = parts[0].merge(parts[1]).merge(GeneratorSignal.load(parts[2].save())).report()
    exact, _ = integrate.quad(
        lambda x: stats.norm.pdf(x) / (1 + math.exp(shift**2 / 2 + shift * x)), -12, 12, limit=400, epsabs=1e-14
    )
    assert report.mean_discriminator == pytest.approx(exact, rel=1e-3)
    assert report.saturating == pytest.approx(shift * exact, rel=1e-3)
    assert report.non_saturating == pytest.approx(shift * (1 - exact), rel=1e-6)
    # The definitions' numbers are of random draws: at a shift of 8 one in 20000 carries the signal.
    loose = 0.3 if shift == 8 else 0.015
    assert report.mean_discriminator == pytest.approx(mean, rel=loose)
    assert report.saturating == pytest.approx(saturating, rel=loose)
    assert report.non_saturating == pytest.approx(other, rel=2e-3)
    assert report.overlap == pytest.approx(2 * normal_tail(shift / 2), abs=1e-4)


def test_signal_edges() -> None:
    empty = GeneratorSignal().report()
    assert empty.outcome is Outcome.INSUFFICIENT
    assert math.isnan(empty.saturating)
    assert GeneratorSignal().add(fake=[math.nan]).report().outcome is Outcome.NONFINITE
    extreme = GeneratorSignal().add(real=[800.0] * 50, fake=[-800.0] * 50).report()
    assert (extreme.accuracy, extreme.overlap, extreme.saturating, extreme.non_saturating) == (1, 0, 0, 1)
    assert extreme.verdict is Verdict.WARNING
    with pytest.raises(trimtab.TrimtabError, match="slopes: found -1 at index 1, allowed 0 or more"):
        GeneratorSignal().add(fake=[0.0, 0.0], slopes=[1.0, -1.0])
    with pytest.raises(trimtab.TrimtabError, match="slopes: found 1 elements, allowed 2 as fake"):
        GeneratorSignal().add(fake=[0.0, 0.0], slopes=[1.0])


def test_classifier_is_that_of_sklearn() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    numbers = np.random.default_rng(6)
    real, fake = numbers.normal(size=(400, 5)), numbers.normal(0.3, 1.2, size=(300, 5))
    reports = [overlap(real, fake, features="given", seed=seed) for seed in range(8)]
    # Not the same split: the means over eight agree within their noise.
    accuracies = []
    for seed in range(8):
        order = np.random.default_rng(seed)
        a, b = order.permutation(400), order.permutation(300)
        train = np.concatenate([real[a[200:]], fake[b[150:]]])
        centre, scale = train.mean(0), train.std(0)
        model = linear.LogisticRegression(C=1 / (1e-2 * len(train)), class_weight="balanced").fit(
            (train - centre) / scale, [1] * 200 + [0] * 150
        )
        hits = model.predict((np.concatenate([real[a[:200]], fake[b[:150]]]) - centre) / scale)
        accuracies.append((hits[:200].mean() + 1 - hits[200:].mean()) / 2)
    assert np.mean([one.accuracy for one in reports]) == pytest.approx(np.mean(accuracies), abs=0.03)


def test_curriculum_stays_grows_and_fades() -> None:
    curriculum = Curriculum(level_count=2, patience=2)
    assert curriculum.audit(100, 0.9, False).decision == "stay"  # No plateau.
    assert curriculum.audit(100, 0.6, True).good_audit_count == 1
    assert curriculum.audit(100, 0.3, True).good_audit_count == 0
    assert curriculum.audit(100, math.nan, True).good_audit_count == 0
    assert curriculum.audit(100, 0.6, True).decision == "stay"
    grown = curriculum.audit(100, 0.6, True)
    assert (grown.decision, grown.level, grown.fade_weight, grown.is_complete) == ("grow", 1, 0, False)
    # The level took 600 images, so the next one fades in over as many.
    fading = curriculum.audit(300, 0.1, False)
    assert (fading.decision, fading.fade_weight) == ("fade", 0.5)
    copy = Curriculum.load(curriculum.save())
    for one in (curriculum, copy):
        done = one.audit(300, 0.1, False)
        assert (done.decision, done.fade_weight, done.is_complete) == ("stay", 1, True)
    assert curriculum.state() == copy.state()
    assert curriculum.audit(1, 1.0, True).level == 1


def test_curriculum_never_grows_without_overlap() -> None:
    curriculum = Curriculum(level_count=3, patience=1, grow_overlap=0.0)
    assert curriculum.audit(1, 0.19, True).decision == "stay"
    assert curriculum.audit(1, 0.2, True).decision == "grow"


def test_refusals_name_what_was_found() -> None:
    with pytest.raises(trimtab.TrimtabError, match="images: found 0, allowed 1 or more"):
        Curriculum(level_count=2).audit(0, 0.5, True)
    with pytest.raises(trimtab.TrimtabError, match=r"overlap: found 1.5, allowed 0 to 1"):
        Curriculum(level_count=2).audit(1, 1.5, True)
    with pytest.raises(trimtab.TrimtabError, match=r"options.level_count: found 0, allowed 1 to 64"):
        Curriculum(level_count=0)
    with pytest.raises(trimtab.TrimtabError, match="resolution: found 3 for real of 8 positions"):
        overlap(np.ones((9, 8)), np.ones((9, 8)), resolution=3)
    with pytest.raises(trimtab.TrimtabError, match="fake: found extent 7 on axis 1, allowed 8 as real"):
        overlap(np.ones((9, 8)), np.ones((9, 7)))
    with pytest.raises(trimtab.TrimtabError, match="seed: found -1"):
        overlap(np.ones((9, 8)), np.ones((9, 8)), seed=-1)
    few = overlap(np.ones((1, 8)), np.ones((9, 8)))
    assert few.outcome is Outcome.INSUFFICIENT
    assert math.isnan(few.energy_distance)
    lost = overlap(np.full((60, 2), math.nan), np.ones((60, 2)))
    assert (lost.outcome, lost.nonfinite_count) == (Outcome.NONFINITE, 60)


@pytest.mark.parametrize("scale", [2.0**-900, 2.0**-400, 2.0**400, 2.0**900])
def test_overlap_does_not_depend_on_the_unit(scale: float) -> None:
    """A power of two changes no digit, whatever squares do."""
    random = np.random.default_rng(1)
    real, fake = random.normal(size=(600, 2)), random.normal((2, 0), size=(600, 2))
    plain, scaled = overlap(real, fake), overlap(real * scale, fake * scale)
    assert (scaled.overlap, scaled.verdict) == (plain.overlap, plain.verdict)
    assert scaled.energy_distance == pytest.approx(plain.energy_distance * scale, rel=1e-12)
