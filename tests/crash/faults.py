"""One broken run of a command, of each kind there is, and what was wrong with what it left."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from crash.calls import Call, failing, failing_on, killing
from crash.cases import Case
from crash.server import Ended, traced

SIZES = (0, 100, 512, 3_000, 8_192, 20_000, 45_000, 60_000, 80_000, 100_000, 200_000)  # bytes a file may have


@dataclass(frozen=True)
class Verdict:
    """What was broken, where, and all that was wrong afterwards; `struck`: the fault came before the end."""

    kind: str
    row: str
    where: str
    struck: bool
    wrong: list[str] = field(default_factory=list)


def kill_at(case: Case, i: int) -> Verdict:
    """Killed as its `i`th changing call begins. Every second time the folder is renamed before anyone looks."""
    call = case.calls[i]
    with case.ground.copy(case.row.stage) as place:
        ended = place.do(case.row, strace=_strace(call, *killing(call)))
        if i % 2:
            place = place.moved()
        wrong = case.judged(place, ended)
    wrong += (
        [] if ended.killed or ended.code == 0 else [f"ended with {ended.code}: {ended.out.strip()[:300]}"]
    )
    return Verdict("killed", case.row.name, _where(i, call), ended.killed, wrong)


def kill_after(case: Case, i: int, of: int) -> Verdict:
    """Killed by the clock, in the `i`th of `of` slices of the time that the command takes."""
    seconds = case.seconds * 1.1 * (i + random.Random(f"{case.row.name} {i}").random()) / of
    with case.ground.copy(case.row.stage) as place:
        ended = place.do(case.row, seconds=seconds)
        wrong = case.judged(place, ended)
    return Verdict("killed at random", case.row.name, f"after {seconds:.3f} s", ended.killed, wrong)


def error_at(case: Case, i: int, error: str) -> Verdict:
    """One call is refused with `error`."""
    call = case.calls[i]
    return _refused(f"{error} once", case, i, _strace(call, *failing(call, error)))


def error_from(case: Case, i: int, error: str) -> Verdict:
    """That call and all later ones that change something are refused: the disk stays full."""
    call = case.calls[i]
    return _refused(f"{error} from then on", case, i, _strace(call, *failing_on(call, error)))


def small_files(case: Case, size: int) -> Verdict:
    """No file may grow beyond `size` bytes (RLIMIT_FSIZE)."""
    with case.ground.copy(case.row.stage) as place:
        ended = place.do(case.row, file_size=size)
        wrong = spoken(ended) + case.judged(place, ended)
    return Verdict("file size", case.row.name, f"{size:,} bytes", ended.code != 0, wrong)


def _refused(kind: str, case: Case, i: int, strace: list[str]) -> Verdict:
    with case.ground.copy(case.row.stage) as place:
        ended = place.do(case.row, strace=strace)
        wrong = spoken(ended) + case.judged(place, ended)
    return Verdict(kind, case.row.name, _where(i, case.calls[i]), ended.code != 0, wrong)


def spoken(ended: Ended) -> list[str]:
    """A refused command says so in a sentence, and ends with 2 (or 1, where a check answers no)."""
    if ended.code == 0:
        return []
    if ended.code not in (1, 2):
        return [f"ended with {ended.code}: {ended.out.strip()[-300:]}"]
    return (
        []
        if "rct could not do this." in ended.out and "rule" in ended.out
        else [f"no sentence: {ended.out[:300]!r}"]
    )


def _strace(call: Call, *rules: str) -> list[str]:
    traced_names = ",".join(sorted({rule.partition("=")[2].partition(":")[0] for rule in rules} | {"getsid"}))
    return traced(None, "-e", f"trace={traced_names}", *(word for rule in rules for word in ("-e", rule)))


def _where(i: int, call: Call) -> str:
    return f"call {i + 1}: {call.name} #{call.number} {call.what}"
