"""The score counts what it says: shares with Wilson's intervals, root causes, leads, and who is ahead of whom."""

from __future__ import annotations

import math
from typing import Any

import pytest
from foundry import judgements, roc
from foundry.cures import cured
from foundry.curing import Attempt, is_cured
from foundry.evaluation import OURS, Evaluation
from foundry.judgements import Judgement
from foundry.lead import harm_step
from foundry.program import Fault, Program, faulty
from foundry.recipe import Recipe
from foundry.report import is_reached, report
from foundry.roc import Point
from foundry.score import of_split, pairs, score
from foundry.statistics import Median, share
from scipy.stats import binom, binomtest

BASE = Recipe("mlp_classifier", data="iris", width=8, steps=50)
HIGH = Fault("learning_rate_too_high", {"lr": 10.0}, ("learning_rate_too_high",), ("divergence",), onset=10)
HEALTHY = Program("healthy/iris/0", "healthy", BASE.changed(seed=99), None, "test")
QUIET = Judgement(())
COURSE: dict[str, Any] = {"losses": [1.0] * 50, "evaluation_steps": [24, 49], "scores": [0.9, 0.9], "failure": ""}


def alarm(step: int, *causes: str) -> Judgement:
    return Judgement(((step, causes),))


def scored(faults: list[Judgement], twins: list[Judgement], healthy: Judgement = QUIET) -> tuple[Any, list[Program]]:
    """The score of a tool that says this of programs with one fault."""
    programs, said = [HEALTHY], {HEALTHY.recipe.key: healthy}
    for seed, (of_fault, of_twin) in enumerate(zip(faults, twins, strict=True)):
        both = faulty(HIGH, BASE.changed(seed=seed), f"iris/{seed}", "test")
        programs += both
        said |= {both[0].recipe.key: of_fault, both[1].recipe.key: of_twin}
    results = {program.recipe.key: {"course": COURSE} for program in programs}
    return score(programs, results, lambda program: said[program.recipe.key]), programs


@pytest.mark.parametrize(("count", "total"), [(0, 10), (1, 1), (7, 12), (246, 252), (187, 187)])
def test_intervals_are_wilsons(count: int, total: int) -> None:
    expected = binomtest(count, total).proportion_ci(method="wilson")
    found = share([True] * count + [False] * (total - count)).interval
    # Both are closed forms in double precision.
    assert abs(found[0] - expected.low) < 1e-12
    assert abs(found[1] - expected.high) < 1e-12


def test_no_programs_are_no_share() -> None:
    assert math.isnan(share([]).value)
    assert str(share([])) == "-"


def test_each_share_counts_its_own() -> None:
    faults = [
        alarm(20, "learning_rate_too_high"),
        alarm(20, "divergence"),
        # Before the onset: it speaks of something else.
        alarm(5, "learning_rate_too_high"),
        Judgement(((20, ("divergence",)), (20, ("learning_rate_too_high",)))),
    ]
    found, _ = scored(faults, [QUIET, QUIET, QUIET, alarm(3, "bad_batch")], healthy=alarm(1, "bad_batch"))
    assert (found.recall.count, found.recall.total) == (3, 4)
    assert found.root_cause.count == 1
    assert found.named.count == 2
    assert found.diagnosis.count == 3
    assert found.twin_silent.count == 2
    assert (found.false_alarms.count, found.false_alarms.total) == (1, 1)


def test_a_twin_that_crashed_is_not_silent_and_a_crash_is_harm() -> None:
    both = faulty(HIGH, BASE, "iris/0", "test")
    crashed = {**COURSE, "losses": [1.0] * 30, "failure": "RuntimeError"}
    for fails, is_silent, lead in ((both[1], False, None), (both[0], True, 10)):
        results = {one.recipe.key: {"course": crashed if one is fails else COURSE} for one in both}
        case = score(list(both), results, lambda one: alarm(20, "divergence") if one is both[0] else QUIET).cases[0]
        assert (case.twin_silent, case.lead) == (is_silent, lead)


@pytest.mark.parametrize("count", [1, 5, 6, 7, 40, 339])
def test_a_median_has_an_interval_that_holds_it(count: int) -> None:
    found = Median(tuple(range(count)))
    low, high = found.interval
    assert low <= found.value == (count - 1) / 2 <= high
    if count > 5:
        # Between the k-th from below and from above: the coverage of order statistics.
        k = int(low) + 1
        assert 2 * binom.cdf(k - 1, count, 0.5) <= 0.05 < 2 * binom.cdf(k, count, 0.5)
    assert str(Median(())) == "-"


