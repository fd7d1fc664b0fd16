"""The analyst's appendix: flow, every result, checks, method with references, deviations, the whole log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rct.errors import visible
from rct.estimate.checks import RATIO_WARNS
from rct.estimate.scales import EffectScale
from rct.kinds import OutcomeKind, kind_of
from rct.language import number, phrase, retold, spoken, t, tn
from rct.registry.results import Result
from rct.report import suppress
from rct.report.appendix.benefits import benefit_blocks
from rct.report.appendix.flow import flow_blocks
from rct.report.appendix.voices import voices
from rct.report.blocks import (
    Block,
    Bullets,
    Doc,
    FactsBlock,
    FormulaBlock,
    Heading,
    Letters,
    NoteBlock,
    Para,
    Picture,
    TableBlock,
)
from rct.report.figures import chart
from rct.report.memo.answer import answer
from rct.report.memo.apart import letter_pictures
from rct.report.memo.instead import instead, redrawn
from rct.report.memo.page import run_line
from rct.report.memo.rule import reasons, verdict
from rct.report.memo.trust import USUAL
from rct.report.plan import method, procedure
from rct.report.plan.document import amendment_blocks, banner, head_meta, publication
from rct.report.plan.tidier import cards
from rct.report.printers.pdf import unix
from rct.report.record import AppendixRecord, AttritionRecord, BalanceRow, MemoRecord
from rct.report.words import numbers as show
from rct.report.words.chance import parting
from rct.report.words.deviating import told_whole
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
from rct.report.words.phrases import moment, prose, quoted, sentence, unquoted
from rct.report.words.references import cited

TESTS = {
    "pearson": phrase("Pearson"),
    "blocks": phrase("Cochran, Mantel and Haenszel, in blocks"),
    "clusters": phrase("difference in means of clusters, CR2"),
    "exact": phrase("exact"),
    "redraws": phrase("redraws"),
}
FEW_ARMS = 3  # so many have a column each in the balance table


def appendix_doc(record: AppendixRecord) -> Doc:
    """The appendix as blocks."""
    memo = record.memo
    sections: list[tuple[str, str, list[Block]]] = [
        (t("Summary"), "summary", _summary(memo)),
        (t("Flow of units"), "flow", flow_blocks(memo)),
        (t("What each arm was"), "cards", [*_proofs(memo), *cards(memo)]),
        (t("Results"), "results", _results(memo)),
        (t("Subgroups"), "subgroups", _subgroups(memo)),
        (t("Who benefits"), "benefits", benefit_blocks(memo)),
        (t("What residents said"), "residents", voices(memo)),
        (t("Exploratory results"), "exploratory", _exploratory(memo)),
        (t("Balance before the draw"), "balance", _balance(memo)),
        (t("Sample ratio"), "ratio", _ratio(memo)),
        (t("Method"), "method", _method(memo)),
        (t("The decision rule"), "rule", _rule(memo)),
        (t("The draw"), "draw", _draw(memo)),
        (t("Deviations and amendments"), "deviations", _deviations(memo)),
        (t("The log"), "log", _log(record)),
    ]
    blocks: list[Block] = []
    for title, anchor, content in sections:
        if content:
            blocks += [Heading(2, title, anchor), *content]
    references = cited([b.text for b in blocks if isinstance(b, Para)] + _items(blocks))
    blocks += [Heading(2, t("References"), "references"), Bullets(references)]
    return Doc(
        title=t("Appendix: {title}", title=prose(memo.definition.trial.title)),
        subtitle=run_line(memo),
        blocks=tuple(blocks),
        footer=(
            t("Head of the log: {head}", head=show.in_fours(memo.head)),
            *(
                [t("Head of the workspace's log: {head}", head=show.in_fours(memo.workspace_head))]
                if memo.workspace_head
                else []
            ),
            t("Plan hash: {hash}", hash=show.in_fours(memo.plan_hash)),
        ),
        running=t("Appendix {name}", name=memo.name),
        time=unix(memo.analyzed_at),
        banner=banner(practice=memo.practice, simulated=memo.simulated),
        meta=head_meta(memo),
        paper=memo.paper,
        lang=spoken().code,
    )


def _summary(memo: MemoRecord) -> list[Block]:
    arms = findings(memo, memo.decision.outcome, suppress.withheld(memo))
    top = headline(memo, arms)
    values = {"time": moment(memo.locked_at), "person": prose(memo.locked_by)}
    locked = (
        t("Locked {time} by {person}, approved by {approver}", approver=prose(memo.approved_by), **values)
        if memo.approved_by
        else t("Locked {time} by {person}", **values)
    )
    deviations = tn("{count} deviation", "{count} deviations", len(memo.deviations))
    return [
        Para(answer(memo, arms, top)),
        Para(verdict(memo, arms)),
        FactsBlock(
            (
                (t("Trial"), memo.name),
                (t("Plan"), locked),
                (t("Deviations"), deviations if memo.deviations else t("none")),
                (t("Suppression"), publication(memo.threshold)),
            )
        ),
    ]


def _proofs(memo: MemoRecord) -> list[Block]:
    """The letters' pictures: made from the very letters that the plan names."""
    if not memo.proofs:
        return []
    return [
        Letters(
            t("The letters, as an invented recipient gets them"),
            letter_pictures(memo.definition, memo.proofs),
        )
    ]


