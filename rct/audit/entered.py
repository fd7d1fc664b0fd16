"""What the workspace's own log knows of trials, against the trials' logs: a trial that is gone is missed.

Each lock, amendment and analysis stands in two logs: in the trial's own, where it names the head that the workspace's
log had before, and in the workspace's, where it is named by its hash. To drop or rewrite one trial unseen, the
workspace's log has to be written anew, and with it every later lock and analysis of every other trial, whose papers
then disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from rct.registry.chain import Event
from rct.registry.events import AnalyzeBody, Body, EnteredBody, ForgetPracticeBody, PlanBody
from rct.registry.state import State

Missed = tuple[str, str, str]  # code, trial, what


def entered_failures(chains: Mapping[str, State]) -> Iterator[Missed]:
    """`chains`: every log, '' the workspace's. Of what an older rct wrote, nothing is asked."""
    yield from _missed(chains)
    yield from _unknown(chains)


def gone(own: State, known: Collection[str]) -> list[str]:
    """Names of trials that the workspace's `own` log tells of, and that are not among the `known`."""
    return list(dict.fromkeys(n for e in _kept(own) if (n := e.body.trial) not in known))


def _kept(own: State) -> Iterator[Event[EnteredBody]]:
    """What was entered, but of practice trials that were forgotten since: they may go."""
    forgotten = {e.body.trial: e.seq for e in own.all(ForgetPracticeBody)}
    for event in own.all(EnteredBody):
        if not event.body.practice or event.seq > forgotten.get(event.body.trial, 0):
            yield event


def _missed(chains: Mapping[str, State]) -> Iterator[Missed]:
    """What the workspace's log tells of and the trials' logs don't: one line a trial."""
    named: set[str] = set()
    for event in _kept(chains[""]):
        name, of = event.body.trial, event.body.of
        if name in named:
            continue
        there = chains[name].events if name in chains else ()
        if not there:
            named.add(name)
            what = (
                f"the workspace's log tells of it ({of} on {event.time[:10]}), and rct.db holds nothing of it"
            )
            yield "trial_gone", name, what
        elif not any(e.hash == event.body.head and e.body.token == event.body.token for e in there):
            named.add(name)
            what = f"the workspace's log tells of another {of} on {event.time[:10]} than its own log does"
            yield "workspace_log", name, f"{what}: one of the two was cut or written anew"


def _unknown(chains: Mapping[str, State]) -> Iterator[Missed]:
    """What a trial's log says was entered, and the workspace's log doesn't have there."""
    heads = {event.body.head: event for event in chains[""].all(EnteredBody)}
    for name, state in chains.items():
        for event in state.all(PlanBody, AnalyzeBody) if name else ():
            before = _before(event.body)
            there = heads.get(event.hash)
            if before is not None and (there is None or there.prev != before):
                what = f"the workspace's log lacks event {event.seq} ({event.kind}), which was entered there"
                yield "workspace_log", name, f"{what}: it was cut or written anew"
                break


def _before(body: Body) -> str | None:
    """The head that the workspace's log had when this was entered there."""
    return body.workspace if isinstance(body, PlanBody | AnalyzeBody) else None
