"""What the portfolio says over all trials: how many worked and how many did not, decisions, money, what is still open.

A null has the same place and the same size as a win. Sums are of what each memo prints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rct.audit.following import adoption, adoption_sentence
from rct.evidence.site.published import Group, Published, finished
from rct.language import day, listed
from rct.registry.chain import Event
from rct.registry.events import FollowupBody, StopBody
from rct.registry.trial import Locked
from rct.registry.workspace import Workspace
from rct.report.blocks import TableBlock
from rct.report.memo.rule import rule_word
from rct.report.words import numbers as show
from rct.report.words.phrases import day_of, piece, prose, sentence

MOST_OPEN = 50  # trials without a result that the front page names
LATEST = 12  # trials of a group on the front page; the whole list is a page of its own
GROUPS: dict[Group, tuple[str, str, str]] = {  # key: word of the tally, heading, what it means
    "worked": (
        "worked",
        "What worked",
        "A version did better than what it was compared with; chance alone is unlikely to explain it.",
    ),
    "unclear": (
        "made no clear difference",
        "What made no clear difference",
        "The difference could be chance. Each memo says how large a gain is unlikely.",
    ),
    "harm": (
        "did harm",
        "What did harm",
        "A version did worse than what it was compared with; chance alone is unlikely to explain it.",
    ),
    "none": (
        "gave no answer",
        "What gave no answer",
        "Nothing could be compared, or the figures are withheld to protect people.",
    ),
}
CHANNELS = {"letter": "letters", "postcard": "postcards", "email": "e-mails", "sms": "text messages"}


@dataclass(frozen=True)
class Open:
    """What is not finished: how many trials run, and which are due and have no memo, or were stopped."""

    running: int
    unreported: tuple[Locked, ...]
    stopped: tuple[Locked, ...]


def still_open(trials: Sequence[Locked]) -> Open:
    """Of every locked trial that is not finished. Of one that runs only the number is told: its people don't know."""
    rest = [t for t in trials if not finished(t)]
    stopped = [t for t in rest if t.state.last(StopBody) and t.due]
    return Open(
        running=sum(1 for t in rest if not t.due),
        unreported=tuple(t for t in rest if t.due and t not in stopped),
        stopped=tuple(stopped),
    )


def front(ws: Workspace, trials: Sequence[Published], left: Open) -> dict[str, Any]:
    """The front page for leadership."""
    counts = Counter(t.group for t in trials)
    city = prose(ws.settings.city or "") or "the city"
    groups = [
        {
            "key": key,
            "word": word,
            "title": title,
            "meaning": meaning,
            "count": counts[key],
            "trials": [entry(t) for t in trials if t.group == key][:LATEST],
        }
        for key, (word, title, meaning) in GROUPS.items()
        if counts[key] or key != "none"
    ]
    return {
        "title": f"What {city} tried, and what it learned",
        "answer": _answer(trials, counts),
        "groups": groups,
        "texts": [_reach(trials)],
        "sections": [s for s in (_decided(trials), _money(ws, trials), _open(left)) if s],
    }


def entry(trial: Published) -> dict[str, Any]:
    """A trial in a list."""
    definition = trial.locked.definition
    department = definition.trial.department
    facts = [
        *([prose(department)] if department else []),
        f"{piece(definition.trial.channel, 2)} from {day(definition.trial.start)}",
        f"{trial.units:,} on the list",
        f"rule: {rule_word(trial.rule)}",
        decision_words(trial),
        *(["another version did harm"] if trial.some_harm else []),
    ]
    return {
        "name": trial.name,
        "title": trial.title,
        "answer": trial.guarded,
        "marks": trial.marks,
        "facts": facts,
        "group": trial.group,
        "decided": trial.decision.body.verdict if trial.decision else "open",
        "department": prose(department or ""),
        "channel": definition.trial.channel,
        "year": str(trial.year),
        "keywords": " ".join([*map(prose, definition.trial.keywords or []), *_nudges(trial)]),
    }


def filters(trials: Sequence[Published]) -> list[dict[str, Any]]:
    """What the list of all trials can be narrowed by; only what tells trials apart."""
    entries = [entry(t) for t in trials]
    words: dict[str, tuple[str, dict[str, str]]] = {
        "group": ("Result", {str(key): title for key, (_, title, _) in GROUPS.items()}),
        "decided": ("Decided", {**{v: v for v in ("adopt", "adapt", "drop")}, "open": "not yet"}),
        "department": ("Department", {}),
        "channel": ("Sent as", CHANNELS),
        "year": ("Year", {}),
    }
    found = []
    for key, (label, names) in words.items():
        values = sorted({e[key] for e in entries if e[key]}, reverse=key == "year")
        if key in ("group", "decided"):
            values = [v for v in names if v in values]
        if len(values) > 1:
            found.append({"key": key, "label": label, "options": [(v, names.get(v, v)) for v in values]})
    return found


def decision_words(trial: Published) -> str:
    """`decided: adopt`, `not decided yet`."""
    return f"decided: {rule_word(trial.decision.body.verdict)}" if trial.decision else "not decided yet"


def told_words(event: Event[FollowupBody]) -> str:
    """What became of a decision, in a sentence or two."""
    body = event.body
    used = {"yes": "A tested version was put to use", "partly": "A tested version was put to use in part"}
    said = used.get(body.adopted, "No tested version was put to use")
    if body.to:
        said += f", for {prose(body.to)}"
    if body.cost is not None:
        said += f", at a cost of {show.money(float(body.cost), body.currency)}"
    if body.kept is not None:
        said += "; it is still in use" if body.kept else "; it was given up since"
    return f"After {body.months} months: {said}. {sentence(prose(body.note))}"


