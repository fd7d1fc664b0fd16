"""Anyone can re-derive the draw: a few lines of plain Python and one SQL statement give the same arms."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rct.design.schemes import conduct, declare


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def by_hand(key: str, kind: str, names: list[str], block: dict[str, str], arms: list[str], shares: list[int]):
    """Section 'The draw, byte for byte', read literally and written again without the package."""
    W, arm_of = sum(shares), {}
    for label in set(block.values()):
        members = sorted((x for x in names if block[x] == label), key=lambda x: sha(f"{key}|{kind}|{x}"))
        n, F, u = len(members), 0, int(sha(f"{key}|block|{label}"), 16) % W
        count = {a: n * w // W for a, w in zip(arms, shares, strict=True)}
        for a in sorted(arms, key=lambda a: sha(f"{key}|arm|{label}|{a}")):
            before, F = F, F + n * shares[arms.index(a)] % W
            count[a] += (F + u) // W - (before + u) // W
        dealt = [a for a in arms for _ in range(count[a])]
        arm_of.update(zip(members, dealt, strict=True))
    return arm_of


DERIVE = """
WITH RECURSIVE
total AS (SELECT sum(share) AS w FROM arm),
block AS (SELECT block AS label, count(*) AS n FROM item GROUP BY block),
start AS (  -- the block's ticket as an integer mod W, hex digit by hex digit
    SELECT label, 0 AS i, 0 AS u FROM block
    UNION ALL
    SELECT label, i + 1,
        CAST((u * 16 + instr('0123456789abcdef', substr(sha256(k.k || '|block|' || label), i + 1, 1)) - 1)
             % w AS INTEGER)
    FROM start, total, k WHERE i < 64),
part AS (
    SELECT label, place, n * share - n * share % w AS whole, n * share % w AS rest,
        sum(n * share % w) OVER (PARTITION BY label ORDER BY sha256(k.k || '|arm|' || label || '|' || name)
                                 ROWS UNBOUNDED PRECEDING) AS reached
    FROM block, arm, total, k),
dealt AS (
    SELECT part.label, place,
        (whole + (reached + u - (reached + u) % w)
               - (reached - rest + u - (reached - rest + u) % w)) / w AS given
    FROM part, total, start WHERE start.label = part.label AND i = 64),
upto AS (
    SELECT label, place, given, sum(given) OVER (PARTITION BY label ORDER BY place) AS last FROM dealt),
queue AS (
    SELECT item.name AS unit, block AS label,
        row_number() OVER (PARTITION BY block
                           ORDER BY sha256(k.k || '|' || k.kind || '|' || item.name)) AS turn
    FROM item, k)
SELECT unit, arm.name FROM queue
JOIN upto ON upto.label = queue.label AND turn > last - given AND turn <= last
JOIN arm ON arm.place = upto.place
"""


def by_sql(engine: str, key: str, kind: str, names, block, arms, shares) -> dict[str, str]:
    if engine == "duckdb":
        connection: Any = duckdb.connect()
    else:
        connection = sqlite3.connect(":memory:")
        connection.create_function("sha256", 1, sha, deterministic=True)
    connection.execute("CREATE TABLE k (k TEXT, kind TEXT)")
    connection.execute("CREATE TABLE arm (place BIGINT, name TEXT, share BIGINT)")
    connection.execute("CREATE TABLE item (name TEXT, block TEXT)")
    connection.execute("INSERT INTO k VALUES (?, ?)", (key, kind))
    rows = list(zip(range(len(arms)), arms, shares, strict=True))
    connection.executemany("INSERT INTO arm VALUES (?, ?, ?)", rows)
    connection.executemany("INSERT INTO item VALUES (?, ?)", [(x, block[x]) for x in names])
    found = dict(connection.execute(DERIVE).fetchall())
    connection.close()
    return found


def frames(n_max: int):
    """Frames of up to n_max units in blocks and clusters that nest, two to six arms, any shares."""
    label = st.sampled_from(["", "north\x1fyes", "north|no", "südost", "b", "b "])
    arm = st.sampled_from(["control", "a", "b", "sms", "letter-2", "z_9"])
    return st.builds(
        lambda arms, shares, clusters, members, key: (
            arms,
            shares[: len(arms)],
            [f"c{i}" for i in members if i < len(clusters)],
            [clusters[i] for i in members if i < len(clusters)],
            key,
        ),
        st.lists(arm, min_size=2, max_size=6, unique=True),
        st.lists(st.integers(1, 7) | st.sampled_from([999_983, 1_000_000]), min_size=6, max_size=6),
        st.lists(label, min_size=1, max_size=12),
        st.lists(st.integers(0, 11), min_size=1, max_size=n_max),
        st.integers(0, 2**256 - 1).map(lambda i: f"{i:064x}"),
    ).filter(lambda frame: len(frame[2]) > 0)


@given(frames(60))
def test_a_few_lines_written_apart_agree_on_units(frame) -> None:
    arms, shares, _, blocks, key = frame
    units = [sha(str(i))[:24] for i in range(len(blocks))]
    expected = by_hand(key, "unit", units, dict(zip(units, blocks, strict=True)), arms, shares)
    draw = conduct(declare("blocked", arms, shares), key, units, blocks)
    assert dict(zip(units, draw.arm_names, strict=True)) == expected


@given(frames(60))
def test_a_few_lines_written_apart_agree_on_clusters(frame) -> None:
    arms, shares, clusters, blocks, key = frame
    units = [sha(str(i))[:24] for i in range(len(blocks))]
    names = sorted(set(clusters))
    expected = by_hand(key, "cluster", names, dict(zip(clusters, blocks, strict=True)), arms, shares)
    draw = conduct(declare("blocked_clustered", arms, shares), key, units, blocks, clusters)
    assert draw.arm_names == [expected[c] for c in clusters]
    assert draw.ticket == [sha(f"{key}|cluster|{c}") for c in clusters]


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
@settings(max_examples=15)
@given(frame=frames(40))
def test_one_sql_statement_agrees(engine: str, frame) -> None:
    arms, shares, clusters, blocks, key = frame
    block = dict(zip(clusters, blocks, strict=True))
    draw = conduct(declare("blocked_clustered", arms, shares), key, clusters, blocks, clusters)
    found = by_sql(engine, key, "cluster", sorted(block), block, arms, shares)
    assert found == dict(zip(clusters, draw.arm_names, strict=True))


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_one_sql_statement_meets_the_worked_answers(engine: str) -> None:
    path = Path(__file__).parents[1] / "reference" / "draw_vectors.json"
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
        kind = "cluster" if any(case["clusters"]) else "unit"
        names = case["clusters"] if kind == "cluster" else case["units"]
        block = dict(zip(names, case["blocks"], strict=True))
        found = by_sql(engine, case["K"], kind, sorted(block), block, case["arms"], case["shares"])
        assert [found[name] for name in names] == case["assignment"]


@given(frames(60), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(frame, shuffler: random.Random) -> None:
    arms, shares, clusters, blocks, key = frame
    rows = [(sha(str(i))[:24], b, c) for i, (b, c) in enumerate(zip(blocks, clusters, strict=True))]
    shuffled = rows.copy()
    shuffler.shuffle(shuffled)
    for scheme, columns in (("complete", 1), ("blocked", 2), ("blocked_clustered", 3)):
        design = declare(scheme, arms, shares)
        found = []
        for order in (rows, shuffled):
            units, *rest = list(map(list, zip(*order, strict=True)))[:columns]
            found.append(dict(zip(units, conduct(design, key, units, *rest).arm_names, strict=True)))
        assert found[0] == found[1]