def cured_from(ours: list[float], again: list[float], theirs: float = 0.9, failure: str = "") -> bool:
    """Whether a program with these scores counts as cured by a rerun with those."""
    broken, twin = faulty(HIGH, BASE, "iris/0", "test")
    rerun = BASE.changed(lr=1.0)
    attempt = Attempt(broken, twin, "divergence", (rerun,))
    courses = {broken.recipe.key: (ours, ""), twin.recipe.key: ([theirs] * 2, ""), rerun.key: (again, failure)}
    results = {key: {"course": {"scores": scores, "failure": why}} for key, (scores, why) in courses.items()}
    return is_cured(attempt, results, lambda program: QUIET)


def test_half_of_the_way_from_nothing_is_a_cure_and_from_far_below_none() -> None:
    assert cured_from([0.1, 0.1], [0.6, 0.6])
    assert not cured_from([0.1, 0.1], [0.4, 0.4])
    for hopeless in ([math.nan, math.nan], [-50.0, -50.0], []):
        assert cured_from(hopeless, [0.5, 0.5])
        assert not cured_from(hopeless, [0.0, 0.0])
        assert not cured_from(hopeless, [math.nan, math.nan])
        assert not cured_from(hopeless, [])
    assert not cured_from([0.1, 0.1], [0.9, 0.9], failure="RuntimeError")


def test_advice_leaves_alone_what_it_does_not_name() -> None:
    planted = {
        "logit_growth": {"query_key_gain": 10.0},
        "attention_collapse": {"logit_factor": 50.0, "query_key_gain": 10.0},
        "unstable_targets": {"known_weight": 0.0, "augmentation": 3.0, "round": 1},
        "saturation": {"hidden_bias": 12.0},
    }
    for cause, choices in planted.items():
        for tried in cured(BASE.changed(**choices), cause):
            kept = {name: getattr(tried, name, tried.get(name)) for name in choices}
            assert kept == choices, cause
    decays = [tried.weight_decay for tried in cured(BASE.changed(weight_decay=1.0), "weight_decay_too_strong")]
    assert decays == pytest.approx([1e-2, 1e-3])


def test_answers_that_were_asked_for_can_be_left_out() -> None:
    flags = [
        {"step": 99, "cause": "MODE_COLLAPSE", "verdict": "critical", "rule": "asked"},
        {"step": 120, "cause": "OSCILLATION", "verdict": "warning", "rule": "loss"},
    ]
    answer = {"flags": flags, "diagnosis": ["MODE_COLLAPSE", "OSCILLATION"]}
    assert len(judgements.of_trimtab(answer).alarms) == 2
    assert judgements.of_trimtab(answer, with_asked=False).alarms == ((120, ("oscillation",)),)


def test_pairs_are_a_program_and_its_twin() -> None:
    _, programs = scored([QUIET, QUIET], [QUIET, QUIET])
    assert [(one.role, other.role, one.name == other.name) for one, other in pairs(programs)] == [
        ("faulty", "twin", True)
    ] * 2


def test_a_half_of_a_score_is_of_its_programs() -> None:
    found, _ = scored([alarm(20, "divergence")], [QUIET])
    assert of_split(found, "tuning").recall.total == 0
    assert of_split(found, "test").recall.total == 1


def test_the_diagnosis_decides_which_cause_is_first() -> None:
    flags = [
        {"step": 3, "last_step": 4, "cause": "BAD_BATCH", "verdict": "warning"},
        {"step": 9, "last_step": 30, "cause": "SUMMED_LOSS", "verdict": "critical"},
        {"step": 1, "last_step": 2, "cause": "DIVERGENCE", "verdict": "notice"},
    ]
    found = judgements.of_trimtab({"flags": flags, "diagnosis": ["SUMMED_LOSS", "BAD_BATCH"]})
    assert [causes for _, causes in found.alarms] == [("summed_loss",), ("bad_batch",)]
    # As peers' alarms are, a notice is one whenever it is seen: here in the steps 1, 3, 9 and 29.
    notices = judgements.of_trimtab({"flags": flags}, "notice")
    assert {step for step, _ in notices.alarms} == {1, 3, 9, 29}
    assert notices.flagged(29)
    assert not notices.flagged(30)
    assert not judgements.of_trimtab({"flags": flags}).flagged(10)
    assert len(judgements.of_trimtab({"flags": flags}, "critical").alarms) == 1


