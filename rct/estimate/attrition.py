"""Differential attrition: is an outcome unknown more often in one arm than in the control?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rct.estimate.estimators import MEANS
from rct.estimate.multiplicity import holm
from rct.estimate.ratio import table_test
from rct.estimate.records import Estimate, Sample
from rct.estimate.registry import estimate

ATTRITION_WARNS = 0.05
ALIKE = 1e-9  # shares that differ by less are the same


@dataclass(frozen=True)
class Attrition:
    """Units drawn and missing by arm; lines: each arm's share observed less the control's, under the design.

    p_value: the smallest over the arms, adjusted by Holm, within blocks or over all units, whichever is smaller; exact
    where an expected count is under 5; None where no outcome, or every one, is missing, and where nothing varies inside
    the cells.
    warns: p_value under .05, or no p-value though the shares differ: nothing but the arm then tells who is known.
    """

    drawn: tuple[int, ...]
    missing: tuple[int, ...]
    lines: tuple[Estimate, ...]
    p_value: float | None
    warns: bool


def differential_attrition(sample: Sample, alpha: float = 0.05) -> Attrition:
    """Compare the shares observed by the design's difference in means (blocks, clusters and small strata as
    drawn), on every drawn unit, and once more without blocks. Raises RctError where even the drawn cells are too
    small to compare."""
    known = ~np.isnan(sample.y)
    drawn = tuple(np.bincount(sample.arm, minlength=sample.arms).tolist())
    missing = tuple(np.bincount(sample.arm[~known], minlength=sample.arms).tolist())
    if known.all() or not known.any():
        return Attrition(drawn, missing, (), None, False)
    observed = replace(sample, y=known.astype(float), x=np.empty((0, 0)), x_names=())
    lines = _lines(observed, alpha)
    tried = [(lines, _values(observed, lines))]
    if sample.block is not None and _even(sample):
        whole = replace(observed, block=None, block_labels=(), strata=None, possible=None)
        tried.append((more := _lines(whole, alpha), _values(whole, more)))
    found = [p for _, values in tried for p in holm(values) if p is not None]
    p = min(found, default=None)
    untold = any(
        value is None and line.estimate is not None and abs(line.estimate) > ALIKE
        for each, values in tried
        for line, value in zip(each, values, strict=True)
    )
    return Attrition(drawn, missing, lines, p, untold or (p is not None and p < ATTRITION_WARNS))


def _lines(observed: Sample, alpha: float) -> tuple[Estimate, ...]:
    se_type = "HC2" if observed.cluster is None else "CR2"
    return estimate(observed, MEANS.name, se_type, alpha).lines


def _values(observed: Sample, lines: tuple[Estimate, ...]) -> list[float | None]:
    """The lines' p-values; exact ones where few units are missing, or known, so that t is none."""
    if observed.cluster is not None:
        return [line.p_value for line in lines]
    values: list[float | None] = []
    for line in lines:
        arm = observed.arm_names.index(line.arm)
        two = observed.rows((observed.arm == 0) | (observed.arm == arm))
        pair = replace(
            two,
            arm=(two.arm == arm).astype(np.int64),
            arm_names=(observed.arm_names[0], line.arm),
            shares=(observed.shares[0], observed.shares[arm]),
        )
        test = table_test(pair)
        values.append(test.p_value if test.method in ("exact", "redraws") else line.p_value)
    return values


def _even(sample: Sample) -> bool:
    """Whether each block was split as the plan's shares would, or a coin of those shares could. Where one was not, arms
    differ in their blocks, and units without their blocks say nothing of the arms."""
    arm, block = sample.arm, sample.block
    assert block is not None
    if sample.cluster is not None:
        _, first = np.unique(sample.cluster, return_index=True)
        arm, block = arm[first], block[first]
    blocks = len(sample.block_labels)
    counts = np.bincount(block * sample.arms + arm, minlength=blocks * sample.arms).reshape(blocks, -1)
    share = np.array(sample.shares) / sum(sample.shares)
    n = counts.sum(axis=1)[:, None]
    return bool(np.all(np.abs(counts - n * share) <= np.maximum(1, 2 * np.sqrt(n * share * (1 - share)))))
