"""site: a static portfolio of what was tried, what worked, what did not, and what was decided."""

from __future__ import annotations

from pathlib import Path

import click

from rct.cli.common import Talk, count, talks


@click.command(epilog="Example:  rct site --to public --url https://city.example/trials/")
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="DIR", help="The folder to write (else site/)."
)
@click.option("--url", default="", metavar="URL", help="The address it will have: for feed and open data.")
@click.option("--license", "license_url", metavar="URL", help="The license of the data, as an address.")
@click.option("--practice", is_flag=True, help="Show practice and simulated trials too, marked as such.")
@click.option("--open", "show", is_flag=True, help="Show it in the browser.")
@talks
def site(talk: Talk, to: Path | None, url: str, license_url: str | None, practice: bool, show: bool) -> None:
    """Build a static portfolio of every finished trial, for leadership and the public.

    What was tried, what worked, what didn't, what was decided, and what became of it. It works from a folder and
    from any web server, fetches nothing from elsewhere, and replaces its earlier self whole. Only what memos print
    is shown, and nothing before a trial's analysis date.
    """
    from rct.evidence.site.folder import build

    ws = talk.workspace
    with talk.working("Building the portfolio"):
        built = build(ws, to or ws.root / "site", practice=practice, url=url, license_url=license_url)
    first = built.folder / "index.html"
    talk.say(f"{count(len(built.trials), 'finished trial')}, {count(built.files, 'file')}.")
    talk.say(f"  {first}")
    if show:
        click.launch(first.as_uri())
    names = [t.name for t in built.trials]
    talk.done(
        {
            "ok": True,
            "path": str(built.folder),
            "trials": names,
            "files": built.files,
            "first_page": built.first_page,
        },
        next="look at it, then copy the folder to your web server",
    )
