"""Invariant 2: anyone can re-derive the draw, whatever the row order, from what the trial gives to others."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from support import Road, canary_accounts, definition, road_at


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def event(road: Road, kind: str) -> dict[str, object]:
    (body,) = [e["body"] for e in road.ok("log", road.name)["events"] if e["kind"] == kind]
    return dict(body)


def assignment(road: Road) -> list[dict[str, str]]:
    with (road.out / "assignment.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def derived(plan: dict[str, object], draw: dict[str, object], rows: list[dict[str, str]]) -> dict[str, str]:
    """Unit → arm by the rules of docs/draw.md, written down here once more and sharing no code with rct."""
    arms = plan["definition"]["order"]["arms"]  # type: ignore[index]
    weights = {a: plan["definition"]["arms"][a]["share"] for a in arms}  # type: ignore[index]
    total = sum(weights.values())
    lines = sorted(f"{r['unit']}\t{r['block']}\t{r['cluster']}\n".encode() for r in rows)
    frame = hashlib.sha256(b"".join(lines)).hexdigest()
    plan_hash = hashlib.sha256(
        json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )
    k = sha(f"rct.draw.1|{draw['seed']}|{plan_hash.hexdigest()}|{frame}|{draw['beacon']}")
    clustered = "clustered" in plan["definition"]["design"]["scheme"]  # type: ignore[index]
    kind = "cluster" if clustered else "unit"
    members: dict[str, set[str]] = defaultdict(set)
    for r in rows:
        members[r["block"]].add(r[kind])
    given: dict[str, str] = {}
    for block, dealt in members.items():
        u = int(sha(f"{k}|block|{block}"), 16) % total
        counts, running = {}, 0
        for arm in sorted(arms, key=lambda a: sha(f"{k}|arm|{block}|{a}")):
            whole, rest = divmod(len(dealt) * weights[arm], total)
            counts[arm] = whole + ((running + rest + u) // total > (running + u) // total)
            running += rest
        order = iter(sorted(dealt, key=lambda x: sha(f"{k}|{kind}|{x}")))
        given |= {next(order): arm for arm in arms for _ in range(counts[arm])}
    return {r["unit"]: given[r[kind]] for r in rows}


DESIGNS = {
    "complete": ('scheme = "complete"', ""),
    "blocked": ('scheme = "blocked"\nblocks = ["district", "language"]', ""),
    "clustered": ('scheme = "clustered"\nclusters = "household"', ""),
}


def test_the_draw_follows_from_plan_log_and_list_alone(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    rows = assignment(road)
    plan = json.loads((road.out / "plan.json").read_bytes())
    assert derived(plan, event(road, "draw"), rows) == {r["unit"]: r["arm"] for r in rows}


@pytest.mark.parametrize("scheme", DESIGNS)
def test_every_other_scheme_follows_too(scheme: str, tmp_path: Path) -> None:
    road = Road(tmp_path)
    categories = 'categories = ["language"]' if scheme != "blocked" else ""
    road.define(definition(design=DESIGNS[scheme][0], frame=f'id = "account"\n{categories}'))
    road.ok("frame", "bills", road.file("a.csv", canary_accounts(101)))
    road.ok("lock", "bills")
    road.ok("draw", "bills")
    rows = assignment(road)
    plan = json.loads((road.out / "plan.json").read_bytes())
    assert derived(plan, event(road, "draw"), rows) == {r["unit"]: r["arm"] for r in rows}
    assert road.ok("verify", "bills")["failures"] == []


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    head, *rows = canary_accounts().splitlines()
    written = set()
    for seed in range(3):
        road = road_at("locked", tmp_path / str(seed))
        shuffled = random.Random(seed).sample(rows, len(rows))
        road.ok("frame", "bills", road.file("shuffled.csv", "\n".join([head, *shuffled]) + "\n"))
        road.ok("draw", "bills")
        written.add((road.out / "assignment.csv").read_bytes())
        assert road.ok("verify", "bills")["failures"] == []
    assert len(written) == 1


def test_columns_in_another_order_and_with_other_names_change_nothing(tmp_path: Path) -> None:
    written = set()
    for turned in (False, True):
        road = road_at("locked", tmp_path / str(turned))
        cells = [line.split(",") for line in canary_accounts().splitlines() if line]
        if turned:
            cells = [row[::-1] for row in cells]
            cells[0][cells[0].index("account")] = "acct no"
        file = road.file("list.csv", "".join(";".join(row) + "\n" for row in cells))
        road.ok("frame", "bills", file, *(["--rename", "acct no=account"] if turned else []))
        road.ok("draw", "bills")
        written.add((road.out / "assignment.csv").read_bytes())
    assert len(written) == 1


def test_one_row_fewer_is_another_draw(tmp_path: Path) -> None:
    keys = set()
    for n in (240, 239):
        road = road_at("locked", tmp_path / str(n))
        road.ok("frame", "bills", road.file("list.csv", canary_accounts(n)))
        keys.add(road.ok("draw", "bills")["key"])
    assert len(keys) == 2


def test_the_file_is_sorted_by_unit_and_counts_what_the_event_says(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    data = (road.out / "assignment.csv").read_bytes()
    assert data.startswith(b"unit,block,cluster,arm,prob,ticket\n")
    assert b"\r" not in data
    rows = assignment(road)
    assert [r["unit"] for r in rows] == sorted(r["unit"] for r in rows)
    assert Counter(r["arm"] for r in rows) == event(road, "draw")["units"]
    assert all(len(r["unit"]) == 24 and len(r["cluster"]) == 24 and len(r["ticket"]) == 64 for r in rows)
    arms = defaultdict(set)
    for row in rows:
        arms[row["cluster"]].add((row["arm"], row["ticket"], row["block"]))
    assert {len(found) for found in arms.values()} == {1}


def test_another_list_of_the_same_size_does_not_verify(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    a, b = road.sql("select unit, arm from assignment_bills group by arm limit 2")
    road.sql(
        f"update assignment_bills set arm = '{b[1]}' where unit = '{a[0]}'",
        f"update assignment_bills set arm = '{a[1]}' where unit = '{b[0]}'",
    )
    ran = road.rct("verify", "bills", "--json")
    assert ran.code == 1
    assert ran.json["failures"][0]["code"] == "assignment_changed"


def test_the_file_with_two_arms_swapped_does_not_verify(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    path = road.out / "assignment.csv"
    path.write_bytes(path.read_bytes().replace(b",plain,", b",social,", 1))
    (failure,) = road.rct("verify", "bills", "--json").json["failures"]
    assert failure["code"] == "assignment_changed"
    assert failure["file"] == "trials/bills/out/assignment.csv"
