"""What a tool said of a run, whatever the tool: when it flagged it, and the causes it names, the first one first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VERDICTS = ("notice", "warning", "critical")


@dataclass(frozen=True)
class Judgement:
    """Alarms in the order in which the tool puts them: the step, and the root causes that one names."""

    alarms: tuple[tuple[int, tuple[str, ...]], ...]

    def flagged(self, onset: int = 0) -> bool:
        """Whether there is an alarm from the onset on: one before it speaks of something else."""
        return any(step >= onset for step, _ in self.alarms)

    def step(self, onset: int = 0) -> int | None:
        """The first step with an alarm from the onset on."""
        return min((step for step, _ in self.alarms if step >= onset), default=None)

    def names(self, accepted: Iterable[str], onset: int = 0) -> bool:
        """Whether any alarm names one of these causes."""
        wanted = set(accepted)
        return any(step >= onset and wanted.intersection(causes) for step, causes in self.alarms)

    def leads_with(self, accepted: Iterable[str], onset: int = 0) -> bool:
        """Whether the first alarm from the onset on names one of them."""
        first = next((causes for step, causes in self.alarms if step >= onset), ())
        return bool(set(accepted).intersection(first))


def of_trimtab(answer: Mapping[str, Any], least: str = "warning", with_asked: bool = True) -> Judgement:
    """Findings of this verdict and worse; in the diagnosis' order where the watch gives one, else as they arose.

    with_asked: with the answers to what the program itself asks; without, the watch alone.
    """
    floor = VERDICTS.index(least)
    flags = [flag for flag in answer.get("flags", ()) if VERDICTS.index(flag["verdict"].lower()) >= floor]
    flags = [flag for flag in flags if with_asked or flag.get("rule") != "asked"]
    ranks = {cause.lower(): place for place, cause in enumerate(answer.get("diagnosis", ()))}
    ordered = sorted(flags, key=lambda flag: (ranks.get(flag["cause"].lower(), len(ranks)), flag["step"]))
    alarms = [(flag["step"], (flag["cause"].lower(),)) for flag in ordered]
    if least == VERDICTS[0]:
        # What was seen before the onset and again after it; of a warning the watch does not say how grave it was then.
        alarms += [(flag["last_step"] - 1, cause) for flag, (_, cause) in zip(ordered, alarms, strict=True)]
    return Judgement(tuple(alarms))


def of_rules(answer: Mapping[str, Any], name: str, strictness: float = 1.0) -> Judgement:
    """Alarms of a rule set, in the order of their steps."""
    alarms = answer.get(name, {}).get(str(strictness), ())
    return Judgement(tuple((step, tuple(causes)) for step, _, causes in alarms))
