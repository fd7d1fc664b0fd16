"""What `make crash` is to do, broken run by broken run: a list that can be mixed, counted and cut short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crash import elsewhere, faults, races
from crash.calls import ERRORS
from crash.cases import Case
from crash.faults import Verdict

INSTANTS, RACES = 1_000, 100
KINDS = ("kill", "random", "error", "size", "two", "ten", "old", "read-only")
CALLED = {  # as the verdicts call the kinds
    "kill": "killed", "random": "killed at random", "once": "{} once", "from": "{} from then on", "size": "file size",
    "two": "2 at once", "ten": "10 at once", "old": "old registry",
}  # fmt: skip
Task = tuple[str, str, int, int, str]  # kind, row, number, of how many, which error


def tasks(cases: Mapping[str, Case], kinds: Sequence[str], every: int = 1) -> Iterator[Task]:
    """All that is to be done; with `every` above 1, one of so many of each kind."""
    speeds = {name: 1 / max(case.processor, 0.05) for name, case in cases.items()}
    for name, case in cases.items():
        calls = len(case.calls)
        many = {
            "kill": calls,
            "random": round(INSTANTS * speeds[name] / sum(speeds.values())),
            "size": len(faults.SIZES),
            "two": RACES,
            "ten": RACES,
            "old": int(name != "init"),
            "read-only": 1,
        }
        for kind in kinds:
            for i in range(0, many.get(kind, 0), every):
                yield kind, name, i, many[kind], ""
        if "error" in kinds:
            refused = [
                (kind, i, error) for kind in ("once", "from") for error in ERRORS for i in range(calls)
            ]
            for kind, i, error in refused[::every]:
                yield kind, name, i, calls, error


def do(cases: Mapping[str, Case], task: Task) -> Verdict:
    kind, name, i, of, error = task
    case = cases[name]
    if kind == "kill":
        return faults.kill_at(case, i)
    if kind == "random":
        return faults.kill_after(case, i, of)
    if kind == "once":
        return faults.error_at(case, i, error)
    if kind == "from":
        return faults.error_from(case, i, error)
    if kind == "size":
        return faults.small_files(case, faults.SIZES[i])
    if kind in ("two", "ten"):
        return races.race(case, 2 if kind == "two" else 10, i)
    return elsewhere.old_registry(case) if kind == "old" else elsewhere.read_only(case)
