"""docs/log.md: its prose, and every kind of event with its fields as `rct.registry.events` declares them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rct.registry.events import KINDS
from rct.registry.events.record import Body, Field

HEAD = """\
# The log

Everything that a command does to a trial is an event in its log. `rct log NAME` prints it. Events are only ever
added. Each holds the hash of the one before, so a changed, dropped or moved event breaks every hash after it.

There is one chain for each trial and one for the workspace itself (named by the empty text). They lie in `rct.db`,
table `event`. Triggers of the database forbid changing or deleting them; a practice trial alone may be removed
wholly.

## An event

An event is one text: canonical JSON (RFC 8785: keys sorted, no spaces, UTF-8; here also no numbers with a fraction,
and all text in NFC) of

| key | what it holds |
|---|---|
| `alg` | `sha256` |
| `seq` | 1, 2, 3, … in this chain |
| `prev` | the hash of the event before; for the first one `sha256:` and 64 zeros |
| `time` | UTC, `YYYY-MM-DDTHH:MM:SSZ` |
| `person` | who gave the command |
| `kind` | see below |
| `body` | what happened |

Its **hash** is `sha256:` and the hex SHA-256 of that text. The stored text is what was hashed, byte for byte. The
**head** of a chain is the hash of its last event.

A body has exactly the fields of its kind, each of its type; they are listed [below](#every-kind-field-by-field). Every
command names an event with another body, and none builds on it. Numbers with a fraction stand in it as text.

"""
MIDDLE = """\
A plan prints the head of its lock or amend event; memo and appendix that of the analyze event. The `printed` event
comes after it and never moves what is printed.

## Two logs know of each trial

A lock, an amendment and an analysis stand in two chains, in one commit. The trial's own event names the head that the
workspace's chain had before (`workspace`); then the workspace's chain gets an `entered` event that names the trial's
event by its hash. Beside the trial's head each paper prints the head of the workspace's log as of that commit.

So a trial can't be dropped, or written anew, by itself: the workspace's log tells of it, and `rct verify`, `rct status`
and `rct verify NAME` say that it is gone. To leave it out there too, the workspace's log has to be written anew from
that event on; then every later lock and analysis of **any other** trial names a head that is no longer there, and
so do the papers of those trials. What was locked before rct wrote `entered` events is held by its own log alone.

Practice trials are entered too, and may be forgotten: a later `forget_practice` event accounts for them.

## Checking the chain without rct

```python
import hashlib, json, sys

head = "sha256:" + "0" * 64
for event in json.load(sys.stdin)["events"]:
    told = event if event["text"] is None else json.loads(event["text"])
    if told["prev"] != head:
        sys.exit(f"event {event['seq']} does not follow the one before it")
    head = event["hash"]
    if event["text"] and head != "sha256:" + hashlib.sha256(event["text"].encode()).hexdigest():
        sys.exit(f"event {event['seq']} was changed")
print(head)
```

Give it `rct log NAME --json`; it prints the head, to be compared with paper. Before the date of the results the text of
an event that tells by version who opted out is withheld (null): of that one its place alone is checked.

## Heads and witnesses

The chain shows that nothing inside it was changed. It can't show that the whole of it is the one of last month:
whoever holds `rct.db` can write another one from the start. Against that its head must lie with someone else.

- **On paper.** The first 16 digits stand on plan and memo, in groups of four. That is enough to see an accident or
  a careless change. It is not enough against someone who can spend years of computing on a second chain with the
  same 16 digits.
- **With a witness.** `rct head NAME` prints one line with the full hash:

      rct1 water-bills 7 sha256:… 2026-01-12T09:30:00Z

  Mail it to two people outside the team, or put it into a repository that others hold: at the lock, at the draw,
  and at the first analysis. `rct head` without a name adds the line of the workspace, `rct1 (workspace) 12 sha256:… …`:
  it pins every trial that was locked or analyzed until then.

Later, `rct verify NAME --head sha256:…` (or the 16 digits) says which event it is, and that nothing up to it was
changed since. The workspace's head is taken in the same way, with any trial's name or none.

## rct verify

It goes through everything, in this order, and names what doesn't hold, the first thing first:

1. `rct.db` is a sound SQLite file, its indexes agreeing with its tables;
2. every event's number, previous hash, own hash and canonical form, the columns beside the text, and that its body
   holds what an event of its kind holds;
3. each plan file is the one that was locked or amended;
4. the stored list gives `frame_hash` and digest, its rows and columns are numbered without a gap, and no row is
   unaccounted for;
5. the vault's rows give the keyed digest (names are not looked at);
6. the seed is the one committed to (before the draw, the file in `private/`); seed, plan, list and beacon give K; K
   gives every arm, ticket and probability again; `assignment.csv` has the bytes of the event. Of a draw that was made
   elsewhere nothing can be derived: who got what is compared with what was read in, and its counts give the
   probabilities;
7. the stored outcomes, doses and vendor's counts give their digests, each with the event that it came with;
8. the results of each run are the ones that its event wrote; plan and data give those of the last run again, to a
   relative 10⁻⁹;
9. the printed documents, the print files and the hand-over are the ones that were written, and no file that rct writes
   lies in `out/` without an event;
10. the workspace's log and the trials' logs tell of the same locks, amendments and analyses;
11. what lies around the trials: every table, index and trigger is as rct makes it; each change that was committed has its
    events, and each event its change; no row of `rct.db` belongs to a trial or run that no event tells of; nothing
    waits to be deleted that no event asked for; the vault holds the lists that the registry says, and every opt-out
    that an event wrote.

Every column of every table is tried: one cell changed in any of them is named. Of 2,000 bytes flipped one at a time,
each is named or provably without meaning: [tampering.md](tampering.md). Tables and views that an analyst adds are left
alone; a trigger or index that rct did not make is named, since it could change what is stored.
Last comes the bundle: the one that was shared last is the one that was written, whoever receives it takes it, and its
sums are those that the rows give.

Clocks that were wrong are told as notes: they are no failure.

It writes nothing and works in a folder that can't be written to. Exit code 1 if something doesn't hold. Of a
forgotten trial it checks all but the vault.

Without `--head` it says "consistent in itself; compare the head with paper". It never says "authentic".

## What the log can't show

- **A cut tail.** The last events removed leave a sound, shorter chain. Rows, changes and files that no event tells of
  give it away; whoever removes these too is told by a later head alone.
- **All chains written anew**, with all their data, by whoever holds the folder. Only an earlier head tells, of any
  trial that was locked or analyzed later, or of the workspace.
- **Two faces.** Two copies of the folder, each sound, shown to two people. Witnesses who compare heads tell.
- **A false entry.** What a person types (a reason, a name after `--by`, an outcomes file) is recorded, not proved.
- **A clock that stays wrong.** Order is that of the numbers, not of the clock. If the clock goes back, the event says
  by how many seconds (`clock_back`), and nothing becomes due by it. A clock put forward can open results early. Once it
  is set right, the event is dated later than what came after it, or than now: `status` and `verify` say so, and it is a
  deviation (`clock_wrong`) that the memo prints, with a word on results that may have been seen early. Ten minutes are
  let pass, for two machines on one drive. Of a clock that is never set right only a witness's mail tells.
- **What was done outside.** Looking at the outcomes file and joining it with assignment.csv by hand leaves no
  trace.
- **A backup put back.** An older `rct.db` beside a newer vault is refused. Both put back together look like the
  past; a later head tells.

If `rct.db` is damaged, restore it with `private/` from the same copy. Never mend a hash: a chain that was mended is
worth nothing.
"""
FIELDS = """\

## Every kind, field by field

In every body stand also:

"""


def log_page() -> str:
    """The whole page."""
    overview = _table(
        ("kind", "log of the", "when"),
        [(f"[`{kind}`](#{kind})", record.chain, record.when) for kind, record in KINDS.items()],
    )
    sections = [_section(kind, record) for kind, record in KINDS.items()]
    return HEAD + overview + "\n" + MIDDLE + FIELDS + _fields(Body.fields.values()) + "".join(sections)


def _section(kind: str, record: type[Body]) -> str:
    own = [declared for name, declared in record.fields.items() if name not in Body.fields]
    when = record.when[0].upper() + record.when[1:]
    return f"\n### `{kind}`\n\n{when}.\n\n" + _fields(own)


def _fields(declared: Iterable[Field]) -> str:
    return _table(
        ("field", "type", "what it says", "not there"),
        [(f"`{f.key}`", f.shape.words, f.meaning, f.absent) for f in declared],
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
