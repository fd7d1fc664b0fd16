"""power: how small an effect the trial can find."""

from __future__ import annotations

from pathlib import Path

import click

from rct.cli.common import Talk, talks
from rct.errors import stop, visible


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
    from rct.cli.opening import announce, load_definition
    from rct.definition.expectations import design_warnings, power_reports, told
    from rct.kinds import kind_of
    from rct.power import draw_curve, power_curve
    from rct.power.words import amount, notes, percent
    from rct.registry.trial import opened
    from rct.report.gather import loaded_facts

    ws = talk.workspace
    definition = load_definition(ws, name)
    announce(talk, name)
    with opened(ws, name) as trial:
        loaded, locked = loaded_facts(trial), trial.state.plan is not None
    reports = power_reports(definition, loaded)
    for report in reports:
        request = report.request
        talk.say(
            f"{visible(request.label)}, {request.units:,} units" if request.units else visible(request.label)
        )
        for comparison in report.comparisons:
            if comparison.mde is not None:
                finds = amount(request.kind, comparison.mde)
                line = f"  {comparison.arm}: finds {finds} or more, {percent(request.power)} of the time"
                talk.say(line)
        if report.units is not None and request.minimum_effect is not None:
            talk.wrap(
                f"To find {amount(request.kind, request.minimum_effect)} it takes {report.units:,} units in all.",
                "  ",
            )
        for missing in report.lacks:
            talk.wrap(f"lacking under [power]: {visible(missing)}", "  ")
        for warning in report.warnings:
            talk.wrap(f"warning: {visible(warning)}", "  ")
        for note in notes(report):
            talk.wrap(visible(note), "  ")
        if report.mde is not None:
            talk.say()
            kind = kind_of(request.kind)
            curve = draw_curve(
                power_curve(request),
                target=request.power,
                mark=request.minimum_effect,
                scale=kind.times,
                title="The chance of finding an effect, by its size",
                x_label=kind.unit or "effect",
            )
            for line in curve.splitlines():
                talk.say(f"  {line}")
    foreseen = design_warnings(definition, loaded)
    for problem in foreseen:
        talk.wrap(f"warning: {visible(told(problem))}", "  ")
    if plot is not None:
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
    result = {
        "ok": True,
        "outcomes": [
            {
                "outcome": outcome,
                "units": r.request.units,
                "alpha": r.alpha,
                "power": r.request.power,
                "mde": r.mde,
                "minimum_effect": r.request.minimum_effect,
                "needed_units": r.units,
                "weakest": r.weakest,
                "comparisons": [
                    {"arm": c.arm, "mde": c.mde, "power": c.power, "needed_units": c.units}
                    for c in r.comparisons
                ],
                "lacks": list(r.lacks),
                "warnings": list(r.warnings),
            }
            for outcome, r in zip(definition.primary, reports, strict=True)
        ],
        "warnings": [w.as_dict() for w in foreseen],
    }
    talk.done(result, next=f"rct {'status' if locked else 'lock'} {name}")
