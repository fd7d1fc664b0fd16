"""share, key, trust: a trial's evidence as a signed file, the city's key, and whose files are believed."""

from __future__ import annotations

from pathlib import Path

import click

from rct.cli.common import Talk, count, talks
from rct.errors import stop, typed, visible


@click.command(epilog="Example:  rct share water-bills")
@click.argument("name")
@talks
def share(talk: Talk, name: str) -> None:
    """Write a trial's evidence as one signed file for other cities.

    bundle.zip holds plan, log, letters, results and memo, and what the last step of every result needs. No name, no
    record of a person, no count of few people is in it. The city's key is made the first time.
    """
    from rct.acts.share import share as run
    from rct.cli.opening import announce

    ws = talk.workspace
    (trial,) = announce(talk, name)
    with talk.working("Gathering the evidence"):
        shared = run(trial, talk.person)
    if not shared.fresh:
        talk.say("The same evidence was shared already; nothing was changed.")
    talk.say(f"{shared.path}: {len(shared.members)} files, {_size(shared.size)}")
    talk.say(f"Signed by {visible(ws.settings.city or 'this workspace')}: {shared.fingerprint}")
    if shared.withheld:
        numbers = ", ".join(map(str, shared.withheld))
        talk.wrap(f"Of {count(len(shared.withheld), 'event')} of the log ({numbers}) only the hash leaves.")
    for arm in shared.without_proof:
        talk.wrap(f"No picture of {arm}'s letter: rct proof {name}, then share again.")
    talk.wrap("Tell the fingerprint to whoever receives it, by another way than the file.")
    talk.done(
        {
            "ok": True,
            "path": shared.path,
            "sha256": shared.digest,
            "bytes": shared.size,
            "files": list(shared.members),
            "withheld": list(shared.withheld),
            "without_proof": list(shared.without_proof),
            "fingerprint": shared.fingerprint,
            "fresh": shared.fresh,
        },
        next=f"rct verify {typed(shared.path)}",
    )


@click.command(epilog="Example:  rct key")
@click.option(
    "--new", "fresh", is_flag=True, help="Make another key, if this one is lost or was seen by others."
)
@click.option("--yes", is_flag=True, help="Don't ask.")
@talks
def key(talk: Talk, fresh: bool, yes: bool) -> None:
    """Show the city's public key and its fingerprint; make the key where there is none.

    Others compare the fingerprint before they trust a bundle: read it out by phone, or print it on your page. The
    private half stays in private/signing.pem.
    """
    from rct.acts.key import city_key
    from rct.evidence.bundle.signing import fingerprint, own_keys, public_of

    ws = talk.workspace
    if fresh and own_keys(ws):
        talk.confirm("Make another key? Others will have to trust it anew.", yes=yes)
    public = public_of(city_key(ws, talk.person, fresh=fresh))
    talk.say(f"Fingerprint: {fingerprint(public)}")
    talk.say(f"Public key:  ed25519 {public}")
    talk.done(
        {"ok": True, "alg": "ed25519", "public": public, "fingerprint": fingerprint(public)},
        next="rct share NAME",
    )


@click.command(epilog='Example:  rct trust bundle.zip --as "Springfield"')
@click.argument("bundle", required=False, type=click.Path(path_type=Path))
@click.option("--as", "name", metavar="NAME", help="The name to trust its key under.")
@click.option("--forget", metavar="NAME", help="No longer trust the key of this name.")
@click.option(
    "--fingerprint", metavar="DIGITS", help="The fingerprint that you were told: it has to be this one."
)
@talks
def trust(
    talk: Talk, bundle: Path | None, name: str | None, forget: str | None, fingerprint: str | None
) -> None:
    """Trust the key that signed a bundle, under a name; without a bundle, list whom you trust.

    Compare the fingerprint with what the city tells you by another way, such as the phone: the file alone can't
    say whose it is.
    """
    from rct.acts.trust import distrust
    from rct.evidence.bundle import signing

    ws = talk.workspace
    if bundle is not None:
        if not name:
            stop(
                "usage",
                "Say under which name.",
                'For example: rct trust bundle.zip --as "Springfield"',
                field="--as",
            )
        _trust(talk, bundle, name, fingerprint)
    elif forget and not distrust(ws, talk.person, forget):
        stop(
            "nobody_trusted",
            "Nobody is trusted under this name.",
            "See: rct trust",
            field="--forget",
            found=forget,
        )
    known = signing.trusted(ws)
    for public, who in sorted(known.items(), key=lambda item: item[1]):
        talk.say(f"  {signing.fingerprint(public)}  {visible(who)}")
    if not known:
        talk.say("No key is trusted yet.")
    listed = [{"name": who, "public": p, "fingerprint": signing.fingerprint(p)} for p, who in known.items()]
    talk.done({"ok": True, "trusted": listed}, next="rct verify BUNDLE")


def _trust(talk: Talk, bundle: Path, name: str, fingerprint: str | None) -> None:
    from rct.acts.trust import trust as trust_key
    from rct.evidence.bundle import signing
    from rct.evidence.bundle.opening import read_bundle, require_known

    read = read_bundle(bundle, {})
    if read.key is None:
        require_known(read)
        return
    if fingerprint is not None:
        require_known(read, fingerprint=fingerprint)
    talk.say(f"Fingerprint: {signing.fingerprint(read.key)}")
    talk.confirm(f"Is this the fingerprint that {visible(name)} told you?", yes=False)
    trust_key(talk.workspace, talk.person, read.key, name)


def _size(size: int) -> str:
    return f"{size / 1000:,.0f} kB" if size < 1_000_000 else f"{size / 1e6:,.1f} MB"
