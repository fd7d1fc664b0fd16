"""The power curve as a picture."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.figure import Figure

from rct import fs
from rct.errors import stop
from rct.kinds import kind_of
from rct.power import PowerRequest, power_curve

KINDS = {".png": "png", ".svg": "svg", ".pdf": "pdf"}


def save_power_plot(request: PowerRequest, path: Path) -> None:
    """Draw chance against effect, with the power asked for and the least effect hoped for marked."""
    if path.suffix.lower() not in KINDS:
        stop(
            "plot_kind",
            "A picture is a .png, .svg or .pdf.",
            "Give another name.",
            field="--plot",
            found=path.name,
        )
    points = power_curve(request)
    kind = kind_of(request.kind)
    times = kind.times
    figure = Figure(figsize=(6.5, 4.0), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([times * p.x for p in points], [100 * p.power for p in points], color="black", linewidth=2)
    axes.axhline(100 * request.power, color="0.45", linestyle="--", linewidth=1)
    axes.annotate(
        f"{100 * request.power:.0f}% wanted",
        (0, 100 * request.power),
        xytext=(4, 4),
        textcoords="offset points",
    )
    if request.minimum_effect is not None:
        axes.axvline(times * request.minimum_effect, color="0.45", linestyle=":", linewidth=1.5)
        axes.annotate(
            "hoped for", (times * request.minimum_effect, 4), xytext=(4, 0), textcoords="offset points"
        )
    axes.set_xlabel(f"True effect{kind.in_unit}")
    axes.set_ylabel("Chance of finding it (%)")
    axes.set_ylim(0, 102)
    axes.set_xlim(left=0)
    axes.set_title(f"{request.label}, {request.units:,} units", fontsize=11)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    data = io.BytesIO()
    figure.savefig(data, format=KINDS[path.suffix.lower()], dpi=150)
    fs.write_out(path, data.getvalue())
