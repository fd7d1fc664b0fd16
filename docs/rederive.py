"""Does a draw re-derive?   rct log NAME --json | python3 rederive.py trials/NAME/out"""

import csv
import hashlib
import json
import sys
from pathlib import Path


def sha(data):
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def deal(key, kind, label, members, shares):
    """The arm of every unit (or cluster) of one block; shares: {arm: share} in the plan's order."""
    size, total = len(members), sum(shares.values())
    count = {arm: size * share // total for arm, share in shares.items()}
    reached = int(sha(f"{key}|block|{label}"), 16) % total
    for arm in sorted(shares, key=lambda arm: sha(f"{key}|arm|{label}|{arm}")):
        before, reached = reached, reached + size * shares[arm] % total
        count[arm] += reached // total - before // total
    queue = sorted(members, key=lambda x: sha(f"{key}|{kind}|{x}"))
    return dict(zip(queue, [arm for arm in shares for _ in range(count[arm])], strict=True))


out, log = Path(sys.argv[1]), json.load(sys.stdin)["events"]
lock, draw = (next(e["body"] for e in log if e["kind"] == kind) for kind in ("lock", "draw"))
if draw["replay"]:
    sys.exit("this assignment was drawn elsewhere and replayed: there is nothing to derive it from")
plans = {sha(path.read_bytes()): path for path in out.glob("plan*.json")}
if draw["plan_hash"] not in plans:
    sys.exit("no plan in this folder is the one that was drawn")
definition = json.loads(plans[draw["plan_hash"]].read_bytes())["definition"]
shares = {arm: definition["arms"][arm]["share"] for arm in definition["order"]["arms"]}
kind = "cluster" if "clusters" in definition["design"] else "unit"
rows = list(csv.DictReader((out / "assignment.csv").open(encoding="utf-8", newline="")))
frame = sha(b"".join(sorted(f"{r['unit']}\t{r['block']}\t{r['cluster']}\n".encode() for r in rows)))
key = sha(f"rct.draw.1|{draw['seed']}|{draw['plan_hash']}|{frame}|{draw['beacon']}")
blocks, arm_of = {}, {}
for row in rows:
    blocks.setdefault(row["block"], set()).add(row[kind])
for label, members in blocks.items():
    arm_of |= deal(key, kind, label, members, shares)
holds = {
    "seed": sha(draw["seed"]) == lock["seed_commitment"],
    "frame": frame == draw["frame_hash"],
    "key": key == draw["key"],
    "tickets": all(r["ticket"] == sha(f"{key}|{kind}|{r[kind]}") for r in rows),
    "arms": all(r["arm"] == arm_of[r[kind]] for r in rows),
}
if not all(holds.values()):
    sys.exit("the draw does not re-derive: " + ", ".join(what for what in holds if not holds[what]))
print(f"the draw of {len(rows)} units re-derives: {', '.join(holds)}")
