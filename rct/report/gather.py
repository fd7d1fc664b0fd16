"""From the registry to records: every fact that a document prints, gathered once.

A memo's numbers are computed anew from the stored rows and must be those that `analyze` stored; so what is
printed is what can be re-derived.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rct.analysis import naming as measured
from rct.analysis.balance import balance_of
from rct.analysis.compute import AnalysisResults, extra_costs
from rct.analysis.coverage import uncovered
from rct.analysis.data import levels_of
from rct.analysis.delivery import Delivery, delivery, reach
from rct.analysis.planned import planned
from rct.analysis.results import comparable, completed, differing_column
from rct.analysis.stored import Analyzed, as_stored, numpy_version
from rct.analysis.voices import responses, said
from rct.audit import deviations as audit
from rct.audit.known import NOT_STATED
from rct.definition import Definition
from rct.definition.dates import calendar
from rct.definition.expectations import design_warnings, power_reports, told
from rct.definition.letters import LetterError, letter_files, read_letter
from rct.definition.listed import LoadedList, loaded_from
from rct.definition.sending import Sent, cost_is_known, sending
from rct.design.balance import Balance
from rct.design.beacon import parse_source, which_counts
from rct.errors import stop
from rct.estimate import decision as estimate
from rct.letters.linting import lint_letters
from rct.letters.pieces import STATUSES
from rct.registry import state, store
from rct.registry.chain import Event
from rct.registry.events import AmendBody, DecideBody, DrawBody, FrameBody, NoteBody
from rct.registry.results import Result
from rct.registry.state import State
from rct.registry.store import Frame
from rct.registry.trial import Drawn, Locked, Trial, opened
from rct.registry.workspace import Workspace
from rct.report.doubts import after_results, bounds, refused_rows
from rct.report.memo.cautions import cautions_in_english
from rct.report.plan.adaptation import adaptation
from rct.report.plan.procedure import concealment
from rct.report.proofs import proofs
from rct.report.record import (
    Amendment,
    AppendixRecord,
    ArmDecisionRecord,
    AttritionRecord,
    BalanceFacts,
    BalanceRow,
    Between,
    CostRecord,
    Coverage,
    Decided,
    DecisionFacts,
    DeviationRecord,
    DrawFacts,
    ExactTest,
    FieldChange,
    Flow,
    Fragile,
    FrameFacts,
    LetterRecord,
    LogEvent,
    MemoRecord,
    NamingRecord,
    OfficeNote,
    OutcomeFlow,
    PieceFlow,
    PieceRatio,
    PlanRecord,
    Proof,
    ReachCount,
    SampleRatio,
)


def plan_record(trial: Locked, workspace_head: str) -> PlanRecord:
    """The record of the plan in force; `trial` already holds the event that the document prints, and the head of the
    workspace's log is that of the same commit."""
    ws, trial_state, definition = trial.ws, trial.state, trial.definition
    lock, event = trial.lock, trial.plan
    facts, loaded = _frame_facts(trial), loaded_facts(trial)
    at_lock = Trial(ws, trial.db, State(trial_state.name, [lock]))
    warnings = [d.text for d in audit.deviations(at_lock, None, None) if d.code.startswith("locked_after")]
    if facts is not None and definition.design.beacon != "none" and trial_state.frame is not None:
        source = parse_source(definition.design.beacon)
        warnings.append(which_counts(source, event.time, trial_state.frame.time))
    return PlanRecord(
        name=trial_state.name,
        definition=definition,
        plan_hash=trial.plan_hash,
        head=event.hash,
        workspace_head=workspace_head,
        locked_at=lock.time,
        locked_by=lock.person,
        approved_by=lock.body.approved_by or None,
        seed_commitment=lock.body.seed_commitment,
        letters=_measured(ws, definition, _letters(trial)),
        calendar=tuple(calendar(definition)),
        power=tuple(power_sentences(definition, loaded)),
        least_found=power_reports(definition, loaded)[0].mde,
        warnings=tuple(warnings),
        amendments=_amendments(trial_state),
        frame=facts,
        concealment=concealment(
            definition.design.beacon,
            list(
                dict.fromkeys(
                    e.person
                    for e in trial_state.events
                    if trial_state.draw is None or e.seq <= trial_state.draw.seq
                )
            ),
            replayed=trial_state.replayed,
        ),
        draw=_draw_facts(trial.drawn()) if trial_state.draw else None,
        proofs=proofs(trial, fresh=False),
        known=lock.body.known or NOT_STATED,
        adaptation=adaptation(ws.trials / trial_state.name, ws.templates, definition, trial.plan_parts),
        city=ws.settings.city or "",
        currency=ws.settings.currency,
        threshold=ws.settings.threshold,
        paper=ws.settings.paper,
        practice=trial_state.practice or definition.practice,
        simulated=definition.simulated,
    )


