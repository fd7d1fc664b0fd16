"""power: how small an effect the trial can find."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rct.cli.common import Talk, talks
from rct.errors import stop, visible

if TYPE_CHECKING:
    from rct.power.request import PowerReport, PowerRequest


@click.command(epilog="Example:  rct power water-bills --plot power.png")
@click.argument("name")
@click.option(
    "--plot", type=click.Path(path_type=Path), metavar="FILE", help="The curve as a picture (.png or .svg)."
)
@talks
def power(talk: Talk, name: str, plot: Path | None) -> None:
    """See how small an effect the trial can find, and how many people it would take.

    From [power] in trial.toml and, once it is loaded, from the list itself.
    """
    from rct.cli.opening import announce, load_definition, next_step
    from rct.definition.expectations import design_warnings, power_reports, told
    from rct.registry.trial import opened
    from rct.report.gather import loaded_facts

    ws = talk.workspace
    definition = load_definition(ws, name)
    announce(talk, name)
    with opened(ws, name) as trial:
        loaded, locked = loaded_facts(trial), trial.state.plan is not None
    reports = power_reports(definition, loaded)
    for report in reports:
        _say_report(talk, report)
    foreseen = design_warnings(definition, loaded)
    for problem in foreseen:
        talk.wrap(f"warning: {visible(told(problem))}", "  ")
    if plot is not None:
        _save_plot(talk, reports, plot)
    outcomes = zip(definition.primary, reports, strict=True)
    result = {
        "ok": True,
        "outcomes": [{"outcome": outcome, **_as_dict(report)} for outcome, report in outcomes],
        "warnings": [w.as_dict() for w in foreseen],
    }
    talk.done(result, next=next_step(ws, name) if locked else f"rct lock {name}")


def _say_report(talk: Talk, report: PowerReport) -> None:
    from rct.power.words import amount, notes, percent

    request = report.request
    talk.say(
        f"{visible(request.label)}, {request.units:,} units" if request.units else visible(request.label)
    )
    for comparison in report.comparisons:
        if comparison.mde is not None:
            finds = amount(request.kind, comparison.mde)
            talk.say(f"  {comparison.arm}: finds {finds} or more, {percent(request.power)} of the time")
    if report.units is not None and request.minimum_effect is not None:
        least = amount(request.kind, request.minimum_effect)
        talk.wrap(f"To find {least} it takes {report.units:,} units in all.", "  ")
    for line in (
        *(f"lacking under [power]: {missing}" for missing in report.lacks),
        *(f"warning: {warning}" for warning in report.warnings),
        *notes(report),
    ):
        talk.wrap(visible(line), "  ")
    if report.mde is not None:
        _draw(talk, request)


def _draw(talk: Talk, request: PowerRequest) -> None:
    from rct.kinds import kind_of
    from rct.power import draw_curve, power_curve

    kind = kind_of(request.kind)
    curve = draw_curve(
        power_curve(request),
        target=request.power,
        mark=request.minimum_effect,
        scale=kind.times,
        title="The chance of finding an effect, by its size",
        x_label=kind.unit or "effect",
    )
    talk.say()
    for line in curve.splitlines():
        talk.say(f"  {line}")


def _save_plot(talk: Talk, reports: Sequence[PowerReport], plot: Path) -> None:
    known = [r for r in reports if r.mde is not None]
    if not known:
        stop(
            "power_unknown",
            "There is no curve to draw: [power] lacks what is listed above.",
            "Fill it in.",
            field="power",
        )
    from rct.report.figures.power_plot import save_power_plot

    save_power_plot(known[0].request, plot)
    talk.say(f"Wrote {plot}")


def _as_dict(report: PowerReport) -> dict[str, Any]:
    return {
        "units": report.request.units,
        "alpha": report.alpha,
        "power": report.request.power,
        "mde": report.mde,
        "minimum_effect": report.request.minimum_effect,
        "needed_units": report.units,
        "weakest": report.weakest,
        "comparisons": [
            {"arm": c.arm, "mde": c.mde, "power": c.power, "needed_units": c.units}
            for c in report.comparisons
        ],
        "lacks": list(report.lacks),
        "warnings": list(report.warnings),
    }
