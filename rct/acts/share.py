"""`rct share`: a trial's evidence as one signed file (`rct.evidence.bundle.members` says what is in it)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from rct import fs
from rct.acts.key import city_key
from rct.analysis.stored import current
from rct.definition.resolve import arm_templates
from rct.evidence.bundle import log
from rct.evidence.bundle.container import pack
from rct.evidence.bundle.members import BUNDLE, events_of, gather, require_accepted
from rct.evidence.bundle.package import FILE, SIGNATURE, package_json
from rct.evidence.bundle.signing import fingerprint, public_of, sign
from rct.registry import chain, state
from rct.registry.change import changing, tidy
from rct.registry.events import SharedBody
from rct.registry.trial import Trial, again
from rct.report.gather import memo_record


@dataclass(frozen=True)
class SharedBundle:
    """What `rct share` wrote. withheld: numbers of events whose text stayed; without_proof: arms with no picture."""

    event: chain.Event
    path: str
    digest: str
    size: int
    members: tuple[str, ...]
    withheld: tuple[int, ...]
    without_proof: tuple[str, ...]
    fingerprint: str
    fresh: bool


def share(seen: Trial, person: str) -> SharedBundle:
    """Write out/bundle.zip. The same evidence again changes nothing.

    Raises RctError: not analyzed, no memo of that analysis, results that can't be re-derived, too many small cells;
    `bundle_refused` where whoever receives it would refuse what was made.
    """
    ws, name = seen.ws, seen.name
    tidy(ws)
    with again(seen) as trial:
        trial_state = trial.state
        state.require(trial_state, drawn=True, open=False, people=False)
        at = current(trial)
        memo = memo_record(at, pictures=True)
        evidence, members = gather(at, memo)
    key = city_key(ws, person)
    listing = package_json(
        evidence,
        members,
        created=memo.analyzed_at,
        head=events_of(trial_state)[-1].hash,
        plan_hash=memo.plan_hash,
        threshold=memo.threshold,
    )
    data = pack({n: m.data for n, m in members.items()} | {FILE: listing, SIGNATURE: sign(key, listing)})
    digest = hashlib.sha256(data).hexdigest()
    path = ws.out(name) / BUNDLE
    last = trial_state.last(SharedBody)
    withheld = log.read_log(members[log.FILE].data).withheld
    proved = {arm for m in members.values() if m.about for k, arm in m.about.items() if k == "rct_arm"}
    lacking = tuple(a for a, arm in memo.definition.arms.items() if arm_templates(arm) and a not in proved)
    print_of = fingerprint(public_of(key))
    names = (*sorted(members), FILE, SIGNATURE)
    there = path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest
    if last is not None and last.body.bundle == digest and there:
        require_accepted(data, key, name)
        return SharedBundle(
            last, ws.shown(path), digest, len(data), names, withheld, lacking, print_of, False
        )
    with changing(ws, name, person, seen=len(trial_state.events)) as change:
        change.write(path, data)
        require_accepted(fs.temporary_name(path, change.token).read_bytes(), key, name)
        head = events_of(trial_state)[-1].hash
        event = change.event(SharedBody(bundle=digest, bytes=len(data), head=head, key=public_of(key)))
    return SharedBundle(event, ws.shown(path), digest, len(data), names, withheld, lacking, print_of, True)
