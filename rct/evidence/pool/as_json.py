"""A pool as numbers for programs: every method, every trial, every check, in full precision."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rct.estimate.pool import Interval, Pooled
from rct.evidence.pool.choosing import Entry
from rct.evidence.pool.pooling import Pooling


def pool_json(pooling: Pooling) -> dict[str, Any]:
    """`main` is the answer: of its own interval and the normal one the wider, and of the next city what this set of
    trials can bear. `methods` holds every method with its own intervals, as R's metafor has them. Estimates of yes/no
    outcomes are shares.
    """
    return {
        "outcome": asdict(pooling.outcome),
        **_counted_from(pooling.entries[0]),
        "k": pooling.main.k,
        "fragile": len(pooling.fragile),
        "main": _tested(pooling, _main(pooling)),
        "methods": [_tested(pooling, _fit(fit)) for fit in pooling.fits],
        "trials": [
            _trial(pooling, entry, weight, fit)
            for entry, weight, fit in zip(
                pooling.entries,
                pooling.main.weights,
                pooling.without or [None] * len(pooling.entries),
                strict=True,
            )
        ],
        "worthwhile": pooling.worthwhile,
        "chance": pooling.chance,
        "small_studies": None if pooling.small is None else asdict(pooling.small),
        "selection": None if pooling.selected is None else asdict(pooling.selected),
        "not_shown": [{"what": what, "why": why} for what, why in pooling.not_shown],
        "notes": list(pooling.notes),
    }


def _counted_from(entry: Entry) -> dict[str, Any]:
    """On another scale than differences: which, and what its estimates are counted from here."""
    scale = entry.evidence.scale
    return {} if scale is None or scale.additive else {"scale": scale.name, "counted_from": entry.null}


def _main(pooling: Pooling) -> dict[str, Any]:
    low, high = pooling.ahead or (None, None)
    return _told(pooling.main) | {"predict_low": low, "predict_high": high}


def _told(fit: Pooled) -> dict[str, Any]:
    """A method with the interval that leads, and no range for the next city."""
    test = fit.leading_test
    return _fit(fit) | {"test": test, **_interval(fit.leading), "df": None if test == "normal" else fit.df}


def _fit(fit: Pooled) -> dict[str, Any]:
    return {
        "method": fit.method,
        "test": fit.test,
        "estimate": fit.estimate,
        **_interval(fit.interval),
        "df": fit.df,
        "conf_level": fit.conf_level,
        "tau2": fit.tau2,
        "i2": fit.i2,
        "q": fit.q,
        "q_df": fit.q_df,
        "q_p": fit.q_p,
        "factor": fit.factor,
        "truncated": None if fit.truncated is None else _interval(fit.truncated),
    }


def _interval(inside: Interval) -> dict[str, Any]:
    return asdict(inside)


def _tested(pooling: Pooling, fit: dict[str, Any]) -> dict[str, Any]:
    """A fit without its p-values where all trials are fragile."""
    if pooling.tested:
        return fit
    bare = fit | {"p_value": None, "q_p": None}
    return bare | ({"truncated": fit["truncated"] | {"p_value": None}} if fit.get("truncated") else {})


def _trial(pooling: Pooling, entry: Entry, weight: float, without: Pooled | None) -> dict[str, Any]:
    evidence = entry.evidence
    return {
        "name": evidence.name,
        "label": entry.label,
        "city": evidence.city,
        "origin": evidence.origin,
        "source": evidence.source,
        "digest": evidence.digest,
        "signed_by": evidence.signed_by,
        "citation": evidence.citation,
        "outcomes": [o.name for o in entry.outcomes],
        "arms": list(dict.fromkeys(x.arm for x in entry.lines)),
        "estimate": entry.estimate,
        "std_error": entry.std_error,
        "fragile": list(entry.fragile),
        "told": [
            {"outcome": x.outcome, "arm": x.arm} | asdict(x.told) for x in entry.lines if x.told is not None
        ],
        "n": entry.n,
        "weight": weight,
        "within": None if entry.combined is None else asdict(entry.combined),
        "without": None if without is None else _tested(pooling, _told(without)),
        "notes": list(evidence.notes),
    }
