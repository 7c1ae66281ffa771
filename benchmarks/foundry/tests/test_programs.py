"""Every kind builds, twins differ by the fault alone, the split is half, healthy programs differ."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
import torch
from foundry import split
from foundry.faults import KINDS
from foundry.healthy import COUNT, healthy_programs
from foundry.loop import make_optimizer
from foundry.programs import faulty_programs, programs
from foundry.task import family

PROGRAMS = faulty_programs()
PAIRS = list(zip(PROGRAMS[::2], PROGRAMS[1::2], strict=True))
FIRST_OF_SETTING = {faulty.name.rsplit("/", 1)[0]: (faulty, twin) for faulty, twin in reversed(PAIRS)}
#: Causes that came with the foundry, or may come later than it.
NEW_CAUSES = frozenset(
    [
        "output_activation",
        "wrong_loss",
        "summed_loss",
        "broadcast_loss",
        "unscaled_target",
        "repeated_batch",
        "gradient_ascent",
        "constant_initialisation",
        "batch_of_one",
        "evaluation_mode",
        "weight_decay_too_strong",
        "dropout_too_strong",
        "optimizer_state_lost",
        "optimizer_epsilon",
        "unrelated_targets",
        "target_mismatch",
    ]
)


def test_there_are_enough_kinds_seeds_and_healthy_programs() -> None:
    assert len(KINDS) >= 37
    assert len(healthy_programs()) == COUNT >= 300
    for kind in KINDS:
        seeds = {faulty.recipe.seed for faulty, _ in PAIRS if faulty.fault and faulty.fault.kind == kind}
        assert len(seeds) >= 5, "five programs with one seed are not five seeds"
        assert len({setting.base for setting in KINDS[kind].settings}) >= 1


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize("name", FIRST_OF_SETTING)
def test_each_setting_builds(name: str) -> None:
    recipe = FIRST_OF_SETTING[name][0].recipe
    torch.manual_seed(recipe.seed)
    task = family(recipe)
    make_optimizer(recipe, task.model)
    with torch.autocast("cpu", dtype=torch.float16, enabled=recipe.precision.startswith("float16_")):
        assert task.loss(next(task.batches())).numel() == 1


@pytest.mark.parametrize("name", FIRST_OF_SETTING)
def test_twins_differ_by_the_choices_of_the_fault_alone(name: str) -> None:
    faulty, twin = FIRST_OF_SETTING[name]
    assert faulty.fault is not None
    assert faulty.fault is twin.fault
    ours, theirs = (
        {**dataclasses.asdict(program.recipe), **dict(program.recipe.extra), "extra": None}
        for program in (faulty, twin)
    )
    differing = {choice for choice in {*ours, *theirs} if ours.get(choice) != theirs.get(choice)}
    assert differing == set(faulty.fault.choices)
    assert faulty.recipe.key != twin.recipe.key
    assert faulty.split == twin.split


def test_names_are_unique_and_programs_the_same_every_time() -> None:
    first, second = programs(), programs()
    assert [(one.role, one.name, one.recipe.key) for one in first] == [
        (one.role, one.name, one.recipe.key) for one in second
    ]
    assert len({(program.role, program.name) for program in first}) == len(first)


def test_half_of_the_kinds_and_of_the_other_kinds_seeds_are_set_aside() -> None:
    test_kinds = split.kinds_of_test(KINDS)
    assert len(test_kinds) == (len(KINDS) + 1) // 2
    for faulty, _ in PAIRS:
        assert faulty.fault is not None
        is_test = faulty.fault.kind in test_kinds
        assert faulty.split == (split.TEST if is_test or faulty.recipe.seed % 2 else split.TUNING)
    for kind in set(KINDS) - test_kinds:
        seeds = {faulty.recipe.seed % 2 for faulty, _ in PAIRS if faulty.fault and faulty.fault.kind == kind}
        assert seeds == {0, 1}
    share = sum(program.split == split.TEST for program in healthy_programs()) / COUNT
    assert 0.4 < share < 0.6


def test_no_twin_is_in_both_halves() -> None:
    halves: dict[str, set[str]] = {}
    for _, twin in PAIRS:
        halves.setdefault(twin.recipe.key, set()).add(twin.split)
    assert all(len(half) == 1 for half in halves.values())


def test_accepted_causes_and_symptoms_are_causes() -> None:
    status = (Path(__file__).parents[3] / "include" / "trimtab" / "status.h").read_text()
    known = {name.lower() for name in re.findall(r"TRIMTAB_CAUSE_(\w+)", status)} | NEW_CAUSES
    for program in PROGRAMS:
        assert program.fault is not None
        accepted, symptoms = set(program.fault.accepted), set(program.fault.symptoms)
        assert accepted, program.name
        assert accepted | symptoms <= known, program.name
        assert not accepted & symptoms, program.name


def test_what_follows_from_a_fault_is_not_accepted_as_its_cause() -> None:
    for kind, symptom in (
        ("small_initialisation", "vanishing_gradient"),
        ("attention_logits_growing", "attention_collapse"),
    ):
        assert symptom not in KINDS[kind].accepted
        assert symptom in KINDS[kind].symptoms
    # Of biases: no weight is large.
    by_bias = [one for one, _ in PAIRS if one.fault and one.fault.choices == {"hidden_bias": 12.0}]
    assert by_bias
    assert all(one.fault and one.fault.accepted == ("saturation",) for one in by_bias)


def test_healthy_programs_differ_in_what_they_are_made_of() -> None:
    recipes = [program.recipe for program in healthy_programs()]
    assert len({recipe.key for recipe in recipes}) == len(recipes)
    for choice, least in (
        ("family", 11),
        ("optimizer", 7),
        ("schedule", 4),
        ("precision", 4),
        ("activation", 7),
        ("depth", 7),
    ):
        assert len({getattr(recipe, choice) for recipe in recipes}) >= least, choice
    for choice in ("noisy", "few", "imbalanced", "zeroes_last", "fixed", "ties", "residual", "label_smoothing"):
        assert any(recipe.get(choice) for recipe in recipes), choice
