"""Losses of two parts and games, against closed forms, NumPy, SciPy and PyTorch."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from trimtab import Cause, GradientBalance, Outcome, Trainer, Verdict, gradient_balance, layers, objective_derivatives
from trimtab.objectives import (
    adaptive_weight,
    balance_losses,
    blur,
    game_stability,
    gradient_penalty,
    interpolates,
    project_conflicts,
    r1_penalty,
)


def test_optima_of_the_two_losses():
    """y in {-1, 1} with p = .4 and .6: the L2 optimum is the mean, .2, the L1 optimum the median, 1."""
    numbers = np.random.default_rng(0)
    y = np.where(numbers.random(20000) < 0.4, -1.0, 1.0)
    found = {}
    for loss in ("squared", "absolute"):
        trainer = Trainer(
            [layers.Dense(1, initialiser="constant", gain=0.0)],
            (1,),
            loss=loss,
            optimizer="adam",
            learning_rate=0.01,
            precision="float64",
        )
        for _ in range(400):
            trainer.step(np.zeros((len(y), 1)), y[:, None])
        found[loss] = trainer.predict(np.zeros((1, 1))).item()
    assert found["squared"] == pytest.approx(y.mean(), abs=1e-3)
    assert y.mean() == pytest.approx(0.2, abs=0.02)
    assert found["absolute"] == pytest.approx(1.0, abs=0.02)


def test_balance_of_minibatches():
    numbers = np.random.default_rng(1)
    p, a = numbers.normal(size=(20, 7)), numbers.normal(size=(20, 7))
    stream = GradientBalance(adversarial_weight=0.5)
    for first, second in zip(p, a, strict=True):
        stream.add(first, second.astype(np.float32))
    a = a.astype(np.float32).astype(np.float64)
    report = stream.report()
    cosines = (p * a).sum(1) / np.linalg.norm(p, axis=1) / np.linalg.norm(a, axis=1)
    assert report.ratio == pytest.approx(0.5 * np.linalg.norm(a) / np.linalg.norm(p), rel=1e-12)
    assert report.mean_cosine == pytest.approx(cosines.mean(), rel=1e-12)
    assert report.cosine == pytest.approx((p * a).sum() / np.linalg.norm(p) / np.linalg.norm(a), rel=1e-12)
    assert report.conflict_share == (cosines < 0).mean()
    assert report.count == 20
    assert GradientBalance.load(stream.save()).report() == report
    half = GradientBalance(adversarial_weight=0.5)
    for first, second in zip(p, a, strict=True):
        half.merge(GradientBalance(adversarial_weight=0.5).add(first, second))
    assert half.report().ratio == pytest.approx(report.ratio, rel=1e-12)
    assert "20 minibatches" in repr(report)


def test_balance_without_a_signal():
    assert gradient_balance([1.0], [0.0]).cause is Cause.NO_ADVERSARIAL_SIGNAL
    silent = gradient_balance([0.0], [1.0])
    assert silent.ratio == 1e4
    assert silent.cause is Cause.NO_PIXEL_SIGNAL
    assert gradient_balance([0.0], [0.0]).outcome is Outcome.DEGENERATE
    assert GradientBalance().report().outcome is Outcome.INSUFFICIENT
    assert gradient_balance([np.nan], [1.0]).outcome is Outcome.NONFINITE
    with pytest.raises(ValueError, match="adversarial: found 2"):
        gradient_balance([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="least_ratio"):
        gradient_balance([1.0], [1.0], least_ratio=3.0)


def test_adaptive_weight_is_vqgan():
    """taming-transformers: clamp(|nll| / (|g| + 1e-4), 0, 1e4) * disc_weight."""
    for nll, g, weight in ((0.3, 2.0, 0.8), (1e3, 1e-9, 1.0), (0.0, 1.0, 1.0)):
        assert adaptive_weight(nll, g, weight) == min(max(nll / (g + 1e-4), 0), 1e4) * weight
    assert adaptive_weight(1, 1, step=9, start=10) == 0


def _pcgrad(gradients):
    out = [g.copy() for g in gradients]
    for i, g in enumerate(out):
        for j, other in enumerate(gradients):
            if j != i and g @ other < 0:
                g -= (g @ other) / (other @ other) * other
    return out


def test_projection():
    first, second = np.array([1.0, 0.0]), np.array([-1.0, 1.0])
    assert first @ second / np.linalg.norm(second) == pytest.approx(-0.70711, abs=5e-6)
    assert project_conflicts([first, second]) == 2
    assert first.tolist() == [0.5, 0.5]
    assert second.tolist() == [0.0, 1.0]
    assert (first + second).tolist() == [0.5, 1.5]
    numbers = np.random.default_rng(2)
    for seed in range(10):
        given = [numbers.normal(size=(30, 7)) for _ in range(2)]
        given[1] -= given[0]
        wanted = _pcgrad([g.ravel() for g in given])
        project_conflicts(given, seed)
        for found, expected in zip(given, wanted, strict=True):
            assert found.ravel() == pytest.approx(expected, abs=1e-12)
    several = [numbers.normal(size=5) for _ in range(6)]
    before = copy.deepcopy(several)
    assert project_conflicts(several, 3) > 0
    # What is left lies in the span, and each one's last projection met no conflict.
    assert np.linalg.matrix_rank(np.array(several + before)) == 5
    with pytest.raises(ValueError, match="memory of another"):
        project_conflicts([first, first])
    with pytest.raises(ValueError, match="NaN"):
        project_conflicts([first, np.array([np.nan, 1.0])])


def test_gradnorm():
    found = balance_losses([1.0, 1.0], [1.0, 3.0], [1.0, 0.5], [1.0, 1.0])
    assert found.targets == pytest.approx(2 * np.array([1 / 0.75, 0.5 / 0.75]) ** 1.5, rel=1e-13)
    moved = np.array([1 + 0.025, 1 - 0.075])
    assert found.weights == pytest.approx(moved * 2 / moved.sum(), rel=1e-13)
    with pytest.raises(ValueError, match="losses"):
        balance_losses([1.0, 1.0], [1.0, 3.0], [1.0, 0.0], [1.0, 1.0])


def test_laplacian():
    numbers = np.random.default_rng(3)
    noise = numbers.normal(size=(64, 64))
    board = (-1.0) ** np.add.outer(np.arange(64), np.arange(64))
    report = blur(noise, board, range=2)
    assert report.reference_laplacian == 64
    ndimage = pytest.importorskip("scipy.ndimage")
    inner = ndimage.laplace(noise)[1:-1, 1:-1]
    assert report.output_laplacian == pytest.approx(inner.var(), rel=1e-12)
    assert report.output_laplacian == pytest.approx(20, rel=0.1)
    smooth = blur(ndimage.gaussian_filter(noise, 1.0), noise)
    assert smooth.output_laplacian == pytest.approx(0.114, rel=0.15)
    assert smooth.cause is Cause.BLURRED_OUTPUT
    assert smooth.peak_signal_to_noise == pytest.approx(-10 * np.log10(smooth.mean_squared_error), rel=1e-12)
    stack = blur(np.stack([noise, board]), np.stack([board, noise]))
    assert stack.ratio == pytest.approx(1, rel=1e-12)
    assert stack.image_count == 2
    colours = blur(np.stack([noise] * 3, axis=-1)[None], np.stack([noise] * 3, axis=-1)[None])
    assert colours.output_laplacian == pytest.approx(inner.var(), rel=1e-12)
    assert colours.peak_signal_to_noise == np.inf
    assert blur(noise, 0 * noise).outcome is Outcome.DEGENERATE
    assert blur(noise[:2], noise[:2]).outcome is Outcome.INSUFFICIENT


@pytest.mark.parametrize(
    ("strength", "wanted"),
    [(0, 0.5j), (0.5, -0.25 + 0.433j), (1, -0.5), (2, -0.134), (10, -0.0251)],
)
def test_dirac_gan(strength, wanted):
    report = game_stability([[0, -0.5], [0.5, -strength]], 0.1)
    assert complex(report.real, abs(report.imaginary)) == pytest.approx(wanted, abs=5e-4)
    assert (report.verdict is Verdict.CRITICAL) == (strength == 0)


def test_eigenvalues_against_numpy():
    numbers = np.random.default_rng(4)
    for order in (1, 2, 3, 8, 30, 100):
        for _ in range(5):
            matrix = numbers.normal(size=(order, order))
            values = np.linalg.eigvals(matrix)
            report = game_stability(matrix, 0.1)
            assert report.greatest_modulus == pytest.approx(np.abs(1 + 0.1 * values).max(), abs=1e-11)
            assert report.greatest_real == pytest.approx(values.real.max(), abs=1e-10)
    assert game_stability(np.zeros((4, 4)), 0.1).greatest_modulus == 1
    # A rotation by a quarter needs the exceptional shift.
    assert game_stability(np.roll(np.eye(4), 1, axis=0), 1.0).greatest_modulus == pytest.approx(2, abs=1e-12)


def test_penalties():
    """D(x) = (3,4).x: a gradient penalty of 160, and R1 of 125."""
    numbers = np.random.default_rng(5)
    x, w = numbers.normal(size=(5, 2)), np.array([[3.0], [4.0]])
    found = objective_derivatives(lambda tape, x, w: gradient_penalty(x @ w, x), [x, w])
    assert found.loss == pytest.approx(160, rel=1e-13)
    assert found.gradients[1].ravel() == pytest.approx([48, 64], rel=1e-13)
    found = objective_derivatives(lambda tape, x, w: r1_penalty(x @ w, x), [x, w])
    assert found.loss == pytest.approx(125, rel=1e-13)
    assert found.gradients[1].ravel() == pytest.approx([30, 40], rel=1e-13)
    with pytest.raises(ValueError, match="depend"):
        objective_derivatives(lambda tape, x, w: gradient_penalty(x @ w, tape.constant(1.0) * w), [x[:2], w])


def test_penalty_against_torch():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    numbers = np.random.default_rng(6)
    real, fake = numbers.normal(size=(6, 3)), numbers.normal(size=(6, 3))
    share = numbers.random(size=(6, 1))
    x = share * real + (1 - share) * fake
    first, second = numbers.normal(size=(3, 8)), numbers.normal(size=(8, 1))
    found = objective_derivatives(lambda tape, x, v, w: gradient_penalty((x @ v).tanh() @ w, x), [x, first, second])
    given = [torch.tensor(value, requires_grad=True) for value in (x, first, second)]
    scores = torch.tanh(given[0] @ given[1]) @ given[2]
    slope = torch.autograd.grad(scores.sum(), given[0], create_graph=True)[0]
    loss = 10 * ((slope.norm(dim=1) - 1) ** 2).mean()
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    for ours, theirs in zip(found.gradients, torch.autograd.grad(loss, given), strict=True):
        assert ours == pytest.approx(theirs.numpy(), abs=1e-9)


def test_spectral_norm_converges_at_its_rate():
    """A power iteration errs by (s2/s1)^2 a step in the value: one cold step is too low by a lot, and 100 are not."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    errors = {1: [], 5: [], 20: [], 100: []}
    for seed in range(8):
        matrix = np.random.default_rng(seed).normal(size=(64, 32))
        trainer = Trainer(
            [layers.Dense(64, spectral=True, bias=False)], (32,), precision="float64", learning_rate=1e-30, seed=seed
        )
        trainer.parameters()["layer0.weight"][:] = matrix
        largest = np.linalg.norm(matrix, 2)
        for step in range(1, 101):
            trainer.step(np.zeros((1, 32)), np.zeros((1, 64)))
            if step in errors:
                divided = trainer.predict(np.eye(32)).T
                errors[step].append(1 - np.linalg.norm(matrix) / np.linalg.norm(divided) / largest)
    # The start vectors know a first step of another matrix: as a cold one does, it falls short by about a quarter.
    assert 0.1 < np.median(errors[1]) < 0.4
    assert np.median(errors[5]) < 0.12
    assert np.median(errors[20]) < 0.03
    assert np.median(errors[100]) < 1e-3
    for seed in range(8):
        assert errors[1][seed] > errors[5][seed] > errors[20][seed] > errors[100][seed] > -1e-12


