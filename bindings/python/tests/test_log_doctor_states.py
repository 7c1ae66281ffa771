"""Saved log doctors: they go on bit for bit, and what is no state is refused."""

from __future__ import annotations

import pickle

import pytest
from test_log_doctor_cases import ROWS, falling

import trimtab


@pytest.mark.parametrize("rows", [0, 1, 30, 500, 2100])
def test_a_saved_doctor_goes_on_bit_for_bit(rows: int) -> None:
    loss = falling(seed=20)
    loss[1500:] += 0.6
    norm = 1 + 0.1 * loss
    with trimtab.LogDoctor(class_count=100) as doctor:
        doctor.add_rows(steps=ROWS[:rows], loss=loss[:rows], gradient_norm=norm[:rows])
        copies = [trimtab.LogDoctor.load(doctor.save()), pickle.loads(pickle.dumps(doctor))]
        for each in (doctor, *copies):
            each.add_rows(steps=ROWS[rows:], loss=loss[rows:], gradient_norm=norm[rows:])
        assert all(copy.report() == doctor.report() for copy in copies)
        assert copies[0].save() == doctor.save()
        assert doctor.report().findings[0].check == "jump"


def test_a_state_that_is_none_is_refused() -> None:
    with trimtab.LogDoctor() as doctor:
        state = doctor.save()
    for damaged in (b"", state[:-1], state + b"\0", state[:40] + b"\1" + state[41:]):
        with pytest.raises(ValueError, match=r"buffer: found"):
            trimtab.LogDoctor.load(damaged)
    with pytest.raises(ValueError, match="detector"):
        trimtab.LogDoctor.load(trimtab.Detector().save())
    with pytest.raises(TypeError, match="state: found int"):
        trimtab.LogDoctor.load(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="closed"):
        doctor.save()
