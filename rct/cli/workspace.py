"""init, stop, forget, completion."""

from __future__ import annotations

from pathlib import Path

import click

from rct.cli.common import Talk, talks


@click.command(epilog="Example:  rct init springfield --city Springfield")
@click.argument("directory_", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--city", help="The city's name, as the memo prints it.")
@click.option("--currency", default="USD", show_default=True, help="Three letters, for money in the memo.")
@talks
def init(talk: Talk, directory_: Path, city: str | None, currency: str) -> None:
    """Make a workspace for your city in this folder.

    It writes rct.toml (settings), rct.db (the registry), trials/, templates/ and private/ (names, addresses
    and the key: only you may read it).
    """
    from rct.acts.init import initialize

    target = (talk.directory / directory_).resolve()
    made = initialize(target, city=city, currency=currency, by=talk.by)
    if made:
        talk.say(f"Made a workspace in {target}")
        talk.wrap(
            "Keep a copy of private/key where the vault isn't (a safe, another office): without it no name can be "
            "matched again. Whoever has private/ can read names and addresses. Deleting the key forgets every "
            "trial's people at once.",
        )
    else:
        talk.say(f"There is a workspace in {target} already; nothing was changed.")
    talk.done({"ok": True, "workspace": str(target), "made": made}, next="rct new water-bills")


@click.command(epilog='Example:  rct stop water-bills --reason "The letter named a wrong phone number"')
@click.argument("name")
@click.option("--reason", required=True, help="Why: it goes into the log and the memo.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@talks
def stop(talk: Talk, name: str, reason: str, yes: bool) -> None:
    """End a trial early, with a reason.

    Nothing is deleted. A trial that was drawn can still be analyzed; the memo says that it was stopped.
    """
    from rct.acts.stop import stop_trial
    from rct.cli.opening import announce

    announce(talk, name)
    talk.confirm(f"Stop {name}? It can't be drawn afterwards.", yes=yes)
    event = stop_trial(talk.workspace, name, talk.person, reason)
    talk.say(f"{name} is stopped." if event else f"{name} was stopped already; nothing was changed.")
    talk.done({"ok": True, "stopped": name}, next=f"rct log {name}")


@click.command(epilog="Example:  rct forget water-bills")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask.")
@talks
def forget(talk: Talk, name: str, yes: bool) -> None:
    """Delete a trial's names, addresses, ids and letters for good.

    Plan, results, memo and log stay: they hold no name. A practice trial is removed wholly.
    """
    from rct.acts.forget import forget_trial
    from rct.cli.opening import announce

    announce(talk, name)
    talk.confirm(f"Delete the names, addresses and ids of {name} for good? This can't be undone.", yes=yes)
    done = forget_trial(talk.workspace, name, talk.person)
    words = {
        "people": f"The people of {name} are forgotten: vault rows, private files and free pages are gone.",
        "wholly": f"The practice trial {name} is gone: definition, rows, log and files.",
        "already": f"{name} was forgotten already; nothing was changed.",
    }
    talk.wrap(words[done])
    talk.wrap("Copies and backups of private/ made elsewhere are not reached; delete them too.")
    talk.done({"ok": True, "forgotten": name, "how": done}, next="rct status")


@click.command(epilog='Example:  eval "$(rct completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes the shell finish rct's commands and options with TAB."""
    from click.shell_completion import get_completion_class

    from rct.cli.main import cli

    found = get_completion_class(shell)
    if found is not None:
        click.echo(found(cli, {}, "rct", "_RCT_COMPLETE").source())