def test_interpolates_lie_between_each_pair() -> None:
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(500, 3, 2)), rng.normal(size=(500, 3, 2)).astype(np.float32)
    points = interpolates(real, fake, 4, seed=9)
    shares = (points - fake) / (real - fake)
    np.testing.assert_allclose(shares, np.broadcast_to(shares[:, :1, :1], shares.shape), rtol=1e-6)
    u = np.sort(shares[:, 0, 0])
    # Kolmogorov's distance from the uniform law: 1.95 / sqrt(n) in one of a thousand.
    assert abs(u - (np.arange(500) + 0.5) / 500).max() < 1.95 / math.sqrt(500)
    assert np.array_equal(points, interpolates(real, fake, 4, seed=9))
    assert not np.array_equal(points, interpolates(real, fake, 5, seed=9))
    assert not np.array_equal(points, interpolates(real, fake, 4, seed=8))
    assert interpolates(np.zeros((0, 2)), np.zeros((0, 2)), 0).shape == (0, 2)
    for call, message in (
        (lambda: interpolates(real, fake[:, :2], 0), "fake: found extent 2 on axis 1, allowed 3 as in real"),
        (lambda: interpolates(real, fake[0], 0), "fake: found rank 2, allowed 3"),
        (lambda: interpolates(real, fake, -1), "step: found -1"),
        (lambda: interpolates(real, fake, 0, seed=-1), "seed: found -1"),
        (lambda: interpolates(1.0, 2.0, 0), "real: found rank 0"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
