"""A pool as a page: the answer in words, the forest plot, every trial, every method, and how it was computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from rct import fs
from rct.errors import stop, visible
from rct.evidence.pool.pooling import Pooling
from rct.evidence.pool.words import interval_of, method_rows, own_notes, plain_words, scale_of, trial_rows
from rct.evidence.record import Evidence
from rct.report.blocks import Block, Bullets, Doc, FactsBlock, Heading, NoteBlock, Para, Picture, TableBlock
from rct.report.figures import forest
from rct.report.figures.forest import Forest, ForestRow
from rct.report.printers.glyphs import drawable
from rct.report.printers.markdown import to_markdown
from rct.report.printers.pages import to_html
from rct.report.words import numbers as show
from rct.report.words.finding import Scale

TRIALS_HEAD = ("trial", "versions", "effect", "95% interval", "people", "weight")
METHODS_HEAD = ("method", "average", "95% interval", "p", "tau", "I²", "next city")
OWN_UNIT = (
    "Effects are differences in the outcome's own unit (percentage points for yes or no), never standardized."
)
RELATIVE = (
    "Effects are ratios to the control, told as percent more or less, and pooled as they were estimated."
)
HOW = (
    "The answer above: random effects, tau² by restricted maximum likelihood. Its interval is the wider of two: the normal "
    "one, estimate ± 1.96 / √Σw, and that of Hartung and Knapp (2001) and Sidik and Jonkman (2002), the standard error "
    "times the root of q and t with k − 1 degrees of freedom. Trials that agree by luck make q, and the second, far too "
    "small.",
    "The table of methods has each method's own interval as R's metafor gives it, Hartung and Knapp's untruncated; where "
    "q is under 1 the interval with q held at 1 stands beside it.",
    "I² is 100 tau² / (tau² + the typical variance within a trial) (Higgins and Thompson 2002); for the fixed effect "
    "100 (Q − df) / Q. Q has fixed-effect weights.",
    "The range for a new city, and the chance in yours, are by Nagashima, Noma and Furukawa (2019): tau² is not taken as "
    "known, but spread as Q leaves it open. It takes five trials, each of another city, and these as a fair sample of "
    "cities like the next. Each method's own range is the estimate ± c √(tau² + SE²), c the t (k − 1) or normal quantile, "
    "as metafor's predict() has it; with few trials it holds less often than it says.",
    "A trial counts once. Where several of its arms or outcomes were asked for they are made one first, by generalized "
    "least squares with their covariance (a shared control): metafor's rma.mv(y, V, random = ~ 1 | trial).",
    "EFFECTS "
    "Each trial's interval here is its estimate ± 1.96 standard errors, as the pool weighs it; of one that is marked * "
    "(few events, few groups) the interval that its memo tells, where there is one.",
    "Trials stand in the order they were named in, whatever they found.",
)


def forest_of(pooling: Pooling) -> Forest:
    """The plot's rows, in points where the outcome is yes or no."""
    scale, main = scale_of(pooling), pooling.main
    times = scale.times

    def row(
        label: str, value: float, low: float, high: float, weight: float = 0.0, bare: bool = False
    ) -> ForestRow:
        text = scale.ends(low, high) if bare else f"{scale.signed(value)} ({scale.ends(low, high)})"
        return ForestRow(label, times * value, times * low, times * high, weight, text)

    inside = main.leading
    ahead = None
    if pooling.ahead is not None:
        ahead = row("A new city", main.estimate, *pooling.ahead, bare=True)
    return Forest(
        rows=tuple(
            row(f"{e.label} *" if e.fragile else e.label, e.estimate, *interval_of(e), weight=w)
            for e, w in zip(pooling.entries, main.weights, strict=True)
        ),
        average=row("Average", main.estimate, inside.conf_low, inside.conf_high),
        ahead=ahead,
        worthwhile=None if pooling.worthwhile is None else pooling.sign * times * pooling.worthwhile,
        axis=f"{pooling.label}, difference" + _in_unit(pooling, scale),
        heading=f"Difference ({show.confidence(main.conf_level)} interval)",
        good="right is better" if pooling.sign > 0 else "left is better",
    )


def pool_doc(pooling: Pooling) -> Doc:
    """The whole page."""
    return Doc(
        title=f"{pooling.label}: {pooling.main.k} trials together",
        subtitle="A pool of trials, each weighed by how much it tells",
        blocks=tuple(_blocks(pooling)),
        footer=(
            "Computed by rct; every number can be had again from the files named above (rct pool … --json).",
        ),
        running=pooling.label,
        time=0,
        banner=" and ".join(pooling.marks) + ": not all of these are real trials" if pooling.marks else None,
    )


