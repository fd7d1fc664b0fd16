"""consort: the CONSORT 2025 checklist, filled from what the registry knows."""

from __future__ import annotations

from dataclasses import asdict

import click

from rct.cli.common import Talk, talks
from rct.errors import visible


@click.command(epilog="Example:  rct consort water-bills")
@click.argument("name")
@talks
def consort(talk: Talk, name: str) -> None:
    """Fill the CONSORT 2025 checklist, and list what a person must still write.

    Each item says in which section of plan, memo or appendix it is reported. It is written beside the memo as
    consort.md, consort.html and consort.json.
    """
    from rct.acts.consort import consort as fill
    from rct.cli.opening import announce

    announce(talk, name)
    items, paths, fresh = fill(talk.workspace, name, talk.person)
    left = [i for i in items if i.missing and i.status in ("to write", "partly")]
    talk.say(f"{len(items) - len(left)} of {len(items)} items need nothing more. To write:")
    for item in left:
        talk.wrap(visible(f"{item.number}: {item.missing}"), "  ")
    for path in paths:
        talk.say(f"  {'wrote' if fresh else 'is there, unchanged:'} {visible(path)}")
    listed = [{**asdict(i), "places": [str(p) for p in i.places]} for i in items]
    talk.done({"ok": True, "items": listed, "paths": list(paths), "fresh": fresh}, next=f"rct share {name}")