def power_sentences(definition: Definition, loaded: LoadedList | None) -> list[str]:
    """What the trial can find, then every warning, for each primary outcome; or what is lacking to say it. Then where
    the planned test is known to err."""
    lines: list[str] = []
    for report in power_reports(definition, loaded):
        lines += report.warnings or ()
        if report.mde is not None and report.request.units:
            lines.insert(
                0,
                _can_find(
                    report.request.label,
                    report.request.kind,
                    report.request.units,
                    report.mde,
                    report.request.power,
                ),
            )
        elif report.lacks:
            lines.append(
                f"Power for {report.request.label} can't be told; [power] lacks: " + " ".join(report.lacks)
            )
    return lines + [told(problem) for problem in design_warnings(definition, loaded)]


def _can_find(label: str, kind: str, units: int, mde: float, power: float) -> str:
    from rct.power.words import amount, percent

    return (
        f"With {units:,} units the least effect on {label} that the trial finds with a chance of {percent(power)} "
        f"is {amount(kind, mde)}."
    )


def loaded_facts(trial: Trial) -> LoadedList | None:
    """Units and cluster sizes of the loaded list."""
    db, trial_state = trial.db, trial.state
    if trial_state.frame is None or not store.has_table(db, "frame", trial_state.name):
        return None
    frame = trial.units
    clustered = any(frame.clusters)
    kinds = [kind for _, _, kind in store.frame_columns(db, trial_state.name)]
    # Columns are counted only where they count: in a draw of pairs.
    pairs = not clustered and len(frame.units) <= 3 * len(set(frame.blocks))
    levels = store.category_levels(db, trial_state.name) if pairs else []
    return loaded_from(frame.blocks, frame.clusters if clustered else None, kinds.count("covariate"), levels)


def list_facts(ws: Workspace, definition: Definition) -> LoadedList | None:
    """What the loaded list says; None before there is one."""
    with opened(ws, definition.name) as trial:
        return loaded_facts(trial)


def memo_record(trial: Analyzed, *, pictures: bool = False) -> MemoRecord:
    """The record of the last analysis; `pictures`: of the letters too, which take longer than all the rest.

    RctError when the stored rows can't be re-derived.
    """
    event, rows, analysis = trial.event, trial.rows, as_stored(trial)
    derived = comparable(analysis.rows, rows, event.body.files["results.csv"])
    same = event.body.verdict == analysis.decision.verdict
    if not (same and _agree(rows, derived, same_numpy=event.body.numpy == numpy_version())):
        stop(
            "results_changed",
            "The stored results are not those that plan and data give.",
            "See what changed: rct verify. Nothing was printed.",
            file="rct.db",
        )
    deviations = audit.deviations(trial, analysis, _balanced(trial), few=trial.ws.settings.threshold)
    return _record(trial, deviations, proofs(trial) if pictures else ())


def _balanced(trial: Drawn) -> Balance | None:
    return trial.once("balance", lambda: balance_of(trial.definition, trial.frame, trial.arms))


