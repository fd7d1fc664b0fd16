"""serve: browse the registry in Datasette, on this machine alone."""

from __future__ import annotations

import asyncio

import click

from rct.cli.common import Talk, talks
from rct.errors import stop


@click.command(epilog="Example:  rct serve --open")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes any that is free."
)
@click.option(
    "--get", "path", metavar="PATH", help="Print one address, such as /registry/trial.json, and end."
)
@click.option("--open", "show", is_flag=True, help="Show it in the browser.")
@talks
def serve(talk: Talk, port: int, path: str | None, show: bool) -> None:
    """Browse trials, results, logs and decisions in Datasette, with facets and ready queries.

    A copy is made of what may be seen: no person, no row of a list, no result before its date, no small count. It is
    served to this machine alone and goes when you press Ctrl+C. Needs: pip install 'rct[serve]'.
    """
    from rct.evidence.site import serving

    with serving.prepared(talk.workspace) as datasette:
        if path is not None:
            status, text = asyncio.run(serving.one_page(datasette, path))
            if status != 200:
                rule = (
                    "There is no such page."
                    if status == 404
                    else f"This page can't be shown (Datasette says {status})."
                )
                stop("serve_path", rule, "Start at: rct serve --get /registry", found=path[:200])
            click.echo(text)
            return
        opened = serving.listening(port)
        address = f"http://{serving.HOST}:{opened.getsockname()[1]}/{serving.NAME}"
        talk.say(f"The registry as it is now: {address}")
        talk.say("Ctrl+C ends it.")
        talk.done({"ok": True, "url": address})
        if show:
            click.launch(address)
        serving.run(datasette, opened)
