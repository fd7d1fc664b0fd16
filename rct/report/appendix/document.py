"""The analyst's appendix: flow, every result, checks, method with references, deviations, the whole log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rct.errors import visible
from rct.estimate.scales import EffectScale
from rct.kinds import OutcomeKind, kind_of
from rct.report import suppress
from rct.report.appendix.benefits import benefit_blocks
from rct.report.appendix.flow import flow_blocks
from rct.report.appendix.voices import voices
from rct.report.blocks import (
    Block,
    Bullets,
    Doc,
    Facts,
    Formula,
    Heading,
    Letters,
    Note,
    Para,
    Picture,
    Table,
)
from rct.report.figures import chart
from rct.report.memo.answer import answer
from rct.report.memo.apart import letter_pictures
from rct.report.memo.cautions import RARE
from rct.report.memo.instead import instead, redrawn
from rct.report.memo.page import run_line
from rct.report.memo.rule import reasons, verdict
from rct.report.memo.trust import USUAL
from rct.report.plan import method, procedure
from rct.report.plan.document import amendment_blocks, banner, head_meta, publication
from rct.report.plan.tidier import cards
from rct.report.printers.pdf import unix
from rct.report.record import AppendixRecord, Attrition, BalanceRow, MemoRecord, ResultRow
from rct.report.words import numbers as show
from rct.report.words.chance import parting
from rct.report.words.finding import (
    Finding,
    Scale,
    finding_of,
    findings,
    has_interval,
    headline,
    scale_of,
    sign_of,
)
from rct.report.words.phrases import counted, moment, prose, quoted, sentence, unquoted
from rct.report.words.references import cited

TESTS = {
    "pearson": "Pearson",
    "blocks": "Cochran, Mantel and Haenszel, in blocks",
    "clusters": "difference in means of clusters, CR2",
    "exact": "exact",
    "redraws": "redraws",
}
FEW_ARMS = 3  # so many have a column each in the balance table


def appendix_doc(record: AppendixRecord) -> Doc:
    """The appendix as blocks."""
    memo = record.memo
    sections: list[tuple[str, str, list[Block]]] = [
        ("Summary", "summary", _summary(memo)),
        ("Flow of units", "flow", flow_blocks(memo)),
        ("What each arm was", "cards", [*_proofs(memo), *cards(memo)]),
        ("Results", "results", _results(memo)),
        ("Subgroups", "subgroups", _subgroups(memo)),
        ("Who benefits", "benefits", benefit_blocks(memo)),
        ("What residents said", "residents", voices(memo)),
        ("Exploratory results", "exploratory", _exploratory(memo)),
        ("Balance before the draw", "balance", _balance(memo)),
        ("Sample ratio", "ratio", _ratio(memo)),
        ("Method", "method", _method(memo)),
        ("The decision rule", "rule", _rule(memo)),
        ("The draw", "draw", _draw(memo)),
        ("Deviations and amendments", "deviations", _deviations(memo)),
        ("The log", "log", _log(record)),
    ]
    blocks: list[Block] = []
    for title, anchor, content in sections:
        if content:
            blocks += [Heading(2, title, anchor), *content]
    references = cited([b.text for b in blocks if isinstance(b, Para)] + _items(blocks))
    blocks += [Heading(2, "References", "references"), Bullets(references)]
    return Doc(
        title=f"Appendix: {prose(memo.definition.trial.title)}",
        subtitle=run_line(memo),
        blocks=tuple(blocks),
        footer=(
            f"Head of the log: {show.in_fours(memo.head)}",
            *(
                [f"Head of the workspace's log: {show.in_fours(memo.workspace_head)}"]
                if memo.workspace_head
                else []
            ),
            f"Plan hash: {show.in_fours(memo.plan_hash)}",
        ),
        running=f"Appendix {memo.name}",
        time=unix(memo.analyzed_at),
        banner=banner(practice=memo.practice, simulated=memo.simulated),
        meta=head_meta(memo),
        paper=memo.paper,
    )


def _summary(memo: MemoRecord) -> list[Block]:
    arms = findings(memo, memo.decision.outcome, suppress.withheld(memo))
    top = headline(memo, arms)
    locked = f"Locked {moment(memo.locked_at)} by {prose(memo.locked_by)}"
    approved = f", approved by {prose(memo.approved_by)}" if memo.approved_by else ""
    return [
        Para(answer(memo, arms, top)),
        Para(verdict(memo, arms)),
        Facts(
            (
                ("Trial", memo.name),
                ("Plan", f"{locked}{approved}"),
                ("Deviations", counted(len(memo.deviations), "deviation") if memo.deviations else "none"),
                ("Suppression", publication(memo.threshold)),
            )
        ),
    ]


def _proofs(memo: MemoRecord) -> list[Block]:
    """The letters' pictures: made from the very letters that the plan names."""
    if not memo.proofs:
        return []
    return [
        Letters(
            "The letters, as an invented recipient gets them", letter_pictures(memo.definition, memo.proofs)
        )
    ]