def _record(trial: Analyzed, told: Sequence[audit.Deviation], pictures: tuple[Proof, ...] = ()) -> MemoRecord:
    """The record of the last analysis, as it comes out on the rows that are stored."""
    ws, trial_state, definition, analysis = trial.ws, trial.state, trial.definition, as_stored(trial)
    event, lock, draw, rows = trial.event, trial.lock, trial.draw, trial.rows
    sent = delivery(trial, STATUSES)
    themes, kinds = said(trial)
    return MemoRecord(
        name=trial_state.name,
        definition=definition,
        plan_hash=trial.plan_hash,
        head=event.hash,
        workspace_head=state.entered(trial.db, event),
        locked_at=lock.time,
        locked_by=lock.person,
        approved_by=lock.body.approved_by or None,
        analyzed_at=event.time,
        analyzed_by=event.person,
        run=event.body.run,
        draw=_draw_facts(trial),
        flow=_flow(trial.load),
        results=tuple(completed(rows, analysis.rows, event.body.files["results.csv"])),
        decision=_decision(definition, analysis, _sending(definition, trial_state, sent)),
        outcomes=_outcome_flow(definition, analysis),
        cells=analysis.cells,
        balance=_balance(_balanced(trial), definition, trial.frame, draw),
        sample_ratio=tuple(
            SampleRatio(c.outcome, c.ratio.statistic, c.ratio.df, c.ratio.p_value, c.ratio.method)
            for c in analysis.checks
            if c.ratio
        ),
        attrition=tuple(
            AttritionRecord(c.outcome, c.attrition.p_value, c.attrition.warns)
            for c in analysis.checks
            if c.attrition.lines
        ),
        uneven=tuple(c.outcome for c in analysis.checks if c.uneven),
        lopsided=tuple(c.outcome for c in analysis.checks if c.lopsided),
        naming=tuple(_naming(c.outcome, c.naming) for c in analysis.checks if c.naming),
        coverage=tuple(
            Coverage(
                c.outcome, c.end.isoformat(), *(d.isoformat() if d else None for d in (c.last, c.loaded))
            )
            for c in uncovered(trial_state, definition)
        ),
        cut=analysis.cut,
        refused_rows=refused_rows(trial_state, analysis),
        bounds=bounds(analysis),
        after_results=after_results(trial_state, analysis.deciding),
        between=_between(analysis),
        pieces=tuple(PieceFlow(d.status, a, d.drawn[a], n) for d in sent for a, n in d.counts.items()),
        piece_ratio=tuple(
            PieceRatio(d.status, d.check.statistic, d.check.df, d.check.p_value, d.check.method)
            for d in sent
            if d.check
        ),
        reach=tuple(ReachCount(r.column, r.level, r.sent, r.unreached) for r in reach(trial)),
        responses=tuple(responses(trial)),
        themes=tuple(themes),
        remark_kinds=tuple(kinds),
        fragile=tuple(
            Fragile(outcome, arm, told.kind, told.low, told.high, told.p_redrawn)
            for (outcome, arm), told in analysis.told.items()
        ),
        exact=tuple(ExactTest(c.outcome, arm, p) for c in analysis.checks for arm, p in c.fisher),
        deviations=tuple(DeviationRecord(d.code, d.seq, d.time, d.person, d.text) for d in told),
        amendments=_amendments(trial_state),
        blocks=draw.body.blocks if definition.design.blocks else None,
        merged_blocks=draw.body.merged_blocks,
        small_blocks=analysis.small_blocks,
        dropped=tuple(f"{name}: {why}" for name, why in analysis.dropped),
        notes=tuple(n.told(ws.settings.threshold) for n in analysis.notes),
        revealing=frozenset(n.text for n in analysis.notes if n.reveals),
        proofs=pictures,
        planned=planned(trial).then,
        decided=_decided(trial_state),
        office_notes=tuple(
            OfficeNote(e.seq, e.time, e.person, e.body.text, e.body.memo) for e in trial_state.all(NoteBody)
        ),
        paper=ws.settings.paper,
        city=ws.settings.city or "",
        currency=ws.settings.currency,
        threshold=ws.settings.threshold,
        practice=trial_state.practice or definition.practice,
        simulated=definition.simulated,
    )


