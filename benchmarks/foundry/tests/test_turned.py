"""All thresholds are turned, each to its own side, and every rule takes them."""

from __future__ import annotations

import pytest
from foundry.turned import LOWER, SHARES, STRICTNESSES, turn

from trimtab.monitor import RULES, Monitor


@pytest.mark.parametrize("strictness", STRICTNESSES)
def test_every_rule_takes_its_turned_thresholds(strictness: float) -> None:
    with Monitor() as plain, Monitor() as turned:
        turn(turned, strictness)
        changed = 0
        for name in RULES:
            before, after = plain.rule(name), turned.rule(name)
            for which in ("warning", "critical"):
                if before[which] in (0.0, float("inf")) or name in SHARES:
                    continue
                is_lower = which in LOWER.get(name, ())
                is_sooner = after[which] > before[which] if is_lower else after[which] < before[which]
                assert is_sooner == (strictness < 1), (name, which)
                changed += 1
    assert changed > 30


def test_what_is_no_rule_is_refused() -> None:
    with Monitor() as monitor, pytest.raises(ValueError, match="found"):
        monitor.rule("no_such_rule")