def _results(memo: MemoRecord) -> list[Block]:
    gone = suppress.withheld(memo)
    blocks: list[Block] = [Para("Confirmatory: planned, and analyzed as planned.")]
    for name, what in memo.definition.outcomes.items():
        rows = [
            r for r in memo.results if r.outcome == name and r.role == "confirmatory" and r.subgroup is None
        ]
        if rows:
            rank = "primary" if what.primary else "secondary"
            blocks.append(Heading(3, f"{quoted(what.label)} ({rank})", f"outcome-{name}"))
            blocks.append(
                _table(memo, name, rows, gone, f"Every arm against the control: {quoted(what.label)}")
            )
            blocks += _forest(memo, name, gone)
            blocks += [Note(text) for text in _instead(memo, name)]
            blocks += [Note(text) for text in parting(memo, findings(memo, name, gone))]
    blocks += [Note(sentence(prose(text))) for text in suppress.published_notes(memo)]
    exact = [e for e in memo.exact if not _hidden_exact(e.outcome, e.arm, gone)]
    if exact:
        blocks.append(
            Bullets(
                tuple(
                    f"Fisher's exact test, {quoted(memo.definition.arms[e.arm].label)} on "
                    f"{quoted(memo.definition.outcomes[e.outcome].label)}: {show.p_value(e.p_value, _alpha(memo))}."
                    for e in exact
                )
            )
        )
    return blocks


def _instead(memo: MemoRecord, outcome: str) -> Iterator[str]:
    """Of each fragile comparison what is told in place of the t test's figures, and how far off p may be."""
    times = _times_of_estimates(memo, outcome)
    tests = {(r.outcome, r.arm): r for r in redrawn(memo)}
    for each in (f for f in instead(memo) if f.outcome == outcome):
        kind = (
            "Newcombe's interval" if each.interval == "newcombe" else "the interval of the randomization test"
        )
        ends = "with no end"
        if each.conf_low is not None and each.conf_high is not None:
            ends = f"{show.precise(times * each.conf_low)} to {show.precise(times * each.conf_high)}"
        test, p = tests.get((outcome, each.arm)), each.p_randomization_adjusted
        off = (
            f" (drawing makes the test's own p uncertain by {test.std_error:.2g})"
            if test and test.std_error
            else ""
        )
        asked = "" if p is None else f"; randomization p, adjusted: {show.p_number(p, _alpha(memo))}{off}"
        yield (
            f"{quoted(memo.definition.arms[each.arm].label)} is fragile ({', '.join(each.reasons)}). Memo and rule go by "
            f"{kind}, {ends}{asked}."
        )


def _subgroups(memo: MemoRecord) -> list[Block]:
    gone = suppress.withheld(memo)
    blocks: list[Block] = []
    for name, what in memo.definition.outcomes.items():
        for column in memo.definition.analysis.subgroups:
            rows = [
                r
                for r in memo.results
                if r.outcome == name and r.role == "confirmatory" and r.subgroup == column
            ]
            blocks += _by_subgroup(memo, name, column, rows, gone, quoted(what.label))
    return blocks


def _by_subgroup(
    memo: MemoRecord,
    outcome: str,
    column: str,
    rows: Sequence[ResultRow],
    gone: frozenset[ResultRow],
    label: str,
) -> list[Block]:
    """A table of the effects within the levels, and one of their differences."""
    within = [r for r in rows if r.term == "arm"]
    between = [r for r in rows if r.term == "interaction"]
    blocks: list[Block] = []
    if within:
        blocks.append(_table(memo, outcome, within, gone, f"{label} within levels of {quoted(column)}"))
    if between:
        base = suppress.first_levels(memo.results).get((outcome, column), "")
        caption = f"{label}: difference in the effect, each level of {quoted(column)} less {quoted(base)}"
        blocks.append(_table(memo, outcome, between, gone, caption))
    return blocks