def _nudges(trial: Published) -> list[str]:
    return sorted({prose(n) for arm in trial.locked.definition.arms.values() for n in arm.nudge or []})


def _answer(trials: Sequence[Published], counts: Counter[Group]) -> str:
    total = len(trials)
    if total == 1:
        return f"One trial is finished: it {GROUPS[trials[0].group][0]}."
    sentences = [
        f"{counts[key]:,} {word}" for key, (word, _, _) in GROUPS.items() if counts[key] or key != "none"
    ]
    return f"Of {total:,} finished trials, {listed(sentences)}."


def _reach(trials: Sequence[Published]) -> str:
    sent: Counter[str] = Counter()
    for t in (t for t in trials if not t.replayed):
        sent[t.locked.definition.trial.channel] += t.sent
    of = [f"{n:,} {piece(channel, n)}" for channel, n in sorted(sent.items()) if n]
    units = sum(t.units for t in trials)
    lists = "list" if len(trials) == 1 else "lists"
    read_in = sum(t.units for t in trials if t.replayed)
    lottery = f"A lottery split the {units - read_in:,} on the {lists} into groups"
    elsewhere = f"{read_in:,} were in groups made elsewhere"
    if not read_in:
        return f"{lottery}; by it went out {listed(of)}." if of else f"{lottery}."
    if units == read_in:
        return f"{elsewhere}."
    return f"{lottery}; by it went out {listed(of)}. {elsewhere}." if of else f"{lottery}; {elsewhere}."


def _decided(trials: Sequence[Published]) -> dict[str, Any]:
    verdicts = Counter(t.decision.body.verdict for t in trials if t.decision)
    against = sum(1 for t in trials if t.decision and t.decision.body.rule != t.decision.body.verdict)
    open_ = len(trials) - sum(verdicts.values())
    sentences = [f"{verdicts[v]:,} to {rule_word(v)}" for v in ("adopt", "adapt", "drop") if verdicts[v]]
    # Of a draw that was made elsewhere nobody here knows whether the rule came before it.
    rule = (
        "the agreed rule" if any(t.replayed for t in trials) else "the rule that was agreed before the draw"
    )
    texts = []
    if sentences:
        texts.append(f"Decided: {listed(sentences)}{f'; {open_:,} not decided yet' if open_ else ''}.")
        texts.append(
            f"Every decision followed {rule}."
            if not against
            else f"{against:,} of them went against {rule}; each memo says so."
        )
    else:
        texts.append("Nothing is decided yet.")
    counted = adoption(t.locked.state for t in trials)
    if counted is not None:
        texts.append(adoption_sentence(counted))
    return {"key": "decided", "title": "What was decided", "texts": texts, "table": None, "bullets": ()}


def _money(ws: Workspace, trials: Sequence[Published]) -> dict[str, Any] | None:
    known = [t.spent for t in trials if t.spent is not None and t.sent]
    mailed = sum(1 for t in trials if t.sent)
    priced = [t for t in trials if t.cost is not None]
    if not known and not priced:
        return None
    currency = ws.settings.currency
    texts = []
    if known:
        some = "" if len(known) == mailed else f" (known for {len(known):,} of {mailed:,} trials)"
        texts.append(f"What was sent cost {show.money(sum(known), currency)}{some}.")
    table = None
    if priced:
        rows = tuple(_price(t, currency) for t in priced[:LATEST])
        header = ("Trial", "Outcome", "Cost", "Interval")
        right = (False, False, True, True)
        table = _linked(
            TableBlock(
                "What one more outcome costs, or one avoided where less is better", header, rows, right
            ),
            priced,
        )
        texts.append("A price is named only where the whole interval shows a gain.")
    return {"key": "money", "title": "Money", "texts": texts, "table": table, "bullets": ()}


def _price(trial: Published, currency: str) -> tuple[str, str, str, str]:
    if trial.cost is None:
        raise AssertionError("asked only where it is known")
    each, low, high = trial.cost
    top = "no limit" if high is None else show.money(high, currency)
    return (
        trial.title,
        trial.findings[0].outcome,
        show.money(each, currency),
        f"{show.money(low, currency)} to {top}",
    )


def _linked(table: TableBlock, trials: Sequence[Published]) -> dict[str, Any]:
    """The table with its first column as links to the trials."""
    rows = [
        ({"text": row[0], "href": f"trials/{t.name}/index.html"}, *row[1:])
        for row, t in zip(table.rows, trials, strict=False)
    ]
    return {"caption": table.caption, "header": table.header, "rows": rows, "right": table.right}


def _open(left: Open) -> dict[str, Any] | None:
    texts, bullets = [], []
    if left.running:
        many = "1 trial is" if left.running == 1 else f"{left.running:,} trials are"
        texts.append(
            f"{many} under way, with the plan locked. Results appear here after the date that the plan names."
        )
    if left.unreported:
        texts.append("Due by their plan, and not reported yet:")
        bullets += [
            f"{prose(t.definition.trial.title)} (due {day(t.definition.analysis.date)})"
            for t in left.unreported
        ]
    for t in left.stopped:
        event = t.state.last(StopBody)
        if event is not None:
            bullets.append(
                f"Stopped on {day_of(event.time)}: {prose(t.definition.trial.title)} "
                f"({sentence(prose(event.body.reason))})"
            )
    if len(bullets) > MOST_OPEN:
        bullets[MOST_OPEN:] = [f"and {len(bullets) - MOST_OPEN:,} more"]
    if not texts and not bullets:
        return None
    return {"key": "open", "title": "What is still open", "texts": texts, "table": None, "bullets": bullets}
