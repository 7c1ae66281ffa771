"""Training logs made up: healthy ones of many kinds, and the same with one fault planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Random = np.random.Generator


@dataclass
class Log:
    """Columns of a log, and what was planted in it.

    level      without noise
    deviation  of the loss's noise, slow part included
    onset      row where the fault begins
    reach      rows by which its onset may be told too early or too late
    """

    steps: npt.NDArray[np.int64]
    loss: Numbers
    gradient_norm: Numbers | None = None
    learning_rate: Numbers | None = None
    validation_loss: Numbers | None = None
    loss_scale: Numbers | None = None
    level: Numbers = field(default_factory=lambda: np.zeros(0))
    deviation: float = 1.0
    kind: str = ""
    fault: str = ""
    accepted: tuple[str, ...] = ()
    onset: int = 0
    reach: float = 20.0
    size: float = 0.0
    details: dict[str, float] = field(default_factory=dict)

    def columns(self) -> dict[str, Numbers]:
        """All that it has, by the names of `trimtab.check_log`."""
        names = ("loss", "gradient_norm", "learning_rate", "validation_loss", "loss_scale")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


def noise(random: Random, rows: int, *, is_calm: bool = False) -> Numbers:
    """Of unit deviation: normal, Student's or log-normal, and correlated from row to row or not."""
    correlation = float(random.choice([0.0, 0.0, 0.3, 0.8] if is_calm else [0.0, 0.0, 0.5, 0.9, 0.97]))
    tail = random.integers(0, 2 if is_calm else 5)
    raw = random.standard_normal(rows)
    if tail == 2:
        raw = random.standard_t(4, rows) / np.sqrt(2)
    elif tail == 3:
        raw = (np.exp(0.5 * raw) - np.exp(0.125)) / 0.604
    elif tail == 4:
        raw = np.where(random.random(rows) < 0.02, 4 * raw, raw) / 1.14
    if correlation:
        weights = np.sqrt(1 - correlation**2)
        out = np.empty(rows)
        level = raw[0]
        for row in range(rows):
            level = correlation * level + weights * raw[row]
            out[row] = level
        raw = out
    return raw


