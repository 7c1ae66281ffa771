"""Runs everything that the score needs: Trimtab and the peers on the same programs, the cures, and the knobs."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import judgements, runner
from .baselines import all_rules
from .baselines.judging import STRICTNESSES, Baselines
from .curing import Attempt, attempts, is_cured, reruns
from .harm import harms
from .health import healthy_enough
from .programs import first_seeds
from .roc import Point, point
from .score import Score, score
from .split import TEST
from .statistics import Share, share
from .watching import Watching

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .judgements import Judgement
    from .program import Program

OURS = "Trimtab"
#: Of each setting of the test half, for recall over false alarms: every point takes as many runs.
ROC_SEEDS = 2
#: The false-alarm knob: alarms in a million healthy steps, 1 by default. 3e4 came after a look at the curve.
KNOB = (1e-6, 3e-5, 1e-3, 1e3, 1e4, 3e4, 1e5)


@dataclass
class Evaluation:
    """All that the report tells."""

    programs: list[Program]
    #: Healthy programs that do not learn, and are no measure of anything.
    unhealthy: list[tuple[Program, str]]
    #: Faulty programs that fare as well as their twins.
    harmless: list[str] = field(default_factory=list)
    #: Programs left out as unhealthy that Trimtab flags.
    unhealthy_flagged: int = 0
    #: By tool, the programs without an answer: a time-out, or the process ended.
    unanswered: dict[str, list[str]] = field(default_factory=dict)
    scores: dict[str, Score] = field(default_factory=dict)
    #: Of the test split, but for harmless faults.
    rocs: dict[str, list[Point]] = field(default_factory=dict)
    #: The same with harmless faults; Trimtab's without what programs ask it.
    rocs_with_harmless: dict[str, list[Point]] = field(default_factory=dict)
    roc_nothing_asked: list[Point] = field(default_factory=list)
    cures: list[tuple[Attempt, bool]] = field(default_factory=list)
    seconds: float = 0.0

    def cured(self, kind: str | None = None) -> Share:
        chosen = [ok for attempt, ok in self.cures if kind is None or attempt.faulty.fault.kind == kind]  # type: ignore[union-attr]
        return share(chosen)


def evaluate(
    programs: list[Program],
    with_peers: bool = True,
    with_cures: bool = True,
    with_knobs: bool = True,
    processes: int = 2,
) -> Evaluation:
    """Runs what is not cached."""
    run_all = functools.partial(runner.run_all, processes=processes)
    _say("Trimtab looks on")
    ours = run_all(programs, {"trimtab": Watching})
    kept, unhealthy = healthy_enough(programs, ours)
    found = Evaluation(kept, unhealthy, seconds=sum(result["seconds"] for result in ours.values()))
    planted = [program for program in kept if program.role != "healthy"]
    found.harmless = [harm.name for harm in harms(planted, ours) if not harm.reason]
    judge = trimtab_judge(ours)
    found.unhealthy_flagged = sum(judge(program).flagged() for program, _ in unhealthy)
    found.unanswered[OURS] = _unanswered(programs, ours)
    found.scores[OURS] = score(kept, ours, judge)
    found.scores[f"{OURS}, nothing asked"] = score(kept, ours, trimtab_judge(ours, with_asked=False))
    # All programs where the test half was not asked for.
    test = [program for program in kept if program.split == TEST] or kept
    # A fault that does no harm is not there to be found: who alarms at it alarms at everything.
    harmful = [program for program in test if program.name not in found.harmless]
    watched = [program for program in first_seeds(harmful, ROC_SEEDS) if program.role != "twin"]
    harmless = [program for program in test if program.name in found.harmless and program.role == "faulty"]
    curves = ((found.rocs, watched), (found.rocs_with_harmless, watched + harmless))
    for rocs, programs in curves:
        rocs[OURS] = _points("", programs, ours)
    found.roc_nothing_asked = _points("", watched, ours, with_asked=False)
    for knob in KNOB if with_knobs else ():
        setting = f", {knob:g} in a million"
        _say(f"Trimtab{setting}")
        observer = functools.partial(Watching, false_alarms_per_million=knob)
        turned = run_all(watched + harmless, {"trimtab": observer})
        for rocs, programs in curves:
            rocs[OURS] += _points(setting, programs, turned)
        found.roc_nothing_asked += _points(setting, watched, turned, with_asked=False)
    if with_cures:
        _say("cures")
        tried = attempts(kept, judge)
        results = ours | run_all(reruns(tried), {"trimtab": Watching})
        again = trimtab_judge(results)
        found.cures = [(attempt, is_cured(attempt, results, again)) for attempt in tried]
    if with_peers:
        _say("the peers look on")
        theirs = run_all(kept, {"peers": Baselines})
        found.unanswered["the peers"] = _unanswered(kept, theirs)
        for name in all_rules():
            found.scores[name] = score(kept, theirs, peer_judge(theirs, name))
            for rocs, programs in curves:
                rocs[name] = [
                    point(f"x{strictness:g}", programs, peer_judge(theirs, name, strictness))
                    for strictness in STRICTNESSES
                ]
    return found


def _points(
    setting: str, programs: list[Program], results: Mapping[str, dict[str, Any]], with_asked: bool = True
) -> list[Point]:
    """Of Trimtab in this setting, by the least verdict that counts as an alarm."""
    return [
        point(f"{least} and worse{setting}", programs, trimtab_judge(results, least, with_asked))
        for least in judgements.VERDICTS
    ]


def _unanswered(programs: list[Program], results: Mapping[str, dict[str, Any]]) -> list[str]:
    return [
        f"{program.name} ({program.role})" for program in programs if not results[program.recipe.key].get("answers")
    ]


def trimtab_judge(
    results: Mapping[str, dict[str, Any]], least: str = "warning", with_asked: bool = True
) -> Callable[[Program], Judgement]:
    return lambda program: judgements.of_trimtab(
        results[program.recipe.key]["answers"].get("trimtab", {}), least, with_asked
    )


def peer_judge(
    results: Mapping[str, dict[str, Any]], name: str, strictness: float = 1.0
) -> Callable[[Program], Judgement]:
    return lambda program: judgements.of_rules(
        results[program.recipe.key]["answers"].get("peers", {}), name, strictness
    )


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr)