def _exploratory(memo: MemoRecord) -> list[Block]:
    gone = suppress.withheld(memo)
    blocks: list[Block] = []
    for name, what in memo.definition.outcomes.items():
        rows = [r for r in memo.results if r.outcome == name and r.role == "exploratory"]
        label = quoted(what.label)
        main = [r for r in rows if r.subgroup is None and r.term == "arm"]
        if main:
            blocks.append(_table(memo, name, main, gone, f"Exploratory: {label}"))
        between = [r for r in rows if r.term == "between"]
        if between:
            caption = f"Exploratory: {label}, the version to adopt against others"
            blocks.append(_table(memo, name, between, gone, caption))
        for column in dict.fromkeys(r.subgroup for r in rows if r.subgroup is not None):
            of = [r for r in rows if r.subgroup == column]
            blocks += _by_subgroup(memo, name, column, of, gone, f"Exploratory: {label}")
    if not blocks:
        return []
    note = (
        "Exploratory: not so in the plan that was in force when the first outcomes came in. Read these as ideas to"
        " test, not as findings."
    )
    return [Note(note), *blocks]


def _table(
    memo: MemoRecord, outcome: str, rows: Sequence[ResultRow], gone: frozenset[ResultRow], caption: str
) -> Table:
    kind = kind_of(memo.definition.outcomes[outcome].kind)
    scale, times = memo.definition.estimator.scale, _times_of_estimates(memo, outcome)
    alpha = _alpha(memo)
    sign = sign_of(memo.definition, outcome)
    worth = times * scale.at_gain(float(memo.definition.decision.worthwhile), sign)
    limits = (worth,) if outcome == memo.decision.outcome else ()
    printed = dict(zip(memo.results, suppress.published(memo), strict=True))
    clustered = any(r.n_clusters is not None for r in rows)
    randomized = any(r.p_randomization is not None for r in rows)
    against = all(r.term == "between" for r in rows)
    level = show.confidence(next((r.conf_level for r in rows if r.conf_level is not None), 0.95))
    header = [
        *("Arm", "Against" if against else "Group", "n"),
        *(["Clusters"] if clustered else []),
        *("Mean of the other" if against else "Control", "Estimate", "Std. error", "df", "p", "Adjusted p"),
        *(["Randomization p"] if randomized else []),
        f"{level} interval",
    ]
    body = []
    for original in rows:
        row = printed[original]
        group = "all" if row.subgroup is None else f"{visible(row.subgroup)} = {visible(row.level or '')}"
        if against:
            group = unquoted(memo.definition.arms[row.control].label)
        interval = "withheld" if original in gone else ""
        if row.conf_low is not None and row.conf_high is not None:
            low, high = (show.precise(times * v, *limits) for v in (row.conf_low, row.conf_high))
            interval = f"{low} to {high}{' †' if row.fragile else ''}"
        body.append(
            (
                unquoted(memo.definition.arms[row.arm].label),
                group,
                "" if row.n is None else f"{row.n:,}",
                *(["" if row.n_clusters is None else f"{row.n_clusters:,}"] if clustered else []),
                _number(row.mean_control, kind.times),
                _number(row.estimate, times, *limits),
                _number(row.std_error, times),
                "" if row.df is None else show.degrees(row.df),
                *(_p(p, alpha) for p in (row.p_value, row.p_adjusted)),
                *([_p(row.p_randomization, alpha)] if randomized else []),
                interval,
            )
        )
    unit = kind.in_unit if scale.additive else _of_ratios(scale, kind, rows)
    if any(printed[row].fragile for row in rows):
        unit += ". † The t test, whose figures these are, can mislead here"
    return Table(
        f"{caption}{unit}", tuple(header), tuple(body), (False, False, *([True] * (len(header) - 2)))
    )


def _times_of_estimates(memo: MemoRecord, outcome: str) -> float:
    """What estimates are multiplied by in the tables: ratios stand as they are."""
    return (
        kind_of(memo.definition.outcomes[outcome].kind).times
        if memo.definition.estimator.scale.additive
        else 1.0
    )


def _of_ratios(scale: EffectScale, kind: OutcomeKind, rows: Sequence[ResultRow]) -> str:
    """What the numbers of a table are, for the end of its caption."""
    percent = "; the control in percent" if kind.share else ""
    crossed = any(r.term == "interaction" for r in rows)
    said = "; of a level less another their difference, 0 where they are alike" if crossed else ""
    return f" (estimates are {scale.name}s, {scale.null:g} where nothing differs{said}{percent})"