def schedule(random: Random, rows: int) -> Numbers:
    """Warm-up and cosine, constant, in steps, or with restarts that the loss does not answer."""
    peak = 10 ** random.uniform(-5, -2)
    kind = random.random()
    if kind < 0.2:
        return np.full(rows, peak)
    if kind < 0.3:
        return peak * 0.1 ** (np.arange(rows) * int(random.integers(2, 5)) // rows)
    if kind < 0.4:
        return peak * (0.01 + 0.5 * (1 + np.cos(np.pi * (np.arange(rows) * int(random.integers(2, 8)) / rows % 1))))
    warm = max(int(rows * random.uniform(0.005, 0.05)), 1)
    place = np.arange(rows)
    cosine = 0.5 * (1 + np.cos(np.pi * np.clip((place - warm) / max(rows - warm, 1), 0, 1)))
    return peak * np.where(place < warm, (place + 1) / warm, 0.1 + 0.9 * cosine)


def power_law(random: Random, rows: int) -> tuple[Numbers, float]:
    """A falling loss without noise, and the deviation that its noise should have."""
    first = random.uniform(1.5, 11)
    last = first * random.uniform(0.1, 0.6)
    begin = rows * 10 ** random.uniform(-3, -1.3)
    power = random.uniform(0.4, 1.0)
    shape = (np.arange(rows) / begin + 1) ** -power
    shape = (shape - shape[-1]) / (1 - shape[-1])
    return last + (first - last) * shape, last * 10 ** random.uniform(-2.3, -1.3)


def finish(random: Random, log: Log, *, digits: bool = True) -> Log:
    """Gradients, a validation loss, a loss scale and rounding, each sometimes."""
    rows = len(log.loss)
    place = np.arange(rows) / rows
    if random.random() < 0.5 and log.gradient_norm is None:
        norm = (0.3 + 3 * np.exp(-place * 30)) * np.exp(0.15 * random.standard_normal(rows))
        log.gradient_norm = norm * 10 ** random.uniform(-2, 1)
    if random.random() < 0.6 and log.learning_rate is None:
        log.learning_rate = schedule(random, rows)
    if random.random() < 0.3:
        scale = 65536.0
        scales = np.empty(rows)
        for row in range(rows):
            chance = random.random()
            scale = scale / 2 if chance < 0.002 else min(2 * scale, 2.0**20) if chance > 0.998 else scale
            scales[row] = max(scale, 64.0)
        log.loss_scale = scales
    if digits and random.random() < 0.7:
        places = max(int(np.ceil(-np.log10(max(log.deviation, 1e-9)))) + int(random.integers(1, 4)), 1)
        log.loss = np.round(log.loss, places)
    return log


def row_count(random: Random, least: int = 200, most: int = 100_000) -> int:
    """Log-uniform."""
    return int(np.exp(random.uniform(np.log(least), np.log(most))))


def steps_of(random: Random, rows: int) -> npt.NDArray[np.int64]:
    """One logging interval, or two."""
    interval = int(random.choice([1, 1, 1, 5, 10, 20, 25, 50, 100]))
    gaps = np.full(rows, interval)
    if random.random() < 0.1:
        gaps[rows // 2 :] = interval * int(random.integers(2, 10))
    steps = np.cumsum(gaps)
    return steps - interval if random.random() < 0.3 else steps


def falling(random: Random, rows: int, *, is_calm: bool = False) -> Log:
    level, deviation = power_law(random, rows)
    shape = noise(random, rows, is_calm=is_calm)
    # Noise is some share of the level.
    loss = level + deviation * shape * level / level[-1]
    return Log(steps_of(random, rows), loss, level=level, deviation=deviation, kind="falling")


def warm_restarts(random: Random, rows: int) -> Log:
    log = falling(random, rows)
    cycles = int(random.integers(2, 6))
    place = (np.arange(rows) * cycles / rows) % 1
    rate = 0.5 * (1 + np.cos(np.pi * place))
    log.learning_rate = 1e-3 * (0.02 + rate)
    log.loss = log.loss + random.uniform(0.02, 0.15) * log.loss[-1] * (rate - 1)
    log.kind = "warm restarts"
    return log


def batch_change(random: Random, rows: int) -> Log:
    level, deviation = power_law(random, rows)
    shape = noise(random, rows)
    shape[int(rows * random.uniform(0.2, 0.8)) :] *= random.choice([0.35, 0.5, 0.7, 1.4, 2.0])
    return Log(steps_of(random, rows), level + deviation * shape, deviation=deviation, kind="batch size change")


def curriculum(random: Random, rows: int) -> Log:
    log = falling(random, rows)
    for _ in range(int(random.integers(1, 4))):
        begin = int(rows * random.uniform(0.1, 0.7))
        after = np.arange(rows - begin) / (rows * random.uniform(0.02, 0.08))
        log.loss[begin:] += log.loss[-1] * random.uniform(0.03, 0.15) * np.exp(-after)
    log.kind = "curriculum"
    return log


def fine_tuning(random: Random, rows: int) -> Log:
    level = random.uniform(0.3, 3)
    deviation = level * random.uniform(0.02, 0.2)
    fall = deviation * random.uniform(0.3, 3) * np.arange(rows) ** 0.5 / rows**0.5
    loss = np.maximum(level + deviation * noise(random, rows) - fall, 0.01 * level)
    return Log(steps_of(random, rows), loss, deviation=deviation, kind="fine-tuning")


def reinforcement(random: Random, rows: int) -> Log:
    loss = noise(random, rows) * np.exp(0.3 * np.sin(np.arange(rows) / rows * random.uniform(3, 20)))
    loss = loss * 10 ** random.uniform(-2, 1) + random.uniform(-0.5, 0.5)
    return Log(steps_of(random, rows), loss, deviation=float(loss.std()), kind="reinforcement")


def negative(random: Random, rows: int) -> Log:
    log = falling(random, rows)
    log.loss = log.loss - log.loss[0] * random.uniform(0.3, 3)
    log.kind = "below zero"
    return log


def validated(random: Random, rows: int) -> Log:
    log = falling(random, rows)
    every = max(rows // int(random.integers(5, 60)), 1)
    level, _ = power_law(random, rows)
    value = np.full(rows, np.nan)
    chosen = slice(every - 1, None, every)
    smooth = level * log.loss[-1] / level[-1] * random.uniform(1, 1.3)
    count = len(value[chosen])
    value[chosen] = smooth[chosen] + 0.2 * log.deviation * random.standard_normal(count)
    log.validation_loss = value
    log.kind = "validated"
    return log


HEALTHY: tuple[Callable[[Random, int], Log], ...] = (
    falling, warm_restarts, batch_change, curriculum, fine_tuning, reinforcement, negative, validated,
)  # fmt: skip


def healthy(random: Random, index: int, most: int = 100_000) -> Log:
    """One of the healthy kinds in turn."""
    make = HEALTHY[index % len(HEALTHY)]
    return finish(random, make(random, row_count(random, most=most)))


def planted(random: Random, fault: str, most: int = 30_000) -> Log:
    """A falling log with one fault."""
    rows = row_count(random, 600, most)
    log = falling(random, rows, is_calm=True)
    log.fault, log.accepted = fault, (fault,)
    log.onset = int(rows * random.uniform(0.3, 0.75))
    log.size = float(np.exp(random.uniform(np.log(3), np.log(100))))
    FAULTS[fault](random, log)
    return log


def _spike(random: Random, log: Log) -> None:
    log.size = float(np.exp(random.uniform(np.log(12), np.log(100))))
    scale = log.deviation * log.loss[log.onset] / log.loss[-1]
    log.loss[log.onset : log.onset + int(random.integers(1, 4))] += log.size * scale
    finish(random, log)


def _jump(random: Random, log: Log) -> None:
    scale = log.deviation * np.median(log.loss[log.onset - 20 : log.onset]) / log.loss[-1]
    log.loss[log.onset :] += log.size * scale
    log.reach = 25
    finish(random, log)


def _drift(random: Random, log: Log) -> None:
    rows = len(log.loss)
    fall = float(np.median(log.loss[log.onset - 20 : log.onset]) - np.median(log.loss[-20:]))
    before = float(np.median(log.loss[log.onset - 20 : log.onset]))
    rise = fall + log.size * log.deviation
    log.loss[log.onset :] += rise * np.linspace(0, 1, rows - log.onset)
    log.reach = max(0.15, min(2 * (fall + 3 * log.deviation) / rise, 0.6)) * (rows - log.onset) + 60
    if before + rise - fall > min(1.7 * before, 0.8 * np.median(log.loss[:20])):
        log.accepted = ("drift", "divergence")
    finish(random, log)


def _divergence(random: Random, log: Log) -> None:
    rows = len(log.loss)
    length = int(max((rows - log.onset) * random.uniform(0.1, 1), 20))
    log.onset = rows - length
    top = random.uniform(1.5, 9) * log.loss[0]
    growth = np.expm1(np.linspace(0, random.uniform(3, 6), length))
    log.loss[log.onset :] += top * growth / growth[-1]
    log.reach = 0.7 * length + 20
    finish(random, log)


def _plateau(random: Random, log: Log) -> None:
    rows = max(len(log.loss), 2000)
    level = random.uniform(0.5, 11)
    log.deviation = level * random.uniform(0.003, 0.05)
    log.loss = level + log.deviation * random.standard_normal(rows)
    log.steps = np.arange(1, rows + 1)
    (log.onset, log.reach) = (0, rows)
    finish(random, log)


def _oscillation(random: Random, log: Log) -> None:
    """From row to row, or with a period of 3 to 200 rows of which there are at least twelve."""
    after = np.arange(len(log.loss) - log.onset)
    period = (
        2.0 if random.random() < 0.3 else float(np.exp(random.uniform(np.log(3), np.log(min(200, len(after) / 12)))))
    )
    shape = 1 - 2 * (after % 2) if period == 2 else np.sin(2 * np.pi * after / period)
    log.loss[log.onset :] += max(log.size, 4) * log.deviation * shape
    log.reach = max(150, 3 * period)
    finish(random, log)


def _gradient(log: Log, random: Random) -> Numbers:
    rows = len(log.loss)
    place = np.arange(rows) / rows
    norm: Numbers = (0.3 + 3 * np.exp(-place * 30)) * np.exp(0.1 * random.standard_normal(rows))
    return norm


def _gradient_spike(random: Random, log: Log) -> None:
    norm = _gradient(log, random)
    norm[log.onset] *= 3 * np.exp(random.uniform(0, 4))
    log.gradient_norm = norm
    finish(random, log)


def _gradient_growth(random: Random, log: Log) -> None:
    norm = _gradient(log, random)
    rows = len(norm)
    norm[log.onset :] *= np.exp(np.linspace(0, random.uniform(1.6, 5), rows - log.onset))
    log.gradient_norm = norm
    log.reach = 0.5 * (rows - log.onset) + 60
    finish(random, log)


def _gradient_vanishing(random: Random, log: Log) -> None:
    norm = _gradient(log, random)
    rows = len(norm)
    norm[log.onset :] *= np.exp(-np.linspace(8, 12, rows - log.onset))
    log.loss[log.onset :] = np.median(log.loss[log.onset - 20 : log.onset]) + log.deviation * random.standard_normal(
        rows - log.onset
    )
    log.gradient_norm = norm
    log.reach = rows
    finish(random, log)


def _gradient_clipping(random: Random, log: Log) -> None:
    norm = np.minimum(_gradient(log, random), 1.0)
    norm[random.random(len(norm)) < 0.97] = 1.0
    log.gradient_norm = norm
    (log.onset, log.reach) = (0, 100)
    finish(random, log)


def _nonfinite(random: Random, log: Log) -> None:
    length = int(random.choice([1, 3, len(log.loss)]))
    log.loss[log.onset : log.onset + length] = random.choice([np.nan, np.inf])
    finish(random, log, digits=False)
    log.reach = 0


def _drop(log: Log, keep: npt.NDArray[np.int64]) -> None:
    for name in ("steps", "loss", "gradient_norm", "learning_rate", "validation_loss", "loss_scale"):
        column = getattr(log, name)
        if column is not None:
            setattr(log, name, column[keep])


def _one_interval(log: Log, random: Random) -> int:
    interval = int(random.choice([1, 1, 10, 50]))
    log.steps = interval * np.arange(1, len(log.loss) + 1)
    return interval


def _missing_steps(random: Random, log: Log) -> None:
    _one_interval(log, random)
    finish(random, log)
    count = int(random.integers(1, 40))
    rows = np.arange(len(log.loss))
    _drop(log, rows[(rows < log.onset) | (rows >= log.onset + count)])
    (log.onset, log.reach) = (log.onset - 1, 1)


def _repeated_steps(random: Random, log: Log) -> None:
    _one_interval(log, random)
    finish(random, log)
    _drop(log, np.sort(np.concatenate([np.arange(len(log.loss)), [log.onset]])))
    log.reach = 1


def _back(log: Log, random: Random) -> int:
    """The run goes back by some rows, and goes on as before."""
    finish(random, log)
    back = int(random.integers(3, max(log.onset // 8, 4)))
    rows = np.arange(len(log.loss))
    _drop(log, np.concatenate([rows[: log.onset], rows[log.onset - back :]]))
    return back


def _backward_steps(random: Random, log: Log) -> None:
    _one_interval(log, random)
    _back(log, random)
    log.reach = 1


def _resume(random: Random, log: Log) -> None:
    """Weights, moments or the schedule are lost after steps that go back, or at the start of a file in mid-run."""
    rows = len(log.loss)
    interval = _one_interval(log, random)
    begin = log.onset
    what = str(random.choice(["weights", "moments"]))
    log.details[what] = 1
    before = float(np.median(log.loss[begin - 20 : begin]))
    after = np.arange(rows - begin)
    if what == "weights":
        log.loss[begin:] = log.loss[: rows - begin]
    else:
        height = max(log.size, 8) * log.deviation
        length = min(random.uniform(100, 400), (rows - begin) / 3)
        log.loss[begin:] += height * np.exp(-after / length) * (1 - np.exp(-(after + 1) / 2))
    finish(random, log)
    if what == "weights" and random.random() < 0.5 and log.loss[0] > 1.8 * before:
        # Only what was written after the restart, with the last row or two before it.
        kept = int(random.integers(1, 4))
        log.steps = log.steps + 1000 * interval
        _drop(log, np.arange(begin - kept, rows))
        log.onset = kept
    else:
        back = int(random.integers(1, max(begin // 10, 2)))
        log.steps[begin:] = log.steps[begin:] - back * interval
    log.reach = 12


def _zeros(random: Random, log: Log) -> None:
    norm = _gradient(log, random)
    norm[log.onset :] = random.choice([np.nan, 0.0])
    log.loss[log.onset :] = 0.0
    finish(random, log)
    log.gradient_norm = norm if random.random() < 0.5 else None
    log.accepted = ("hidden_nonfinite",)
    log.reach = 1


def _means(random: Random, log: Log) -> None:
    """The running mean in place of the loss, now and then or to the end."""
    rows = len(log.loss)
    digits = int(np.ceil(-np.log10(log.deviation))) + int(random.integers(3, 6))
    log.loss = np.round(log.loss, digits)
    window = int(random.choice([0, 10, 100]))
    bad = np.zeros(rows, bool)
    if random.random() < 0.5:
        bad[log.onset :] = True
    else:
        bad[log.onset + random.choice(rows - log.onset, 12, replace=False)] = True
        log.onset = int(np.argmax(bad))
    for row in np.flatnonzero(bad):
        past = log.loss[max(row - window, 0) if window else 0 : row]
        log.loss[row] = np.round(past.mean(), digits)
    finish(random, log, digits=False)
    log.gradient_norm = None
    log.accepted = ("hidden_nonfinite",)
    log.reach = 0.05 * rows + 5


def _constant(random: Random, log: Log) -> None:
    log.loss = np.round(log.loss, int(np.ceil(-np.log10(log.deviation))) + 2)
    log.loss[log.onset :] = log.loss[log.onset - 1]
    finish(random, log, digits=False)
    log.gradient_norm = None
    log.accepted = ("hidden_nonfinite",)
    log.reach = 1


def _overfitting(random: Random, log: Log) -> None:
    rows = len(log.loss)
    every = max(rows // int(random.integers(15, 60)), 1)
    smooth = log.level
    rise = smooth[log.onset] * random.uniform(0.12, 1)
    value = np.full(rows, np.nan)
    chosen = np.arange(every - 1, rows, every)
    after = np.clip((chosen - log.onset) / (rows - log.onset), 0, None)
    level = np.where(chosen <= log.onset, smooth[chosen], smooth[log.onset]) + rise * after
    value[chosen] = 1.1 * level + 0.1 * log.deviation * random.standard_normal(len(chosen))
    finish(random, log)
    log.validation_loss = value
    log.reach = 0.4 * (rows - log.onset) + 3 * every


def _loss_scale(random: Random, log: Log) -> None:
    finish(random, log)
    rows = len(log.loss)
    scales = np.full(rows, 65536.0)
    fall = np.arange(rows - log.onset) // int(random.integers(1, 5))
    scales[log.onset :] = 65536.0 / 2.0 ** np.minimum(fall + 1, int(random.integers(18, 40)))
    log.loss_scale = scales
    log.reach = 3


FAULTS: dict[str, Callable[[Random, Log], None]] = {
    "spike": _spike,
    "jump": _jump,
    "drift": _drift,
    "divergence": _divergence,
    "plateau": _plateau,
    "oscillation": _oscillation,
    "gradient_spike": _gradient_spike,
    "gradient_growth": _gradient_growth,
    "gradient_vanishing": _gradient_vanishing,
    "gradient_clipping": _gradient_clipping,
    "nonfinite": _nonfinite,
    "missing_steps": _missing_steps,
    "repeated_steps": _repeated_steps,
    "backward_steps": _backward_steps,
    "resume": _resume,
    "hidden_zeros": _zeros,
    "hidden_means": _means,
    "hidden_constant": _constant,
    "overfitting": _overfitting,
    "loss_scale": _loss_scale,
}
