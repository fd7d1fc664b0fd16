"""Several trials together: this city's, bundles and papers, pooled as `rct pool` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from rct.errors import stop
from rct.evidence.gathering import from_trial
from rct.evidence.library.files import read_file
from rct.evidence.pool.as_json import pool_json
from rct.evidence.pool.choosing import Wish
from rct.evidence.pool.pooling import Pooling, pool_evidence
from rct.evidence.pool.words import plain_words
from rct.evidence.record import Evidence
from rct.face import given, shown
from rct.face.bundles import Bundle
from rct.face.city import Trial
from rct.face.estimating import typed
from rct.face.refusing import refusing


@dataclass(frozen=True, repr=False)
class Pool:
    """The average effect (REML), with the wider of Hartung and Knapp's interval and the normal one.

    predict_low, predict_high  where the effect in one more city would lie; None where these trials can't say
    chance                     that it is `worthwhile` or better there
    sentences                  the answer in plain words; notes: what to know first
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float | None
    tau2: float
    predict_low: float | None
    predict_high: float | None
    chance: float | None
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    pooling: Pooling = field(repr=False)

    def trials(self) -> pd.DataFrame:
        """A row a trial: its one estimate, error, weight, and whether it is fragile."""
        told = pool_json(self.pooling)["trials"]
        rows = [
            {"trial": each["label"], "estimate": each["estimate"], "std_error": each["std_error"], "n": each["n"],
             "weight": each["weight"], "fragile": ",".join(each["fragile"]) or None, "source": each["source"]}
            for each in told
        ]  # fmt: skip
        return typed(pd.DataFrame(rows), ("n",))

    def methods(self) -> pd.DataFrame:
        """A row a method, each with its own interval, as R's metafor gives it."""
        told = [{k: v for k, v in m.items() if k != "truncated"} for m in pool_json(self.pooling)["methods"]]
        return typed(pd.DataFrame(told), ("q_df",))

    def __repr__(self) -> str:
        return shown.text(self._title(), self.trials(), [*self.sentences, *self.notes])

    def _repr_html_(self) -> str:
        return shown.html(self._title(), self.trials(), [*self.sentences, *self.notes])

    def _title(self) -> str:
        return " ".join([*self.pooling.marks, self.pooling.label])


@refusing
def pool(
    trials: Sequence[Trial | Bundle | str | Path],
    *,
    outcome: str,
    others: Mapping[str, str] | None = None,
    arms: str | Sequence[str] | None = None,
    nudges: str | Sequence[str] | None = None,
    unit: str | None = None,
    worthwhile: float | None = None,
) -> Pool:
    """Pool one outcome over several trials: `city["…"]`, a bundle that was read, or the path of a paper (.toml).

    others  trial -> the outcome's name there; arms, nudges: only these; the rest as in `rct pool`

    RctError with every reason why they can't be pooled; a trial of this city enters once it was analyzed.
    """
    wish = Wish(
        outcome,
        tuple((others or {}).items()),
        tuple((None, arm) for arm in given.names(arms)),
        tuple(given.names(nudges)),
        unit,
        worthwhile,
    )
    pooling = pool_evidence(wish, [_evidence(t) for t in trials])
    main = pool_json(pooling)["main"]
    return Pool(
        estimate=main["estimate"],
        std_error=main["std_error"],
        conf_low=main["conf_low"],
        conf_high=main["conf_high"],
        p_value=main["p_value"],
        tau2=main["tau2"],
        predict_low=main["predict_low"],
        predict_high=main["predict_high"],
        chance=pooling.chance,
        sentences=tuple(plain_words(pooling)),
        notes=pooling.notes,
        pooling=pooling,
    )


def _evidence(given_: Trial | Bundle | str | Path) -> Evidence:
    if isinstance(given_, Trial):
        return from_trial(given_.city.workspace, given_.name)
    if isinstance(given_, Bundle):
        return given_.evidence
    if isinstance(given_, str | Path):
        if Path(given_).suffix.lower() == ".zip":
            stop(
                "usage",
                "A bundle is checked before it is pooled.",
                "Read it first: rct.read_bundle(PATH, city=…).",
            )
        return read_file(Path(given_)).evidence
    stop(
        "usage",
        "What is pooled is a trial, a bundle that was read, or the path of a paper.",
        'For example: rct.pool([city["bills"], rct.read_bundle("x.zip", city=city)], outcome="paid").',
        found=type(given_).__name__,
    )
