"""Estimators: pure functions from arrays to numbers. No files, no database, no terminal."""

from rct.called import calls
from rct.estimate.records import Estimate, Fit, Note, Sample
from rct.estimate.registry import ESTIMATORS, compare, estimate

__all__ = ["ESTIMATORS", "Estimate", "Fit", "Note", "Sample", "compare", "estimate"]

calls(__name__, "rct.face.estimating", "estimate")