def beside_results(trial: Analyzed) -> tuple[list[audit.Deviation], list[str], list[str], AnalysisResults]:
    """Every deviation of a trial as it stands, what the estimators note besides, the cautions that belong beside the
    verdict, and the analysis that all are of, for the terminal."""
    analysis = as_stored(trial)
    notes = dict.fromkeys(n.text for n in analysis.notes if not n.deviation)
    deviations = audit.deviations(trial, analysis, _balanced(trial))
    # Cautions ask which deviations there are, not in which words, and no letter's picture.
    return deviations, list(notes), cautions_in_english(_record(trial, deviations)), analysis


def appendix_record(trial: Analyzed, memo: MemoRecord) -> AppendixRecord:
    events = [e for e in trial.state.events if e.seq <= trial.event.seq]
    log = tuple(LogEvent(e.seq, e.time, e.person, e.kind, _body_text(e), e.hash) for e in events)
    return AppendixRecord(memo, log, _letters(trial))


def _body_text(event: Event) -> str:
    from rct.definition import canonical

    return canonical.dumps(event.said)


def _naming(outcome: str, naming: measured.Naming) -> NamingRecord:
    p = None if naming.test is None else naming.test.p_value
    return NamingRecord(
        outcome, naming.lists, naming.drawn, naming.named, p, naming.refused, naming.lopsided, naming.doubtful
    )


def _agree(stored: Sequence[Result], derived: Sequence[Result], *, same_numpy: bool) -> bool:
    return len(stored) == len(derived) and not any(
        differing_column(s, d, same_numpy=same_numpy) for s, d in zip(stored, derived, strict=True)
    )


def _letters(trial: Locked) -> tuple[LetterRecord, ...]:
    """The letters and pictures that the plan hashed, as they lie in templates/; one edited since is left out."""
    planned, templates = trial.templates, trial.ws.templates
    letter_records: list[LetterRecord] = []
    for template in trial.definition.template_paths:
        try:
            hashes = letter_files(templates, template)
            text = read_letter(templates, template)
        except LetterError:
            continue  # edited away since the lock: named as a deviation
        letter_records += [
            LetterRecord(p, text if p == template else None, h)
            for p, h in hashes.items()
            if planned.get(p) == h and p not in {letter.path for letter in letter_records}
        ]
    return tuple(letter_records)


def _measured(
    ws: Workspace, definition: Definition, letters: Sequence[LetterRecord]
) -> tuple[LetterRecord, ...]:
    """The same, each text with its plain-language figures."""
    lints = {each.path: each.lint for each in lint_letters(ws, definition)}
    return tuple(replace(letter, lint=lints.get(letter.path)) for letter in letters)


def _amendments(trial_state: State) -> tuple[Amendment, ...]:
    return tuple(
        Amendment(
            e.time,
            e.person,
            e.body.reason,
            tuple(FieldChange(c.where, c.old or "absent", c.new or "absent") for c in e.body.changes),
            e.body.after,
        )
        for e in trial_state.all(AmendBody)
    )


def _flow(load: Event[FrameBody]) -> Flow:
    body = load.body
    return Flow(
        rows=body.rows,
        excluded=tuple(body.excluded.items()),
        refused=sum(body.refused.values()),
        units=body.kept,
        clusters=body.clusters or None,
    )


def _frame_facts(trial: Locked) -> FrameFacts | None:
    trial_state = trial.state
    if trial_state.frame is None or not store.has_table(trial.db, "frame", trial_state.name):
        return None
    blocks: Counter[str] = Counter(trial.units.blocks) if trial.definition.design.blocks else Counter()
    return FrameFacts(
        flow=_flow(trial_state.frame),
        frame_hash=trial_state.frame.body.frame_hash,
        frozen_at=trial_state.frame.time,
        freezes=len(trial_state.all(FrameBody)),
        blocks=tuple(sorted(blocks.items())),
        merged_blocks=trial_state.draw.body.merged_blocks if trial_state.draw else 0,
    )