def _blocks(pooling: Pooling) -> Iterator[Block]:
    first, *rest = plain_words(pooling)
    yield NoteBlock(first)
    for sentence in rest:
        yield Para(sentence)
    if len(pooling.entries) <= forest.MOST_ROWS:
        plot = forest_of(pooling)
        caption = "Squares are as large as the weight; the diamond is the average with its interval."
        if plot.ahead:
            caption += " The dashed line is where a new city like these would lie."
        if plot.worthwhile is not None:
            caption += " The dotted line is the least effect worth adopting."
        yield Picture(partial(forest.draw, plot, "forest"), forest.alt_text(plot), caption)
    if pooling.notes:
        yield Heading(2, "What to know first", "know")
        yield Bullets(pooling.notes)
    yield Heading(2, "The trials", "trials")
    yield _table("Each trial, in the order named", TRIALS_HEAD, trial_rows(pooling), words=2)
    told = own_notes(pooling)
    if told:
        yield Heading(2, "What the trials' own records say", "records")
        yield FactsBlock(tuple((e.label, " ".join(map(visible, e.evidence.notes)))
                          for e in pooling.entries if e.evidence.notes))  # fmt: skip
    yield Heading(2, "Every method", "methods")
    rows = method_rows(pooling)
    bare = not any(row[-1] for row in rows)
    yield _table("The answer above, and the average by each method as R's metafor gives it",
                 METHODS_HEAD[:-1] if bare else METHODS_HEAD,
                 [row[:-1] if bare else row for row in rows], words=1)  # fmt: skip
    if pooling.without:
        yield Heading(2, "Without each trial", "without")
        yield _table("The answer when one trial is left out", ("without", *METHODS_HEAD[1:-1]),
                     without_rows(pooling), words=1)  # fmt: skip
    yield Heading(2, "Checks", "checks")
    yield Bullets(tuple(check_lines(pooling)))
    yield Heading(2, "How it was computed", "how")
    effects = RELATIVE if scale_of(pooling).relative else OWN_UNIT
    yield Bullets(tuple(said.replace("EFFECTS", effects) for said in HOW))
    yield Heading(2, "Where the figures come from", "sources")
    yield FactsBlock(tuple((e.label, _source(e.evidence)) for e in pooling.entries))


def without_rows(pooling: Pooling) -> list[tuple[str, ...]]:
    """The answer without each trial in turn."""
    scale = scale_of(pooling)
    rows: list[tuple[str, ...]] = []
    for entry, fit in zip(pooling.entries, pooling.without, strict=True):
        inside = fit.leading
        rows.append(
            (
                entry.label,
                scale.signed(fit.estimate),
                scale.ends(inside.conf_low, inside.conf_high),
                "" if inside.p_value is None or not pooling.tested else show.p_number(inside.p_value),
                scale.bare(fit.tau),
                f"{fit.i2:.0f}%",
            )
        )
    return rows


def check_lines(pooling: Pooling) -> Iterator[str]:
    """The checks that were made, with their limits, and those that could not be."""
    scale = scale_of(pooling)
    small, selected = pooling.small, pooling.selected
    if small is not None:
        yield (
            f"Small trials (Egger's regression, Egger and others 1997): slope {small.slope:.3g} a standard error, "
            f"t {small.statistic:.2f} on {small.df} df, {show.p_value(small.p_value)}. A slope may come from a "
            "drawer, or from small trials that were run where more could be gained. The effect that the line gives "
            f"to an endlessly large trial: {scale.signed(small.limit)} ({scale.ends(small.limit_low, small.limit_high)})."
        )
    if selected is not None:
        yield (
            "Selection (three parameters, Vevea and Hedges 1995, a step at one-sided p = .025 in the hoped-for "
            f"direction; {selected.significant} of {pooling.main.k} are beyond it): a result short of it is seen "
            f"{selected.relative_chance:.2f} times as often, {show.p_value(selected.p_value)}; average under this "
            f"model {scale.signed(selected.estimate)}. It presumes that selection acts at this step alone and that "
            "true effects are normal. Nothing is corrected by it."
        )
    for what, why in pooling.not_shown:
        yield f"Not shown: {what} ({why})."


def _table(caption: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], words: int) -> TableBlock:
    return TableBlock(caption, head, tuple(rows), tuple(i >= words for i in range(len(head))))


def _source(evidence: Evidence) -> str:
    if evidence.source == "trial":
        return f"{evidence.name}, a trial of this workspace"
    signed = f", signed by {evidence.signed_by}" if evidence.signed_by else ""
    what = evidence.citation or f"bundle of {evidence.name}{signed}"
    return f"{visible(what)}; sha256 {show.in_fours(evidence.digest or '')}"


def _in_unit(pooling: Pooling, scale: Scale) -> str:
    if scale.in_points:
        return " in points"
    if scale.relative:
        return " in percent"
    return f" in {pooling.unit}" if pooling.unit else ""


def write(pooling: Pooling, path: Path) -> None:
    """The page (.html, .md) or the plot (.svg, .png), whole or not at all."""
    suffix = path.suffix.lower()
    if suffix in (".svg", ".png") and len(pooling.entries) > forest.MOST_ROWS:
        stop(
            "pool_plot",
            f"A forest plot of {len(pooling.entries):,} trials can't be read.",
            f"Plot {forest.MOST_ROWS} or fewer; the page has the table of all.",
        )
    makers: dict[str, Callable[[], bytes]] = {
        ".html": lambda: to_html(pool_doc(pooling), contents=False),
        ".md": lambda: to_markdown(pool_doc(pooling)),
        ".svg": lambda: forest.draw_file(forest_of(pooling)),
        ".png": lambda: forest.draw_png(forest_of(pooling), drawable),
    }
    fs.write_out(path, makers[suffix]())