def _results(memo: MemoRecord) -> list[Block]:
    gone = suppress.withheld(memo)
    blocks: list[Block] = [Para(t("Confirmatory: planned, and analyzed as planned."))]
    for name, what in memo.definition.outcomes.items():
        rows = [
            r for r in memo.results if r.outcome == name and r.role == "confirmatory" and r.subgroup is None
        ]
        if rows:
            label = quoted(what.label)
            title = (
                t("{outcome} (primary)", outcome=label)
                if what.primary
                else t("{outcome} (secondary)", outcome=label)
            )
            blocks.append(Heading(3, title, f"outcome-{name}"))
            blocks.append(
                _table(memo, name, rows, gone, t("Every arm against the control: {outcome}", outcome=label))
            )
            blocks += _forest(memo, name, gone)
            blocks += [NoteBlock(text) for text in _instead(memo, name)]
            blocks += [NoteBlock(text) for text in parting(memo, findings(memo, name, gone))]
    blocks += [NoteBlock(sentence(prose(retold(text)))) for text in suppress.published_notes(memo)]
    exact = suppress.published_exact(memo)
    if exact:
        blocks.append(
            Bullets(
                tuple(
                    t(
                        "Fisher's exact test, {arm} on {outcome}: {p}.",
                        arm=quoted(memo.definition.arms[e.arm].label),
                        outcome=quoted(memo.definition.outcomes[e.outcome].label),
                        p=show.p_value(e.p_value, _alpha(memo)),
                    )
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
            t("Newcombe's interval")
            if each.interval == "newcombe"
            else t("the interval of the randomization test")
        )
        ends = t("with no end")
        if each.conf_low is not None and each.conf_high is not None:
            ends = show.span(show.precise(times * each.conf_low), show.precise(times * each.conf_high))
        test, p = tests.get((outcome, each.arm)), each.p_randomization_adjusted
        values = {
            "arm": quoted(memo.definition.arms[each.arm].label),
            "reasons": ", ".join(each.reasons),
            "interval": kind,
            "ends": ends,
            "p": "" if p is None else show.p_number(p, _alpha(memo)),
            "error": number(f"{test.std_error:.2g}") if test and test.std_error else "",
        }
        if p is None:
            yield t("{arm} is fragile ({reasons}). Memo and rule go by {interval}, {ends}.", **values)
        elif values["error"]:
            yield t(
                "{arm} is fragile ({reasons}). Memo and rule go by {interval}, {ends}; randomization p, adjusted: {p} "
                "(drawing makes the test's own p uncertain by {error}).",
                **values,
            )
        else:
            yield t(
                "{arm} is fragile ({reasons}). Memo and rule go by {interval}, {ends}; randomization p, adjusted: {p}.",
                **values,
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
    rows: Sequence[Result],
    gone: frozenset[Result],
    label: str,
) -> list[Block]:
    """A table of the effects within the levels, and one of their differences."""
    within = [r for r in rows if r.term == "arm"]
    between = [r for r in rows if r.term == "interaction"]
    blocks: list[Block] = []
    if within:
        blocks.append(
            _table(
                memo,
                outcome,
                within,
                gone,
                t("{outcome} within levels of {column}", outcome=label, column=quoted(column)),
            )
        )
    if between:
        base = suppress.first_levels(memo.results).get((outcome, column), "")
        caption = t(
            "{outcome}: difference in the effect, each level of {column} less {base}",
            outcome=label,
            column=quoted(column),
            base=quoted(base),
        )
        blocks.append(_table(memo, outcome, between, gone, caption))
    return blocks


def _exploratory(memo: MemoRecord) -> list[Block]:
    gone = suppress.withheld(memo)
    blocks: list[Block] = []
    for name, what in memo.definition.outcomes.items():
        rows = [r for r in memo.results if r.outcome == name and r.role == "exploratory"]
        label = quoted(what.label)
        exploratory = t("Exploratory: {outcome}", outcome=label)
        main = [r for r in rows if r.main]
        if main:
            blocks.append(_table(memo, name, main, gone, exploratory))
        between = [r for r in rows if r.term == "between"]
        if between:
            caption = t("Exploratory: {outcome}, the version to adopt against others", outcome=label)
            blocks.append(_table(memo, name, between, gone, caption))
        for column in dict.fromkeys(r.subgroup for r in rows if r.subgroup is not None):
            of = [r for r in rows if r.subgroup == column]
            blocks += _by_subgroup(memo, name, column, of, gone, exploratory)
    if not blocks:
        return []
    note = t(
        "Exploratory: not so in the plan that was in force when the first outcomes came in. Read these as ideas to test, "
        "not as findings."
    )
    return [NoteBlock(note), *blocks]


def _table(
    memo: MemoRecord, outcome: str, rows: Sequence[Result], gone: frozenset[Result], caption: str
) -> TableBlock:
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
        *(t("Arm"), t("Against") if against else t("Group"), t("n")),
        *([t("Clusters")] if clustered else []),
        t("Mean of the other") if against else t("Control"),
        *(t("Estimate"), t("Std. error"), t("df"), t("p"), t("Adjusted p")),
        *([t("Randomization p")] if randomized else []),
        t("{level} interval", level=level),
    ]
    body = []
    for original in rows:
        row = printed[original]
        group = t("all") if row.subgroup is None else f"{visible(row.subgroup)} = {visible(row.level or '')}"
        if against:
            group = unquoted(memo.definition.arms[row.control].label)
        interval = t("withheld") if original in gone else ""
        if row.conf_low is not None and row.conf_high is not None:
            low, high = (show.precise(times * v, *limits) for v in (row.conf_low, row.conf_high))
            interval = show.span(low, high) + (" †" if row.fragile else "")
        body.append(
            (
                unquoted(memo.definition.arms[row.arm].label),
                group,
                "" if row.n is None else number(row.n),
                *(["" if row.n_clusters is None else number(row.n_clusters)] if clustered else []),
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
        unit += ". " + t("† The t test, whose figures these are, can mislead here")
    return TableBlock(
        f"{caption}{unit}", tuple(header), tuple(body), (False, False, *([True] * (len(header) - 2)))
    )


def _times_of_estimates(memo: MemoRecord, outcome: str) -> float:
    """What estimates are multiplied by in the tables: ratios stand as they are."""
    return (
        kind_of(memo.definition.outcomes[outcome].kind).times
        if memo.definition.estimator.scale.additive
        else 1.0
    )


def _of_ratios(scale: EffectScale, kind: OutcomeKind, rows: Sequence[Result]) -> str:
    """What the numbers of a table are, for the end of its caption."""
    sentences = [
        t(
            "estimates are {scale}s, {null} where nothing differs",
            scale=t(scale.name),
            null=number(f"{scale.null:g}"),
        )
    ]
    if any(r.term == "interaction" for r in rows):
        sentences.append(t("of a level less another their difference, 0 where they are alike"))
    if kind.share:
        sentences.append(t("the control in percent"))
    return f" ({'; '.join(sentences)})"


def _forest(memo: MemoRecord, outcome: str, gone: frozenset[Result]) -> list[Block]:
    rows = [r for r in memo.results if r.outcome == outcome and r.role == "confirmatory" and r.term == "arm"]
    shown = [r for r in rows if r not in gone and has_interval(r)]
    if not shown:
        return []
    scale = scale_of(memo.definition, outcome, shown, memo.decision.outcome)
    lines: list[tuple[str, Finding | None]] = []
    for row in rows:
        fragile = next((f for f in memo.fragile if (f.outcome, f.arm) == (outcome, row.arm)), None)
        finding = finding_of(
            memo.definition, row, scale, withheld=row in gone, fragile=None if row.subgroup else fragile
        )
        group = "" if row.subgroup is None else f", {visible(row.subgroup)} = {visible(row.level or '')}"
        marked = (
            finding.row.fragile and row.subgroup and row in shown
        )  # nobody draws the lots anew within groups
        lines.append((f"{finding.arm}{group}{' †' if marked else ''}", finding if row in shown else None))
    label = quoted(memo.definition.outcomes[outcome].label)
    control = quoted(memo.definition.arms[memo.definition.control].label)
    axis = t("Difference from {control}", control=control)
    if scale.in_points:
        axis = t("Difference from {control}, percentage points", control=control)
    elif scale.relative:
        axis = t("Difference from {control}, percent", control=control)
    drawn = chart.forest_chart(lines, scale, axis)
    alt = _forest_alt(label, control, lines, scale)
    prefix = f"forest-{outcome}"
    caption = t(
        "{outcome}: estimates and intervals for every arm, and within planned subgroups.", outcome=label
    )
    if any(name.endswith("†") for name, _ in lines):
        caption += " " + t("† The t test, whose interval this is, can mislead here.")
    return [Picture(partial(chart.draw, drawn, prefix), alt, caption)]


def _forest_alt(label: str, control: str, lines: Sequence[tuple[str, Finding | None]], scale: Scale) -> str:
    sentences = [t("Chart of differences from {control} on {outcome}.", control=control, outcome=label)]
    for name, finding in lines:
        if finding is None:
            sentences.append(t("{arm}: not shown.", arm=name))
        else:
            sentences.append(f"{name}: {scale.lies(finding.estimate)} ({finding.interval}).")
    return " ".join(sentences)


def _balance(memo: MemoRecord) -> list[Block]:
    balance = suppress.published_balance(memo)
    if balance is None:
        return [Para(t("No covariates were named, so there is nothing to compare."))]
    labels = [unquoted(a.label) for a in memo.definition.arms.values()]
    others = [unquoted(a.label) for a in memo.definition.arms.values() if not a.control]
    rows = tuple(
        (visible(row.covariate), *(_number(v, 1.0) for v in row.means), *(_two(v) for v in row.normalized))
        for row in balance.rows
    )
    header = (
        t("Covariate"),
        *(t("Mean, {arm}", arm=x) for x in labels),
        *(t("Difference, {arm}", arm=x) for x in others),
    )
    right = (False, *([True] * (len(header) - 1)))
    test = t("The omnibus test could not be computed.")
    if balance.df is not None and balance.p_value is not None:
        values = {"df": show.degrees(balance.df), "p": show.p_value(balance.p_value, USUAL)}
        test = (
            t(
                "Omnibus test under the design (Hansen and Bowers 2008): d² withheld with the rows below, on {df} "
                "degrees of freedom, {p}.",
                **values,
            )
            if balance.d2 is None
            else t(
                "Omnibus test under the design (Hansen and Bowers 2008): d² = {d2} on {df} degrees of freedom, {p}.",
                d2=number(f"{balance.d2:.2f}"),
                **values,
            )
        )
    if len(labels) > FEW_ARMS:
        header = (t("Covariate"), t("Arm"), t("Mean"), t("Difference"))
        right = (False, False, True, True)
        rows = tuple(_balance_rows(memo, balance.rows, labels))
    scale = t("Differences from the control are in standard deviations (normalized).")
    return [
        Para(f"{test} {scale}"),
        TableBlock(t("Balance before the draw"), header, rows, right),
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
            quoted(memo.definition.outcomes[each.outcome].label),
            t(TESTS[each.method]),
            "" if each.statistic is None else number(f"{each.statistic:.2f}"),
            "" if each.df is None else show.degrees(each.df),
            _p(each.p_value, RATIO_WARNS),
            _attrition(attrition.get(each.outcome)),
        )
        for each in suppress.published_sample_ratio(memo)
    )
    if not rows:
        return []
    return [
        TableBlock(
            t("Are outcomes observed in the proportions that were drawn?"),
            (
                *(t("Outcome"), t("Test"), t("Chi-squared"), t("df"), t("p")),
                t("p of a difference from the control"),
            ),
            rows,
            (False, False, True, True, True, True),
        )
    ]


def _attrition(attrition_record: AttritionRecord | None) -> str:
    if attrition_record is None:
        return ""
    return (
        show.p_number(attrition_record.p_value, USUAL)
        if attrition_record.p_value is not None
        else t("none: all or nothing")
    )


def _method(memo: MemoRecord) -> list[Block]:
    definition = memo.definition
    blocks: list[Block] = []
    for step in method.estimation(definition):
        blocks.append(Para(step.text))
        if step.formula:
            blocks.append(FormulaBlock(step.formula))
    blocks.append(Para(method.notation(definition)))
    done = []
    if memo.draw.replayed:
        done.append(
            t(
                "The draw was made elsewhere: that the assignment is such a randomization, given its counts, is assumed "
                "here and not known."
            )
        )
    if memo.blocks is not None:
        done.append(
            tn(
                "{count} block in the draw; {joined} of them joined to others, {small} with a cell of one {thing}.",
                "{count} blocks in the draw; {joined} of them joined to others, {small} with a cell of one {thing}.",
                memo.blocks,
                joined=number(memo.merged_blocks),
                small=number(memo.small_blocks),
                thing=t("cluster") if definition.clustered else t("unit"),
            )
        )
    if memo.dropped:
        columns = ", ".join(visible(c) for c in memo.dropped)
        done.append(t("Covariate columns dropped: {columns}.", columns=columns))
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
        TableBlock(
            t("What the rule says of each arm"), (t("Arm"), t("Rule"), t("Why")), rows, (False, False, False)
        ),
    ]


def _draw(memo: MemoRecord) -> list[Block]:
    draw = memo.draw
    rows = [
        (t("Plan hash"), show.in_fours(memo.plan_hash)),
        (t("Hash of the list"), show.in_fours(draw.frame_hash)),
    ]
    if not draw.replayed:
        rows.append((t("Beacon"), visible(draw.beacon) or t("none")))
    rows.append(
        (
            t("Key of the draw"),
            show.in_fours(draw.key) if draw.key else t("none: the assignment was read in"),
        )
    )
    return [
        Bullets(tuple(procedure.scheme(memo.definition, replayed=draw.replayed))),
        Para(procedure.drawn(draw, memo.definition)),
        FactsBlock(tuple(rows)),
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
                told_whole(d),
            )
            for d in memo.deviations
        )
        header = (t("Code"), t("Event"), t("When"), t("Who"), t("What"))
        blocks.append(
            TableBlock(t("Deviations from the plan"), header, rows, (False, True, False, False, False))
        )
    else:
        blocks.append(Para(t("No deviations were found.")))
    return [*blocks, *amendment_blocks(memo.amendments), *_office_notes(memo)]


def _office_notes(memo: MemoRecord) -> list[Block]:
    """What the office wrote down, in its own words."""
    if not memo.office_notes:
        return []
    rows = tuple((str(n.seq), moment(n.time), prose(n.person), prose(n.text)) for n in memo.office_notes)
    header = (t("Event"), t("When"), t("Who"), t("What"))
    return [TableBlock(t("Notes of the office"), header, rows, (True, False, False, False))]


def _log(record: AppendixRecord) -> list[Block]:
    rows = tuple(
        (str(e.seq), moment(e.time), prose(e.person), visible(e.kind), visible(e.body), e.hash)
        for e in suppress.published_log(record.memo, record.log)
    )
    header = (t("Event"), t("When"), t("Who"), t("Kind"), t("Body"), t("Hash"))
    return [
        TableBlock(
            t("Every event of this trial's chain"), header, rows, (True, False, False, False, False, False)
        )
    ]


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
