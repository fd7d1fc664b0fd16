"""certify: a pack of evidence for a city certification."""

from __future__ import annotations

from pathlib import Path

import click

from rct.cli.common import Talk, count, talks


@click.command(epilog="Example:  rct certify --since 12m")
@click.option("--since", default="12m", show_default=True, metavar="12m|2y|DAY", help="How far back to look.")
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="DIR", help="The folder to write (else certification/)."
)
@talks
def certify(talk: Talk, since: str, to: Path | None) -> None:
    """Gather what supports each criterion of a city certification, with hashes.

    For certifications such as What Works Cities: locked plans, draws, memos, decisions, replications, roles and
    dates, as a page, Markdown and JSON. The pack says what supports a criterion, and where nothing does.
    """
    from rct.evidence.certify.pack import FILES
    from rct.evidence.certify.pack import certify as write

    ws = talk.workspace
    pack = write(ws, since, to or ws.root / "certification")
    talk.say(f"{pack.window.since} to {pack.window.until}")
    for criterion in pack.criteria:
        said = count(len(criterion.items), "item") if criterion.supported else "no support"
        talk.say(f"  {said:<12}{criterion.title}")
        if not criterion.supported:
            talk.wrap(criterion.without, " " * 14)
    paths = [str(pack.folder / file) for file in FILES]
    talk.say()
    for path in paths:
        talk.say(f"  {path}")
    found = [{"key": c.key, "supports": c.supported, "items": len(c.items)} for c in pack.criteria]
    talk.done({"ok": True, "criteria": found, "paths": paths, "sha256": pack.digest}, next="rct site")
