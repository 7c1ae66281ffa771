"""What all streaming forms promise: saving, loading, pickling, copying, closing, threads."""

from __future__ import annotations

import copy
import pickle
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from randomness import generator
from reports import same

import trimtab

Maker = Callable[[int], Any]


def filled_covariance(salt: int) -> trimtab.Covariance:
    return trimtab.Covariance(warning_condition_number=50.0).add(generator(salt).normal(size=(200, 6)))


def filled_activity(salt: int) -> trimtab.Activity:
    return trimtab.Activity(activation="gelu", dormant_threshold=0.1).add(generator(salt).normal(size=(1100, 6)))


def filled_drift(salt: int) -> trimtab.LabelDrift:
    random = generator(salt)
    drift = trimtab.LabelDrift(confidence_gate=0.6, class_prior=[0.2, 0.3, 0.5])
    for number in range(3):
        drift.add(number, random.dirichlet(np.ones(3), 50), ids=np.arange(50) + 50 * salt)
    return drift


def filled_gradients(salt: int) -> trimtab.Gradients:
    return trimtab.Gradients(maximum_norm=3.0).add([generator(salt).normal(size=(5, 4)) for _ in range(4)])


MAKERS: list[Maker] = [filled_covariance, filled_activity, filled_drift, filled_gradients]
ALL = pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)


@ALL
def test_saved_state_continues_bit_for_bit(make: Maker) -> None:
    original = make(1)
    state = original.save()
    again = type(original).load(state)
    assert again.save() == state
    assert again.report() == original.report()
    if isinstance(original, trimtab.LabelDrift):
        original.add(5, np.eye(3), ids=[60, 61, 62])
        again.add(5, np.eye(3), ids=[60, 61, 62])
    else:
        original.merge(make(2))
        again.merge(make(2))
    assert again.save() == original.save()
    assert again.report() == original.report()


@ALL
@pytest.mark.parametrize("convert", [bytes, bytearray, memoryview])
def test_load_takes_any_bytes(make: Maker, convert: Any) -> None:
    original = make(1)
    assert type(original).load(convert(original.save())).report() == original.report()


@ALL
def test_pickle_and_copy(make: Maker) -> None:
    original = make(1)
    for again in (pickle.loads(pickle.dumps(original)), copy.copy(original), copy.deepcopy(original)):
        assert type(again) is type(original)
        assert again.report() == original.report()
        again.close()
    assert original.report().sample_count if hasattr(original.report(), "sample_count") else original.report().depth


@ALL
def test_options_travel_with_the_state(make: Maker) -> None:
    original = make(1)
    again = type(original).load(original.save())
    assert again.report().threshold == original.report().threshold
    assert repr(again) == repr(original)


@ALL
def test_damaged_states_are_refused(make: Maker) -> None:
    kind = type(make(1))
    state = make(1).save()
    random = generator(3)
    for length in (0, 1, 8, 31, 32, len(state) // 2, len(state) - 1):
        with pytest.raises(ValueError, match=r"state|found") as caught:
            kind.load(state[:length])
        assert caught.value.name == "TRIMTAB_ERROR_STATE_CORRUPT"  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match=r"state|found"):
        kind.load(state + b"\0")
    for _ in range(200):
        damaged = bytearray(state)
        damaged[random.integers(len(damaged))] ^= 1 << int(random.integers(8))
        with pytest.raises(ValueError, match=r"state|found"):
            kind.load(damaged)
    with pytest.raises(TypeError):
        kind.load("text")


@ALL
def test_states_of_another_kind_are_refused_by_name(make: Maker) -> None:
    state = make(1).save()
    for other in MAKERS:
        if other is not make:
            with pytest.raises(ValueError, match=r"\w") as caught:
                type(other(1)).load(state)
            assert caught.value.name == "TRIMTAB_ERROR_STATE_KIND"  # type: ignore[attr-defined]


@ALL
def test_closed_objects_say_so(make: Maker) -> None:
    with make(1) as original:
        pass
    original.close()
    for use in (original.report, original.save, lambda: original.merge(make(2)), lambda: make(2).merge(original)):
        with pytest.raises(ValueError, match="found a closed"):
            use()
    assert repr(original) == f"{type(original).__name__}(closed)"


@ALL
def test_merge_with_another_class_is_a_type_error(make: Maker) -> None:
    class Other(trimtab.Covariance):
        pass

    with pytest.raises(TypeError, match="other: found NoneType, allowed"):
        make(1).merge(None)
    assert isinstance(Other().merge(Other()), Other)


def test_merge_with_itself_counts_twice() -> None:
    covariance = filled_covariance(1)
    assert covariance.merge(covariance).report().sample_count == 400


@ALL
def test_repr_leads_with_the_verdict(make: Maker) -> None:
    original = make(1)
    assert repr(original.report()).split(":")[1].strip().startswith(original.report().verdict.value)


def test_crosswise_merges_do_not_wait_for_each_other() -> None:
    first, second = filled_covariance(1), filled_covariance(2)
    threads = [
        threading.Thread(target=lambda pair: [pair[0].merge(pair[1]) for _ in range(30)], args=(pair,), daemon=True)
        for pair in ((first, second), (second, first))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()


def test_threads_may_share_an_object() -> None:
    samples = generator().normal(size=(4000, 8))
    shared = trimtab.Covariance()
    threads = [
        threading.Thread(target=lambda part: [shared.add(batch) for batch in np.array_split(part, 50)], args=(part,))
        for part in np.array_split(samples, 4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same(shared.report(), trimtab.condition_number(samples), relative=1e-9)


def test_errors_belong_to_the_thread_that_made_them() -> None:
    wrong: list[str] = []

    def provoke(name: str, value: Any) -> None:
        for _ in range(300):
            try:
                trimtab.dead_neurons(np.ones((2, 2)), **{name: value})
            except ValueError as error:
                if name not in str(error):
                    wrong.append(f"{name}: {error}")
            else:
                wrong.append(f"{name}: no error")

    names = ("confidence", "dormant_threshold", "inactive_fraction", "saturated_fraction")
    threads = [threading.Thread(target=provoke, args=(name, float("nan"))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_other_threads_run_during_a_call() -> None:
    """The interpreter's lock is released: Python counts on while the library works."""
    values = np.ones(30_000_000, dtype=np.float32)
    finished = threading.Event()
    counted = 0

    def work() -> None:
        for _ in range(5):
            trimtab.summarize(values)
        finished.set()

    start = time.perf_counter()
    trimtab.summarize(values)
    one_call = time.perf_counter() - start
    worker = threading.Thread(target=work)
    worker.start()
    longest, last = 0.0, time.perf_counter()
    while not finished.is_set():
        counted += 1
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
        time.sleep(0)
    worker.join()
    # With the lock held this thread would turn about once a call.
    assert counted > 50, (counted, longest, one_call)
