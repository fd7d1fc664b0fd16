"""One outcome of a paper's table: lines recomputed from its counts, and every printed figure held against them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from scipy.special import ndtr, ndtri

from rct.estimate import printed as check
from rct.estimate.printed import PrintedCell, Range
from rct.evidence.library.paper_file import CELL, DIFFERENCE, P_VALUE, Reader
from rct.evidence.record import Covariance, ResultLine
from rct.kinds import kind_of

LEVEL = 95  # percent, unless a table says otherwise
Place = tuple[str, ...]


@dataclass
class OutcomeLines:
    """What one outcome gives: lines and covariances, and what there is to say."""

    lines: list[ResultLine] = field(default_factory=list)
    covariances: list[Covariance] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class PaperTable:
    """One outcome of the paper."""

    reader: Reader
    outcome: str
    kind: str
    arms: dict[str, dict[str, Any]]
    control: str
    registered: bool
    result: OutcomeLines = field(default_factory=OutcomeLines)

    def made(self, inner: dict[str, Any]) -> OutcomeLines:
        cells = self._cells(inner["arms"])
        differences = self._differences(inner["differences"])
        control = cells.get(self.control)
        from_counts = []
        for arm in (a for a in self.arms if a != self.control):
            cell, said = cells.get(arm), differences.get(arm, {})
            adjusted = said.get("basis") == "adjusted"
            if cell and control and not adjusted:
                self.result.flags += self._against_counts(arm, cell, control, said)
                difference = check.difference(cell, control)
                figures = (difference.estimate, difference.std_error, difference.df, difference.p_value)
                self._line(arm, *figures, difference.conf_low, difference.conf_high, cell, control)
                from_counts.append(arm)
            elif said:
                self._printed(arm, said, cell, control)
        if not self.result.lines and not self.reader.problems:
            self._wrong(
                (), "No arm has figures beside the control's.", "Give n and percent (or events) by arm."
            )
        if control is not None:
            shared = control.variance / control.n
            pairs = [(a, b) for i, a in enumerate(from_counts) for b in from_counts[i + 1 :]]
            self.result.covariances += [
                Covariance(self.outcome, a, self.outcome, b, shared) for a, b in pairs if shared > 0
            ]
        return self.result

    def _cells(self, given: Any) -> dict[str, PrintedCell]:
        cells = {}
        for arm, table in self.reader.tables(given, ("outcomes", self.outcome, "arms")).items():
            path = ("arms", arm)
            said = self.reader.table(table, ("outcomes", self.outcome, *path), CELL)
            if arm not in self.arms:
                self._wrong(path, f"There is no arm {arm}.", f"Arms here: {', '.join(self.arms)}.")
            elif (cell := self._cell(arm, said, path)) is not None:
                cells[arm] = cell
        return cells

    def _cell(self, arm: str, said: dict[str, Any], path: Place) -> PrintedCell | None:
        n = said.get("n", self.arms[arm].get("n"))
        if n is None or n < 2:
            self._wrong(path, "How many people is missing (n, 2 or more).", "Write n here or under the arm.")
            return None
        if kind_of(self.kind).share:
            return self._share(arm, n, said, path)
        if "mean" not in said or not said.keys() & {"sd", "std_error"}:
            self._wrong(
                path, "The mean needs its sd or std_error beside it.", "Write mean = 4.1 and sd = 2.0."
            )
            return None
        variance = float(said["sd"]) ** 2 if "sd" in said else float(said["std_error"]) ** 2 * n
        return PrintedCell(n, float(said["mean"]), variance)

    def _share(self, arm: str, n: int, said: dict[str, Any], path: Place) -> PrintedCell | None:
        percent, events = said.get("percent"), said.get("events")
        if events is not None and events > n:
            self._wrong(path, f"{events:,} events among {n:,} people.", "Correct n or events.")
            return None
        if percent is None:
            if events is not None:
                return check.share(n, events)
            self._wrong(path, "A share needs events or percent.", "Write percent = 6.45, as printed.")
            return None
        possible = check.whole_events(n, rounded(percent))
        if events is not None:
            if events not in possible:
                told = f"{events:,} of {n:,} is {100 * events / n:.{places(percent)}f}%"
                self.result.flags.append(f"{self.outcome}, {arm}: {percent}% is printed, but {told}.")
            return check.share(n, events)
        if not possible:
            self.result.flags.append(
                f"{self.outcome}, {arm}: {percent}% is printed, but no whole number of {n:,} people gives it."
            )
            return check.share(n, float(percent) * n / 100)
        if len(possible) > 1:
            self.result.notes.append(
                f"{self.outcome}, {arm}: {percent}% of {n:,} can be {possible[0]:,} to {possible[-1]:,} people; "
                "the middle is used."
            )
        return check.share(n, possible[len(possible) // 2])

    def _differences(self, given: Any) -> dict[str, dict[str, Any]]:
        found = {}
        for arm, table in self.reader.tables(given, ("outcomes", self.outcome, "differences")).items():
            path = ("differences", arm)
            said = self.reader.table(table, ("outcomes", self.outcome, *path), DIFFERENCE)
            unit, other = ("points", "estimate") if kind_of(self.kind).share else ("estimate", "points")
            if arm not in self.arms or arm == self.control:
                self._wrong(path, f"There is no arm {arm} beside the control.", f"Control: {self.control}.")
            elif other in said:
                self._wrong(
                    path, f"A {self.kind} outcome's difference is written as {unit}.", f"Not {other}."
                )
            else:
                found[arm] = said | ({"estimate": said["points"]} if "points" in said else {})
        return found

    def _against_counts(
        self, arm: str, cell: PrintedCell, control: PrintedCell, said: dict[str, Any]
    ) -> Iterator[str]:
        """What is printed of a difference and can't be had from the counts."""
        times, unit = kind_of(self.kind).times, " points" if kind_of(self.kind).share else ""
        level = float(said.get("level", LEVEL)) / 100
        gap = times * (cell.mean - control.mean)
        held: dict[str, tuple[str, Callable[[], list[float]]]] = {
            "estimate": ("a difference", lambda: [gap]),
            "std_error": ("a standard error", lambda: [times * e for e in check.usual_errors(cell, control)]),
            "low": (
                "a lower limit",
                lambda: [times * low for low, _ in check.usual_intervals(cell, control, level)],
            ),
            "high": (
                "an upper limit",
                lambda: [times * high for _, high in check.usual_intervals(cell, control, level)],
            ),
        }
        for key, (what, make) in held.items():
            if key not in said:
                continue
            wanted, values = rounded(said[key]), make()
            if key == "estimate":  # printed from rounded shares it may be off by one in the last place
                half = (wanted[1] - wanted[0]) / 2
                wanted = (wanted[0] - half, wanted[1] + half)
            if not check.meets(wanted, values):
                told = _span(values, places(said[key]) + 2)
                yield f"{self.outcome}, {arm}: {what} of {said[key]}{unit} is printed; the counts give {told}."
        if "p" in said:
            values = check.usual_p_values(cell, control)
            if not check.meets(p_printed(said["p"]), values):
                yield f"{self.outcome}, {arm}: p {said['p']} is printed; the usual tests give {_span(values, 4)}."

    def _printed(
        self, arm: str, said: dict[str, Any], cell: PrintedCell | None, control: PrintedCell | None
    ) -> None:
        """A line from the printed estimate and standard error, or interval."""
        path = ("differences", arm)
        level = float(said.get("level", LEVEL)) / 100
        if "estimate" not in said or not ("std_error" in said or {"low", "high"} <= said.keys()):
            self._wrong(path, "A printed difference needs its std_error, or low and high.", "Add it.")
            return
        from_ends = None
        if {"low", "high"} <= said.keys():
            if not said["low"] < said["estimate"] < said["high"]:
                self._wrong(path, "The interval does not hold its own estimate.", "Compare with the print.")
                return
            from_ends = check.error_range(rounded(said["low"]), rounded(said["high"]), level)
        if "std_error" in said:
            error = rounded(said["std_error"])
            se = float(said["std_error"])
            if from_ends is not None and not check.meets(error, _with_t(from_ends)):
                self.result.flags.append(
                    f"{self.outcome}, {arm}: a standard error of {said['std_error']} is printed; the interval "
                    f"gives {_span(from_ends, places(said['std_error']) + 1)}."
                )
        else:
            assert from_ends is not None
            error, se = from_ends, sum(from_ends) / 2
            self.result.notes.append(f"{self.outcome}: standard errors from the printed intervals.")
        if "p" in said:
            possible = check.p_range(rounded(said["estimate"]), error)
            if not check.meets(p_printed(said["p"]), possible):
                told = _span(possible, 4)
                self.result.flags.append(
                    f"{self.outcome}, {arm}: p {said['p']} is printed; estimate and error give {told}."
                )
        self.result.notes.append(f"{self.outcome}: estimates as printed, not recomputed from counts.")
        times = kind_of(self.kind).times
        estimate, se = float(said["estimate"]) / times, se / times
        z = float(ndtri(0.975))
        p = float(2 * ndtr(-abs(estimate) / se))
        self._line(arm, estimate, se, None, p, estimate - z * se, estimate + z * se, cell, control)

    def _line(self, arm: str, estimate: float, se: float, df: float | None, p: float | None,
              low: float | None, high: float | None,
              cell: PrintedCell | None, control: PrintedCell | None) -> None:  # fmt: skip
        n = cell.n if cell else self.arms[arm].get("n")
        m = control.n if control else self.arms[self.control].get("n")
        self.result.lines.append(
            ResultLine(
                outcome=self.outcome,
                arm=arm,
                control=self.control,
                term="arm",
                subgroup=None,
                level=None,
                estimate=estimate,
                std_error=se,
                df=df,
                p_value=p,
                p_adjusted=None,
                conf_low=low,
                conf_high=high,
                n=None if n is None or m is None else n + m,
                n_arm=n,
                n_control=m,
                mean_control=control.mean if control else None,
                role="confirmatory" if self.registered else "exploratory",
            )
        )

    def _wrong(self, path: Place, rule: str, fix: str) -> None:
        self.reader.wrong("paper_figures", ("outcomes", self.outcome, *path), rule, fix)


def rounded(value: int | Decimal) -> Range:
    """Every number that is printed as this one: 6.45 is 6.445 to 6.455."""
    half = 0.5 * 10.0 ** -places(value)
    return float(value) - half, float(value) + half


def places(value: int | Decimal) -> int:
    """The decimals that were typed."""
    exponent = Decimal(value).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def p_printed(value: str | int | Decimal) -> Range:
    """Every p-value that is printed like this: 0.03, 0.000, "<.001"."""
    match = P_VALUE.fullmatch(str(value))
    number = Decimal(match["number"]) if match else Decimal(str(value))
    if match and match["sign"] == "<":
        return 0.0, float(number)
    low, high = rounded(number)
    return max(0.0, low), min(1.0, high)


def _with_t(error: Range) -> Range:
    """A printed interval may be one of t, which is wider: its normal error is then too large, by 1/4 at 8 df."""
    return error[0] / 1.25, error[1]


def _span(values: Any, decimals: int) -> str:
    low, high = (f"{v:.{decimals}f}" for v in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"
