"""All programs of the foundry: each kind of fault in its settings and seeds, their repaired twins, and healthy ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import split
from .bases import BASES
from .faults import KINDS
from .program import Fault, Program, faulty

if TYPE_CHECKING:
    from collections.abc import Iterable


#: Of each setting.
SEEDS = 5


def seeds_of(is_test_kind: bool) -> list[int]:
    """Those of a setting, in the half that its kind's are in."""
    return [number + split.TEST_SEED * (split.of_fault(is_test_kind, number) == split.TEST) for number in range(SEEDS)]


def faulty_programs(kinds: Iterable[str] | None = None) -> list[Program]:
    """Faulty programs, each followed by its twin."""
    test_kinds = split.kinds_of_test(KINDS)
    programs: list[Program] = []
    for name in kinds if kinds is not None else KINDS:
        kind = KINDS[name]
        for place, setting in enumerate(kind.settings):
            sound = BASES[setting.base].changed(**setting.twin)
            accepted = kind.accepted + setting.accepted
            symptoms = tuple(symptom for symptom in kind.symptoms if symptom not in accepted)
            fault = Fault(name, setting.choices, accepted, symptoms, setting.onset)
            for seed in seeds_of(name in test_kinds):
                half = split.of_fault(name in test_kinds, seed)
                programs += faulty(fault, sound.changed(seed=seed), f"{setting.base}.{place}/{seed}", half)
    return programs


def first_seeds(found: Iterable[Program], count: int) -> list[Program]:
    """Of faulty programs and their twins those of the first seeds of each setting; healthy ones all."""
    kept: list[Program] = []
    seen: dict[str, list[int]] = {}
    for program in found:
        seeds = seen.setdefault(program.name.rsplit("/", 1)[0], [])
        if program.recipe.seed not in seeds:
            seeds.append(program.recipe.seed)
        if program.role == "healthy" or seeds.index(program.recipe.seed) < count:
            kept.append(program)
    return kept


def programs() -> list[Program]:
    """Everything, the same every time."""
    from .healthy import healthy_programs

    return faulty_programs() + healthy_programs()
