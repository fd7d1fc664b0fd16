"""How long does a portfolio take? `python benchmarks/site.py [TRIALS]` builds one of 1,000 finished trials.

The trials are copies of a small one that went through the commands, each with a log of its own that holds together.
Beside it stands the least that any such program must do: copying the same files, and one read of every log.
"""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from evidence.city import reported
from support import Road

from rct.definition import canonical
from rct.evidence.site.folder import build
from rct.registry.chain import FIRST, digest
from rct.registry.workspace import find

TEMPLATE = "alike"  # with its letters as pictures


def main(trials: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        road = Road(Path(folder))
        reported(road, TEMPLATE, paid=lambda i: i % 3 == 0)
        multiply(road, trials)
        ws = find(road.folder)
        began, worked = time.perf_counter(), time.process_time()
        built = build(ws, ws.root / "site")
        took, worked = time.perf_counter() - began, time.process_time() - worked
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        began = time.perf_counter()
        shutil.copytree(ws.root / "site", ws.root / "copy")
        with closing(sqlite3.connect(ws.database)) as db:
            read = len(db.execute("select text from event").fetchall())
        least = time.perf_counter() - began
        size = sum(p.stat().st_size for p in built.folder.rglob("*") if p.is_file())
        print(f"trials           {len(built.trials):,}, {read:,} events")
        print(f"files            {built.files:,}, {size / 1e6:,.0f} MB")
        print(f"rct site         {took:.1f} s ({worked:.1f} s of one core), peak {peak:,.0f} MiB")
        print(f"copy and read    {least:.1f} s; ratio {took / least:.1f}")
        print(f"first page       {built.first_page / 1e3:.0f} kB")
        print(f"list of trials   {(built.folder / 'trials.html').stat().st_size / 1e3:,.0f} kB")


def multiply(road: Road, trials: int) -> None:
    """Copies of the first trial under other names: plan, documents and log, every hash made anew."""
    out = road.folder / "trials" / TEMPLATE / "out"
    with closing(sqlite3.connect(road.folder / "rct.db")) as db:
        rows = db.execute("select text from event where trial = ? order by seq", (TEMPLATE,)).fetchall()
        for number in range(1, trials):
            name = f"t{number:05d}"
            folder = road.folder / "trials" / name / "out"
            shutil.copytree(out, folder)
            _copy(db, folder, name, [json.loads(text) for (text,) in rows])
        db.commit()


def _copy(db: sqlite3.Connection, folder: Path, name: str, events: list[dict[str, Any]]) -> None:
    plan = json.loads((folder / "plan.json").read_bytes())
    plan["name"] = name
    data = canonical.dumps(plan).encode()
    (folder / "plan.json").write_bytes(data)
    plan_hash = hashlib.sha256(data).hexdigest()
    prev = FIRST
    head = ""
    for event in events:
        body = event["body"]
        body["token"] = hashlib.sha256(name.encode()).hexdigest()[:32]
        if "trial" in body:
            body["trial"] = name
        if "plan_hash" in body:
            body["plan_hash"] = plan_hash
        if event["kind"] == "lock":
            body["files"] = {"plan.json": plan_hash}
        if event["kind"] == "printed" and body["of"] == "memo":
            file = folder / "appendix.json"
            said = json.loads(file.read_bytes())
            said |= {"name": name, "head": head, "plan_hash": plan_hash}
            file.write_bytes((json.dumps(said) + "\n").encode())
            body["files"]["appendix.json"] = hashlib.sha256(file.read_bytes()).hexdigest()
        text = canonical.dumps({**event, "prev": prev})
        prev = digest(text)
        head = prev if event["kind"] == "analyze" else head
        said = json.loads(text)
        row = (name, said["seq"], prev, said["prev"], said["time"], said["person"], said["kind"], 0, text)
        db.execute("insert into event values (?,?,?,?,?,?,?,?,?)", row)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
