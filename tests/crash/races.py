"""The same command several times at once: one does it, the others wait or say so, and it is done once."""

from __future__ import annotations

from crash.cases import Case
from crash.faults import Verdict
from crash.server import run_at_once

BUSY = (
    "Another rct is writing in this workspace",
    "Another command changed",
    "Another rct is making a workspace",
    "Another rct is adding to this library",
)


def race(case: Case, n: int, number: int) -> Verdict:
    """`n` of them from the same instant, in a fresh copy."""
    with case.ground.copy(case.row.stage) as place:
        ended = run_at_once(
            [case.row.arguments(place.root)] * n,
            temporary=str(place.temporary),
            folder=str(place.root),
            later=case.row.later,
        )
        wrong = [] if any(e.code == 0 for e in ended) else ["none of them worked"]
        wrong += case.always(place, "".join(each.out for each in ended))
        for each in ended:
            wrong += ["hangs"] if each.hung else []
            said = " ".join(each.out.split())
            if each.code != 0 and not (each.code == 2 and any(word in said for word in BUSY)):
                wrong.append(f"one ended with {each.code}: {said[:300]}")
        side, why = case.side(place.city)
        if side != "after":
            wrong.append(f"not the state after ({why})")
        verified = place.ask("verify")
        if verified.code != 0:
            wrong.append(f"verify: {verified.out}")
        wrong += case.again(place)
    refused = sum(each.code != 0 for each in ended)
    return Verdict(
        f"{n} at once", case.row.name, f"race {number + 1}", refused > 0, list(dict.fromkeys(wrong))
    )
