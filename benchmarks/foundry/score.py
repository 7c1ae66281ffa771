"""How right a tool is: on faulty programs, their repaired twins and healthy ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .harm import OTHER_LOSS
from .lead import harm_step
from .statistics import Median, Share, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from .judgements import Judgement
    from .program import Program

    Results = Mapping[str, dict[str, Any]]
    Judge = Callable[[Program], Judgement]


@dataclass(frozen=True)
class Case:
    """One faulty program and its twin, as one tool saw them."""

    program: Program
    flagged: bool
    #: The root cause is named first; among all that are named; or at least a true symptom.
    led: bool
    named: bool
    #: A true symptom, or the cause itself, is named.
    diagnosed: bool
    twin_silent: bool
    #: Steps between the alarm and the harm that everybody sees; None where either is missing.
    lead: int | None


@dataclass(frozen=True)
class Healthy:
    program: Program
    flagged: bool
    #: The first of each alarm; some of the peers' rules name none.
    causes: tuple[str, ...]


@dataclass
class Score:
    """Of one tool, over some programs."""

    cases: list[Case] = field(default_factory=list)
    healthy: list[Healthy] = field(default_factory=list)

    @property
    def recall(self) -> Share:
        return share([case.flagged for case in self.cases])

    @property
    def diagnosis(self) -> Share:
        return share([case.diagnosed for case in self.cases])

    @property
    def root_cause(self) -> Share:
        return share([case.led for case in self.cases])

    @property
    def named(self) -> Share:
        return share([case.named for case in self.cases])

    @property
    def twin_silent(self) -> Share:
        return share([case.flagged and case.twin_silent for case in self.cases])

    @property
    def false_alarms(self) -> Share:
        return share([one.flagged for one in self.healthy])

    @property
    def lead(self) -> Median:
        """Of the runs that were flagged, and do harm that anybody sees."""
        return Median(tuple(case.lead for case in self.cases if case.lead is not None))

    def of_kind(self, kind: str) -> Score:
        return Score([case for case in self.cases if case.program.fault and case.program.fault.kind == kind])


def of_split(score: Score, split: str | None) -> Score:
    """The part of a score that one half of the programs makes."""
    if split is None:
        return score
    return Score(
        [case for case in score.cases if case.program.split == split],
        [one for one in score.healthy if one.program.split == split],
    )


def pairs(programs: Iterable[Program]) -> list[tuple[Program, Program]]:
    """Faulty programs with their twins, which follow them."""
    found, faulty = [], None
    for program in programs:
        if program.role == "faulty":
            faulty = program
        elif program.role == "twin" and faulty is not None:
            found.append((faulty, program))
    return found


def score(programs: list[Program], results: Results, judge: Judge) -> Score:
    """Healthy programs that are not healthy by their own score are left out by `programs` before."""
    found = Score()
    for faulty, twin in pairs(programs):
        found.cases.append(_case(faulty, twin, results, judge))
    for program in programs:
        if program.role == "healthy":
            alarms = judge(program).alarms
            found.healthy.append(
                Healthy(program, bool(alarms), tuple(cause for _, causes in alarms for cause in causes[:1]))
            )
    return found


def _case(faulty: Program, twin: Program, results: Results, judge: Judge) -> Case:
    fault = faulty.fault
    assert fault is not None
    verdict, other = judge(faulty), judge(twin)
    course, healthy = (results[program.recipe.key]["course"] for program in (faulty, twin))
    comparable = OTHER_LOSS.isdisjoint(fault.choices)
    harm, alarm = harm_step(course, healthy, fault.onset, comparable), verdict.step(fault.onset)
    return Case(
        program=faulty,
        flagged=verdict.flagged(fault.onset),
        led=verdict.leads_with(fault.accepted, fault.onset),
        named=verdict.names(fault.accepted, fault.onset),
        diagnosed=verdict.names((*fault.accepted, *fault.symptoms), fault.onset),
        # A twin that ended early said nothing, and is no silent one.
        twin_silent=not other.flagged() and not healthy["failure"],
        lead=harm - alarm if harm is not None and alarm is not None else None,
    )