def _forest(memo: MemoRecord, outcome: str, gone: frozenset[ResultRow]) -> list[Block]:
    rows = [r for r in memo.results if r.outcome == outcome and r.role == "confirmatory" and r.term == "arm"]
    shown = [r for r in rows if r not in gone and has_interval(r)]
    if not shown:
        return []
    scale = scale_of(memo.definition, outcome, shown, memo.decision.outcome)
    lines: list[tuple[str, Finding | None]] = []
    for row in rows:
        told = next((f for f in memo.fragile if (f.outcome, f.arm) == (outcome, row.arm)), None)
        finding = finding_of(
            memo.definition, row, scale, withheld=row in gone, fragile=None if row.subgroup else told
        )
        group = "" if row.subgroup is None else f", {visible(row.subgroup)} = {visible(row.level or '')}"
        marked = (
            finding.row.fragile and row.subgroup and row in shown
        )  # nobody draws the lots anew within groups
        lines.append((f"{finding.arm}{group}{' †' if marked else ''}", finding if row in shown else None))
    label = quoted(memo.definition.outcomes[outcome].label)
    control = quoted(memo.definition.arms[memo.definition.control].label)
    unit = ", percentage points" if scale.in_points else ", percent" if scale.relative else ""
    axis = f"Difference from {control}{unit}"
    drawn = chart.forest_chart(lines, scale, axis)
    alt = _forest_alt(label, control, lines, scale)
    prefix = f"forest-{outcome}"
    caption = f"{label}: estimates and intervals for every arm, and within planned subgroups."
    if any(name.endswith("†") for name, _ in lines):
        caption += " † The t test, whose interval this is, can mislead here."
    return [Picture(partial(chart.draw, drawn, prefix), alt, caption)]


def _forest_alt(label: str, control: str, lines: Sequence[tuple[str, Finding | None]], scale: Scale) -> str:
    said = [f"Chart of differences from {control} on {label}."]
    for name, finding in lines:
        if finding is None:
            said.append(f"{name}: not shown.")
        else:
            said.append(f"{name}: {scale.lies(finding.estimate)} ({finding.interval}).")
    return " ".join(said)


def _balance(memo: MemoRecord) -> list[Block]:
    balance = suppress.published_balance(memo)
    if balance is None:
        return [Para("No covariates were named, so there is nothing to compare.")]
    labels = [unquoted(a.label) for a in memo.definition.arms.values()]
    others = [unquoted(a.label) for a in memo.definition.arms.values() if not a.control]
    rows = tuple(
        (visible(row.covariate), *(_number(v, 1.0) for v in row.means), *(_two(v) for v in row.normalized))
        for row in balance.rows
    )
    header = ("Covariate", *(f"Mean, {x}" for x in labels), *(f"Difference, {x}" for x in others))
    right = (False, *([True] * (len(header) - 1)))
    test = "The omnibus test could not be computed."
    if balance.df is not None and balance.p_value is not None:
        d2 = "d² withheld with the rows below," if balance.d2 is None else f"d² = {balance.d2:.2f}"
        test = (
            f"Omnibus test under the design (Hansen and Bowers 2008): {d2} on "
            f"{show.degrees(balance.df)} degrees of freedom, {show.p_value(balance.p_value, USUAL)}."
        )
    if len(labels) > FEW_ARMS:
        header = ("Covariate", "Arm", "Mean", "Difference")
        right = (False, False, True, True)
        rows = tuple(_balance_rows(memo, balance.rows, labels))
    return [
        Para(f"{test} Differences from the control are in standard deviations (normalized)."),
        Table("Balance before the draw", header, rows, right),
    ]