def _draw_facts(trial: Drawn) -> DrawFacts:
    event, body = trial.draw, trial.draw.body
    return DrawFacts(
        drawn_at=event.time,
        drawn_by=event.person,
        draws=body.draws,
        locks=body.locks,
        freezes=body.freezes,
        beacon=body.beacon,
        frame_hash=body.frame_hash,
        key=body.key,
        replayed=trial.state.replayed,
        units=tuple(state.units_by_arm(event, trial.definition.arms).items()),
        clusters=tuple((a, body.clusters[a]) for a in trial.definition.arms if a in body.clusters),
    )


def _sending(definition: Definition, trial_state: State, deliveries: Sequence[Delivery]) -> dict[str, Sent]:
    reached = {arm for each in deliveries for arm, n in each.counts.items() if n}
    return sending(definition, replayed=trial_state.replayed, told=reached)


def _decision(definition: Definition, analysis: AnalysisResults, sent: dict[str, Sent]) -> DecisionFacts:
    """What the rule says; money only where what the arm costs and what the control costs is known."""
    decided = analysis.decision
    extra = extra_costs(definition)
    for name in extra:
        if not all(cost_is_known(definition, sent, arm) for arm in (name, definition.control)):
            extra[name] = None
    arms = tuple(ArmDecisionRecord(a.arm, a.reason, _cost(a.cost, extra[a.arm])) for a in decided.arms)
    return DecisionFacts(analysis.deciding, decided.verdict, arms, decided.chosen, decided.tied)


def _between(analysis: AnalysisResults) -> tuple[Between, ...]:
    return tuple(
        Between(e.arm, e.control, e.estimate, e.conf_low, e.conf_high, e.conf_level, e.fragile)
        for e in analysis.versions
        if e.estimate is not None and e.conf_low is not None and e.conf_high is not None
    )


def _decided(trial_state: State) -> Decided | None:
    """The last decision, if people made one on this analysis or an earlier one."""
    event = trial_state.last(DecideBody)
    if event is None:
        return None
    return Decided(event.time, event.person, event.body.verdict, event.body.note)


def _cost(cost: estimate.Cost | None, extra: float | None) -> CostRecord | None:
    if cost is None or extra is None:
        return None
    return CostRecord(extra, cost.value, cost.low, cost.high, none=cost.kind == "no_additional_outcomes")


def _outcome_flow(definition: Definition, analysis: AnalysisResults) -> tuple[OutcomeFlow, ...]:
    from rct.analysis.data import arm_order

    order = arm_order(definition)
    return tuple(
        OutcomeFlow(c.outcome, arm, c.drawn[order.index(arm)], c.observed[order.index(arm)])
        for c in analysis.checks
        for arm in definition.arms
    )


def _balance(
    balance: Balance | None, definition: Definition, frame: Frame, draw: Event[DrawBody]
) -> BalanceFacts | None:
    """Means in the definition's order of arms; differences of every arm but the control, in that order."""
    if balance is None:
        return None
    place = [balance.arms.index(a) for a in definition.arms]
    yes_no = _indicators(frame)
    rows = []
    for row in balance.rows:
        means = tuple(None if math.isnan(row.means[i]) else row.means[i] for i in place)
        gaps = tuple(row.differences[i] for i in place if i != balance.control)
        units = list(state.units_by_arm(draw, definition.arms).values())
        counts = tuple(round((m or 0.0) * n) for m, n in zip(means, units, strict=True))
        rows.append(BalanceRow(row.name, means, gaps, counts if row.name in yes_no else None))
    return BalanceFacts(balance.d2, float(balance.df), balance.p_value, tuple(rows))


def _indicators(frame: Frame) -> set[str]:
    """Names of the balance table's rows whose mean is a share of people, and so a count that may be small."""
    names = set()
    for column in frame.columns.values():
        if column.kind == "category":
            names |= {f"{column.name} = {level}" for level in levels_of(column)}
        elif column.kind == "covariate" and set(column.values) <= {0.0, 1.0}:
            names.add(column.name)
    return names
