"""`rct init`: a new workspace. rct.toml is written last: a folder without it is no workspace yet."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from rct import fs
from rct.errors import stop
from rct.registry import chain, keys, schema, state, vault
from rct.registry.change import changing, tidy
from rct.registry.events import InitBody
from rct.registry.workspace import Settings, Workspace, find, is_currency, require_short

IGNORE = b"*\n"  # no name or address ever goes to a git remote by mistake


def initialize(root: Path, *, city: str | None, currency: str, by: str | None) -> bool:
    """Make a workspace in `root`; False when there is one already. A run that died half-way is finished."""
    if _is_there(root):
        return False
    for parent in root.parents:
        if (parent / "rct.toml").is_file():
            stop(
                "workspace_inside",
                "A workspace can't lie inside another one.",
                f"Use the one in {parent}, or choose a folder outside it.",
                found=str(root),
            )
    _check_currency(currency)
    ws = Workspace(root, Settings(city, currency, by))
    person = ws.person(by)
    require_short(root)
    fs.make_dir(root, private=False)
    try:
        with fs.alone(root, schema.WAIT):  # there is no registry yet whose lock one could take
            if _is_there(root):
                return False
            _build(ws)
            _begin(ws, person)
    except BlockingIOError:
        stop(
            "busy",
            "Another rct is making a workspace in this folder.",
            "Wait until it is done, then give the command again.",
            found=str(root),
        )
    find(root)
    return True


def _is_there(root: Path) -> bool:
    if not (root / "rct.toml").is_file():
        return False
    tidy(find(root))
    return True


def _begin(ws: Workspace, person: str) -> None:
    """The first event, unless a run that died wrote it; then rct.toml."""
    with state.reading(ws) as db:
        begun = bool(chain.read(db, ""))
    if begun:
        tidy(ws)
    else:
        with changing(ws, "", person, seen=0) as change:
            change.event(InitBody(city=ws.settings.city or "", currency=ws.settings.currency))
    settings = _settings_text(ws.settings).encode()
    fs.write_atomic(ws.root / "rct.toml", settings, private=False, token=secrets.token_hex(16))


def _build(ws: Workspace) -> None:
    """Folders, key, vault and registry; what a dead run left unfinished is made anew, since it holds nothing."""
    fs.make_dir(ws.private, private=True)
    fs.make_dir(ws.trials, private=False)
    fs.make_dir(ws.templates, private=False)
    token = secrets.token_hex(16)
    for leftover in [*ws.private.glob("*.tmp-*"), *ws.root.glob("rct.toml.tmp-*")]:
        fs.remove(leftover)
    if not (ws.private / ".gitignore").exists():
        fs.write_atomic(ws.private / ".gitignore", IGNORE, private=True, token=token)
    if not ws.database.exists():
        _refuse_to_lose_people(ws)
        for unfinished in (ws.vault, ws.database):
            fs.remove(unfinished)
            fs.remove(unfinished.with_name(unfinished.name + "-journal"))
        fs.remove(ws.key_file)
        fs.write_atomic(ws.key_file, keys.new_key(), private=True, token=token)
        vault.create(ws)
        # The registry under a temporary name: its final name says that key and vault are whole.
        half = fs.temporary_name(ws.database, "0" * 32)
        fs.remove(half)
        fs.remove(half.with_name(half.name + "-journal"))
        schema.create(half)
        fs.replace(half, ws.database)


def _refuse_to_lose_people(ws: Workspace) -> None:
    """Beside a vault that holds people the registry isn't unfinished but lost."""
    if not ws.vault.exists() or not ws.vault.stat().st_size:
        return
    with vault.opened(ws) as opened:
        holds = vault.made(opened) and vault.batches(opened)
    if holds:
        stop(
            "no_registry",
            "private/vault.db holds people, and the registry rct.db is missing: nothing was made or removed.",
            "Put rct.db back from the same copy as private/.",
            file="rct.db",
        )


def _check_currency(currency: str) -> None:
    if not is_currency(currency):
        stop(
            "bad_currency",
            "The currency is a three-letter code.",
            "For example: USD",
            field="--currency",
            found=currency,
        )


def _settings_text(settings: Settings) -> str:
    lines = ["# Settings of this workspace: the same for every trial of the city.", ""]
    lines.append(f"city = {_text(settings.city)}" if settings.city else '# city = "Springfield"')
    lines.append(f"currency = {_text(settings.currency)}")
    lines.append(
        f"by = {_text(settings.by)}"
        if settings.by
        else '# by = "Ana Ruiz"          # who does things, for the log'
    )
    lines += [
        f"threshold = {settings.threshold}                # published cells under this many people are suppressed",
        "",
    ]
    return "\n".join(lines)


def _text(value: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