@pytest.mark.parametrize(
    ("losses", "scores", "step"),
    [
        ([1.0, 1.0, math.nan] + [1.0] * 47, [0.9, 0.9], 2),
        ([1.0] * 20 + [3.0] * 30, [0.9, 0.9], 29),
        ([1.0] * 50, [0.9, 0.7], 49),
        ([1.0] * 50, [0.9, 0.89], None),
    ],
)
def test_harm_is_where_the_curves_show_it(losses: list[float], scores: list[float], step: int | None) -> None:
    assert harm_step({**COURSE, "losses": losses, "scores": scores}, COURSE, 10, True) == step


def test_a_point_is_of_faulty_and_healthy_programs() -> None:
    _, programs = scored([alarm(20, "divergence"), QUIET], [alarm(1, "divergence"), QUIET])
    found = roc.point("x1", programs, lambda program: alarm(20, "divergence") if program.recipe.lr > 1 else QUIET)
    assert (found.false_alarms, found.recall) == (0.0, 1.0)


def test_a_peer_as_good_at_as_many_false_alarms_is_told() -> None:
    ours = [Point("warning", 0.01, 0.9), Point("notice", 0.3, 0.95)]
    theirs = [Point("x4", 0.0, 0.5), Point("x2", 0.01, 0.9), Point("x1", 0.2, 0.89), Point("x0.5", 1.0, 0.96)]
    # Below our least false alarms there is nothing of ours to be ahead.
    assert [one.setting for one in roc.beaten_at(ours, theirs)] == ["x4", "x2", "x0.5"]
    # Nobody is ahead of a recall of 1, nor behind one of 0.
    assert not roc.beaten_at([Point("notice", 0.5, 1.0)], [Point("x1", 0.9, 1.0), Point("x9", 0.1, 0.0)])


def test_an_alarm_that_names_no_cause_is_an_alarm() -> None:
    found, _ = scored([alarm(20)], [alarm(3)], healthy=alarm(1))
    assert (found.recall.count, found.diagnosis.count, found.twin_silent.count) == (1, 0, 0)
    assert found.false_alarms.count == 1


def evaluation(peer: list[Point]) -> Evaluation:
    found, programs = scored([alarm(20, "learning_rate_too_high")] * 2, [QUIET] * 2)
    made = Evaluation(programs, [], ["bad_batch/digits/3"], scores={OURS: found, "peer": found})
    made.rocs = {OURS: [Point("warning and worse", 0.0, 0.9)], "peer": peer}
    return made


def test_the_page_begins_with_what_fails_and_says_who_is_ahead() -> None:
    behind = evaluation([Point("x1", 0.5, 0.95)])
    page = report(behind)
    assert page.index("## What fails") < page.index("## Test split") < page.index("## Beside the peers")
    assert "not of peer x1 | **missed**" in page
    missed = page.index("**Asked of the test split, and missed**: ahead of every peer")
    assert page.index("## What fails") < missed < page.index("**Faulty and not flagged**")
    assert "1 turned out to fare as well as their twins: `bad_batch/digits/3`" in page
    assert not is_reached(behind)
    behind.unhealthy, behind.unhealthy_flagged = [(HEALTHY, "score too low")], 1
    behind.unanswered = {OURS: ["bad_batch/digits/3 (twin)"], "the peers": []}
    page = report(behind)
    assert "1 (score too low). Trimtab flags 1 of these." in page
    assert "**Runs in which Trimtab gave no answer** (a time-out or a crash): bad_batch/digits/3 (twin)." in page
    assert "in which the peers" not in page
    ahead = evaluation([Point("x1", 0.5, 0.85)])
    ahead.rocs_with_harmless = behind.rocs
    assert "everywhere | everywhere | reached" in report(ahead)
    assert "With them in, as good as Trimtab at their false alarms: peer x1." in report(ahead)
    ahead.rocs_with_harmless = ahead.rocs
    assert "at their false alarms: no peer." in report(ahead)
    assert is_reached(ahead)
