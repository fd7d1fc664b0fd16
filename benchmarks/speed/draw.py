"""A million units in 10,000 blocks to four arms: SHA-256 tickets beside a seeded generator and beside SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version

from benchmarks.speed.measure import alternating, side
from benchmarks.speed.rows import Aim, Row

UNITS, BLOCKS, ARMS = 1_000_000, 10_000, ("a", "b", "c", "d")
KEY = "5f" * 32
Prepared = tuple[Callable[[], object], float]


def units_and_blocks() -> tuple[list[str], list[str]]:
    import numpy as np

    random = np.random.default_rng(1)
    hexes = random.bytes(12 * UNITS).hex()
    units = [hexes[i : i + 24] for i in range(0, len(hexes), 24)]
    labels = [f"block {b:05d}" for b in range(BLOCKS)]
    return units, [labels[b] for b in random.integers(0, BLOCKS, UNITS).tolist()]


def of_rct() -> Prepared:
    import numpy as np

    from rct.design.schemes import conduct, declare

    units, blocks = units_and_blocks()
    design = declare("blocked", ARMS, (1, 1, 1, 1))

    def work() -> object:
        return np.bincount(conduct(design, KEY, units, blocks).arm).tolist()

    return work, 0.0


def of_stochatreat() -> Prepared:
    import pandas
    from stochatreat import stochatreat

    units, blocks = units_and_blocks()
    frame = pandas.DataFrame({"unit": units, "block": blocks})

    def work() -> object:
        drawn = stochatreat(frame, stratum_cols="block", treats=4, idx_col="unit", random_state=7)
        return drawn["treat"].value_counts().tolist()

    return work, 0.0


def of_duckdb() -> Prepared:
    import duckdb
    import pandas

    units, blocks = units_and_blocks()
    db = duckdb.connect()
    db.register("given", pandas.DataFrame({"unit": units, "block": blocks}))
    db.execute("create table frame as select * from given")

    def work() -> object:
        db.execute(
            "create or replace table drawn as select unit, (row_number() over "
            f"(partition by block order by sha256('{KEY}|unit|' || unit)) - 1) % 4 as arm from frame"
        )
        return [n for (n,) in db.execute("select count(*) from drawn group by arm order by arm").fetchall()]

    return work, 0.0


SIDES = {"rct": of_rct, "stochatreat": of_stochatreat, "duckdb": of_duckdb}


def measured() -> Row:
    names = {
        "rct": "rct",
        "stochatreat": f"stochatreat {version('stochatreat')}",
        "duckdb": f"DuckDB {version('duckdb')}",
    }
    spent = alternating({k: (lambda k=k: side("draw", k, 3)) for k in SIDES}, 3)
    fastest = min(spent["stochatreat"].wall, spent["duckdb"].wall)
    return Row(
        "draw",
        [Aim("rct's time over the fastest peer's", spent["rct"].wall / fastest, 1.3, "times")],
        [(names[k], s) for k, s in spent.items()],
        [
            "Each side starts from units and block labels as it likes them best and ends with an arm for each unit. "
            "Only rct's draw and DuckDB's can be derived again by others; DuckDB's one-line rule favors the first arms "
            "in blocks that don't divide by four, rct's leftovers favor nobody.",
            f"Units by arm: rct {json.dumps(spent['rct'].answer)}, DuckDB {json.dumps(spent['duckdb'].answer)}.",
        ],
        "hashing by copies of a begun hash and by whole messages (alike: a call into OpenSSL a unit, more than half of the "
        "time), digests gathered in batches.",
    )