def _balance_rows(
    memo: MemoRecord, rows: Sequence[BalanceRow], labels: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """A row a covariate and arm: with many arms a column each would be wider than a page."""
    control = [arm.control for arm in memo.definition.arms.values()].index(True)
    for row in rows:
        gaps = [*row.normalized[:control], None, *row.normalized[control:]]
        for label, mean, gap in zip(labels, row.means, gaps, strict=True):
            yield visible(row.covariate), label, _number(mean, 1.0), _two(gap)


def _ratio(memo: MemoRecord) -> list[Block]:
    attrition = {a.outcome: a for a in suppress.published_attrition(memo)}
    rows = tuple(
        (
            quoted(memo.definition.outcomes[t.outcome].label),
            TESTS[t.method],
            "" if t.statistic is None else f"{t.statistic:.2f}",
            "" if t.df is None else show.degrees(t.df),
            _p(t.p_value, RARE),
            _attrition(attrition.get(t.outcome)),
        )
        for t in suppress.published_sample_ratio(memo)
    )
    if not rows:
        return []
    return [
        Table(
            "Are outcomes observed in the proportions that were drawn?",
            ("Outcome", "Test", "Chi-squared", "df", "p", "p of a difference from the control"),
            rows,
            (False, False, True, True, True, True),
        )
    ]


def _attrition(found: Attrition | None) -> str:
    if found is None:
        return ""
    return show.p_number(found.p_value, USUAL) if found.p_value is not None else "none: all or nothing"


def _method(memo: MemoRecord) -> list[Block]:
    definition = memo.definition
    blocks: list[Block] = []
    for step in method.estimation(definition):
        blocks.append(Para(step.text))
        if step.formula:
            blocks.append(Formula(step.formula))
    blocks.append(Para(method.notation(definition)))
    done = []
    if memo.draw.replayed:
        done.append(
            "The draw was made elsewhere: that the assignment is such a randomization, given its counts, is assumed here"
            " and not known."
        )
    if memo.blocks is not None:
        done.append(
            f"{counted(memo.blocks, 'block')} in the draw; {memo.merged_blocks:,} of them joined to others, "
            f"{memo.small_blocks:,} with a cell of one {'cluster' if definition.clustered else 'unit'}."
        )
    if memo.dropped:
        done.append(f"Covariate columns dropped: {', '.join(visible(c) for c in memo.dropped)}.")
    blocks.append(
        Bullets(
            (
                *done,
                *method.covariates(definition),
                *method.multiplicity(memo.planned or definition),
                *method.subgroups(memo.planned or definition),
                *method.checks(definition, replayed=memo.draw.replayed),
            )
        )
    )
    return blocks


def _rule(memo: MemoRecord) -> list[Block]:
    arms = findings(memo, memo.decision.outcome, suppress.withheld(memo))
    rows = tuple((arm, word, reason) for arm, word, reason in reasons(memo, arms))
    return [
        Bullets(tuple(method.decision(memo.definition, memo.decision.outcome))),
        Table("What the rule says of each arm", ("Arm", "Rule", "Why"), rows, (False, False, False)),
    ]


def _draw(memo: MemoRecord) -> list[Block]:
    draw = memo.draw
    rows = [
        ("Plan hash", show.in_fours(memo.plan_hash)),
        ("Hash of the list", show.in_fours(draw.frame_hash)),
    ]
    if not draw.replayed:
        rows.append(("Beacon", visible(draw.beacon) or "none"))
    rows.append(
        ("Key of the draw", show.in_fours(draw.key) if draw.key else "none: the assignment was read in")
    )
    return [
        Bullets(tuple(procedure.scheme(memo.definition, replayed=draw.replayed))),
        Para(procedure.drawn(draw, memo.definition)),
        Facts(tuple(rows)),
    ]


def _deviations(memo: MemoRecord) -> list[Block]:
    blocks: list[Block] = []
    if memo.deviations:
        rows = tuple(
            (
                visible(d.code),
                "" if d.seq is None else str(d.seq),
                moment(d.time),
                prose(d.person),
                sentence(prose(d.text)),
            )
            for d in memo.deviations
        )
        header = ("Code", "Event", "When", "Who", "What")
        blocks.append(Table("Deviations from the plan", header, rows, (False, True, False, False, False)))
    else:
        blocks.append(Para("No deviations were found."))
    return [*blocks, *amendment_blocks(memo.amendments)]


def _log(record: AppendixRecord) -> list[Block]:
    rows = tuple(
        (str(e.seq), moment(e.time), prose(e.person), visible(e.kind), visible(e.body), e.hash)
        for e in suppress.published_log(record.memo, record.log)
    )
    header = ("Event", "When", "Who", "Kind", "Body", "Hash")
    return [
        Table("Every event of this trial's chain", header, rows, (True, False, False, False, False, False))
    ]


def _hidden_exact(outcome: str, arm: str, gone: frozenset[ResultRow]) -> bool:
    return any(r.outcome == outcome and r.arm == arm and r.term == "arm" and r.subgroup is None for r in gone)


def _items(blocks: Sequence[Block]) -> list[str]:
    return [item for block in blocks if isinstance(block, Bullets) for item in block.items]


def _number(value: float | None, times: float, *limits: float) -> str:
    return "" if value is None else show.precise(times * value, *limits)


def _two(value: float | None) -> str:
    return "" if value is None else show.decimal(value, 3)


def _p(value: float | None, limit: float) -> str:
    return "" if value is None else show.p_number(value, limit)


def _alpha(memo: MemoRecord) -> float:
    return float(memo.definition.analysis.alpha)
