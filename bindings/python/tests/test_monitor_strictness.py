"""`false_alarms_per_million` turns the thresholds of all rules, each to its own side."""

from __future__ import annotations

import pytest

from trimtab.monitor import RULES, Monitor


@pytest.mark.parametrize("promise", [1e5, 1e3, 1e-3, 1e-6])
def test_one_option_turns_every_threshold(promise: float) -> None:
    both = ("warning", "critical")
    lower = {"vanishing_gradient": both[:1], "update_ratio": both[:1], "attention_entropy": both, "rank_collapse": both}
    with Monitor() as plain, Monitor(false_alarms_per_million=promise) as turned:
        changed = 0
        for name in RULES:
            before, after = plain.rule(name), turned.rule(name)
            for which in both:
                # 1.1 of all steps are never clipped; what is off is left as it is.
                if before[which] in (0.0, 1.0, 1.1, float("inf")) or not before["is_enabled"]:
                    continue
                is_higher = after[which] > before[which]
                is_sooner = is_higher if which in lower.get(name, ()) else after[which] < before[which]
                assert is_sooner == (promise > 1), (name, which)
                changed += 1
        assert changed > 25
        turned.set_rule("dead_units", warning=0.3)
        assert turned.rule("dead_units")["warning"] == 0.3
    published = {name: Monitor(preset="sagemaker").rule(name) for name in RULES}
    assert published == {
        name: Monitor(preset="sagemaker", false_alarms_per_million=promise).rule(name) for name in RULES
    }
