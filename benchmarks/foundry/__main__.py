"""`python -m foundry list|run|harm|score`: what there is, running it, harm done, and how right verdicts are."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .faults import KINDS
from .harm import harms
from .programs import faulty_programs, first_seeds, programs
from .runner import run_all

if TYPE_CHECKING:
    from .program import Program


def _chosen(arguments: argparse.Namespace) -> list[Program]:
    found = programs() if arguments.command != "harm" else faulty_programs()
    kinds = set(arguments.kind or ())
    if kinds:
        found = [program for program in found if program.fault is not None and program.fault.kind in kinds]
    if arguments.seeds is not None:
        found = first_seeds(found, arguments.seeds)
        # Of healthy programs about the same share.
        healthy = [program for program in found if program.role == "healthy"]
        found = [program for program in found if program.role != "healthy"] + healthy[:: max(3 // arguments.seeds, 1)]
    return found


def _list(found: list[Program]) -> None:
    for program in found:
        print(f"{program.role:8}{program.split:8}{program.recipe.family:20}{program.name}")


def _harm(found: list[Program], results: dict[str, dict[str, Any]]) -> int:
    """The table; 1 where a fault does no harm."""
    rows = harms(found, results)
    print(f"{'program':60} {'twin':>7} {'faulty':>7} {'loss x':>9} {'jump x':>9}  harm")
    for row in sorted(rows, key=lambda row: (bool(row.reason), row.name)):
        numbers = f"{row.twin_score:7.3f} {row.score:7.3f} {row.loss_ratio:9.3g} {row.transient:9.3g}"
        print(f"{row.name:60} {numbers}  {row.reason or 'NONE'}")
    harmless = sum(not row.reason for row in rows)
    print(f"{len(rows)} faulty programs, {harmless} of them without harm")
    return 1 if harmless else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="foundry", description="Programs with one known fault, their twins, healthy ones."
    )
    parser.add_argument("command", choices=("list", "run", "harm", "score"))
    parser.add_argument("--kind", action="append", choices=sorted(KINDS), help="of fault; may be given again")
    parser.add_argument("--seeds", type=int, help="of each setting, the first so many; all without")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--split", choices=("tuning", "test"), help="of score: only this half")
    parser.add_argument("--ours", action="store_true", help="of score: no peers, no cures, no knobs")
    parser.add_argument("--no-knobs", action="store_true", help="of score: the false-alarm knob stays where it is")
    parser.add_argument("--page", help="of score: the file to write; standard output without")
    arguments = parser.parse_args()
    found = _chosen(arguments)
    if arguments.command == "list":
        _list(found)
        return 0
    start = time.monotonic()
    if arguments.command == "score":
        return _score(found, arguments)
    if arguments.command == "harm":
        results = run_all(found, {}, arguments.processes)
        status = _harm(found, results)
    else:
        from .watching import Watching

        results = run_all(found, {"trimtab": Watching}, arguments.processes)
        status = 0
        _summary(found, results)
    print(f"{len(results)} runs, {time.monotonic() - start:.0f} s", file=sys.stderr)
    return status


def _score(found: list[Program], arguments: argparse.Namespace) -> int:
    """Writes the page; 1 where something that is asked of the test split is missed."""
    from .evaluation import evaluate
    from .report import is_reached, report

    chosen = [program for program in found if arguments.split in (None, program.split)]
    everything = not arguments.ours
    with_knobs = everything and not arguments.no_knobs
    evaluation = evaluate(chosen, everything, everything, with_knobs, arguments.processes)
    text = report(evaluation)
    if arguments.page:
        Path(arguments.page).write_text(text)
    else:
        print(text)
    return 0 if is_reached(evaluation) else 1


def _summary(found: list[Program], results: dict[str, dict[str, Any]]) -> None:
    """Each program with the causes of warnings; the score is score.py's."""
    for program in found:
        result = results[program.recipe.key]
        flags = result["answers"].get("trimtab", {}).get("flags", [])
        causes = dict.fromkeys(
            flag["cause"].lower() for flag in flags if flag["verdict"].lower() in ("warning", "critical")
        )
        print(f"{program.role:8} {program.name:60} {', '.join(causes)}{result['course']['failure'][:60]}")


if __name__ == "__main__":
    sys.exit(main())
