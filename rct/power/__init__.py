"""Analytic power: what a trial of a given size can find, and how large one must be. Plain numbers only."""

from __future__ import annotations

from rct.called import calls
from rct.power.curve import Point, draw_curve, power_curve
from rct.power.request import Comparison, PowerReport, PowerRequest, problems
from rct.power.trial import assess

__all__ = [
    "Comparison",
    "Point",
    "PowerReport",
    "PowerRequest",
    "assess",
    "draw_curve",
    "power_curve",
    "problems",
]

calls(__name__, "rct.face.powering", "power")
