"""What may be pooled, what may not and why; several arms of one trial; the words, the page and the plot."""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from pool_support import evidence
from scipy import stats

from rct.errors import RctError
from rct.estimate.prediction import new_city
from rct.evidence.pool.as_json import pool_json
from rct.evidence.pool.choosing import Wish
from rct.evidence.pool.page import forest_of, pool_doc, without_rows, write
from rct.evidence.pool.pooling import Pooling, pool_evidence
from rct.evidence.pool.words import method_rows, own_notes, plain_words, trial_rows
from rct.evidence.record import Covariance, Evidence, EvidenceOutcome
from rct.report.figures import forest, svg
from rct.report.printers.markdown import to_markdown

SIX = [
    evidence("ashford", {"social": (0.021, 0.008)}),
    evidence("easton", {"social": (0.004, 0.003)}),
    evidence("oldtown", {"social": (0.038, 0.012)}),
    evidence("weston", {"social": (0.011, 0.004)}),
    evidence("dover", {"social": (-0.006, 0.005)}),
    evidence("norwell", {"social": (0.017, 0.0041)}),
]


PAID = Wish("paid")


def refused(trials: list[Evidence], wish: Wish = PAID) -> set[str]:
    with pytest.raises(RctError) as error:
        pool_evidence(wish, trials)
    return {p.code for p in error.value.problems}


def test_trials_stand_in_the_order_named_and_the_answer_is_metafors_model() -> None:
    pooling = pool_evidence(Wish("paid", worthwhile=0.01), SIX)
    assert [e.evidence.name for e in pooling.entries] == [e.name for e in SIX]
    assert (pooling.main.method, pooling.main.test) == ("REML", "hartung_knapp")
    assert len(pooling.fits) == 7
    assert len(pooling.without) == 6
    assert pooling.chance is not None
    assert 0.3 < pooling.chance < 0.7
    assert {what for what, _ in pooling.not_shown} == {
        "the check for small trials",
        "the check for selection",
    }


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"kind": "count"}, "pool_kind"),
        ({"direction": "decrease"}, "pool_direction"),
        ({"outcome": "renewed"}, "pool_outcome"),
        ({"figures": {"social": (None, None)}}, "pool_withheld"),
        ({"figures": {"social": (0.02, 0.0)}}, "pool_zero_error"),
        ({"figures": {"social": (0.02, 0.01), "phone": (0.03, 0.01)}}, "pool_covariance"),
        ({"figures": {"social": (0.02, 0.01), "phone": (0.03, 0.01)}, "shared": 0.0002}, "pool_covariance"),
        ({"name": "ashford"}, "pool_same_trial"),
        ({"name": "ashford", "source": "trial", "digest": None}, "pool_same_trial"),
        ({"digest": SIX[0].digest}, "pool_same_trial"),
    ],
)
def test_what_cannot_be_pooled_says_why(other: dict[str, Any], code: str) -> None:
    values: dict[str, Any] = {"name": "new", "figures": {"social": (0.02, 0.01)}} | other
    assert refused([SIX[0], evidence(**values)]) == {code}


def test_figures_that_agree_to_the_last_digit_are_told() -> None:
    copy = evidence("copy", {"social": (0.021, 0.008)})
    (note,) = [n for n in pool_evidence(PAID, [*SIX, copy]).notes if "last digit" in n]
    assert "Ashford, 2026 and Copy, 2026" in note
    assert not [n for n in pool_evidence(PAID, SIX).notes if "last digit" in n]


def waves(n: int, **other: Any) -> list[Evidence]:
    """Monthly waves of one city, as five trials of one workspace would be."""
    figures = [(0.02 + 0.004 * (-1) ** i, 0.008 + 0.001 * i) for i in range(n)]
    return [
        evidence(f"tanf-2017-{i:02d}", {"social": f}, city="Washington DC", start="2017-05-01", **other)
        for i, f in enumerate(figures)
    ]


def test_waves_of_one_city_are_told_apart_everywhere() -> None:
    for extra in ({}, {"signed_by": "Oldtown"}):
        pooling = pool_evidence(Wish("paid", worthwhile=0.01), waves(6, **extra))
        labels = [e.label for e in pooling.entries]
        assert len(set(labels)) == 6
        assert labels[0].startswith("tanf-2017-00 (Washington DC")
        assert len({row[0] for row in trial_rows(pooling, short=True) if row[-1]}) == 6
        with svg.settings():
            figure = forest.figure_of(forest_of(pooling))
        shown = " ".join(text.get_text() for text in figure.texts)
        assert all(e.evidence.name in shown for e in pooling.entries)


def test_names_as_long_as_may_be_and_cities_alike_to_the_end() -> None:
    trials = [
        evidence("x" * 62 + f"{i:02d}", {"a": (0.01 * i, 0.01)}, city="A city with a very long name " * 9)
        for i in range(3)
    ]
    other = evidence(
        "x" * 62 + "00", {"a": (0.05, 0.01)}, city="A city with a very long name " * 9 + "!", digest="f" * 64
    )
    pooling = pool_evidence(PAID, [*trials, other])
    rows = trial_rows(pooling, short=True)
    assert max(len(row[0]) for row in rows) <= 22
    whole: list[str] = []
    for row in rows:
        whole = [*whole, row[0]] if row[-1] else [*whole[:-1], whole[-1] + row[0]]
    assert len(set(whole)) == 4


def test_no_new_city_is_promised_anything_by_one_city_or_by_few() -> None:
    """Five trials, each of another city; else neither sentence, nor range, nor chance, nor dashed line."""
    for trials in (
        waves(6),
        SIX[:4],
        [*waves(5), *SIX[:1]],
        waves(6, source="trial", digest=None),
        [dataclasses.replace(e, city="") for e in waves(6, source="trial", digest=None)],
    ):
        pooling = pool_evidence(Wish("paid", worthwhile=0.01), trials)
        assert pooling.ahead is pooling.chance is None
        assert forest_of(pooling).ahead is None
        said = " ".join(plain_words(pooling))
        assert "new city" not in said
        assert not any(row[-1] for row in method_rows(pooling))
        main = pool_json(pooling)["main"]
        assert main["predict_low"] is main["predict_high"] is None
        assert "what a new city may expect" in dict(pooling.not_shown)
    assert pool_evidence(PAID, SIX[:5]).ahead is not None
    unnamed = [dataclasses.replace(e, city="", source="paper") for e in SIX]
    assert pool_evidence(PAID, unnamed).ahead is not None


def test_range_and_chance_are_of_one_distribution_and_the_table_keeps_metafors() -> None:
    pooling = pool_evidence(Wish("paid", worthwhile=0.01), SIX)
    y, v = [e.estimate for e in pooling.entries], [e.variance for e in pooling.entries]
    city = new_city(y, v)
    assert pooling.ahead == city.interval()
    assert pooling.chance == city.chance(0.01)
    data = pool_json(pooling)
    assert (data["main"]["predict_low"], data["main"]["predict_high"]) == pooling.ahead
    first = data["methods"][0]
    half = float(stats.t.ppf(0.975, 5)) * math.sqrt(first["tau2"] + first["std_error"] ** 2)
    assert first["predict_high"] == pytest.approx(first["estimate"] + half, rel=1e-12)
    assert method_rows(pooling)[0][-1] != method_rows(pooling)[1][-1]


def test_a_range_that_luck_made_narrow_is_not_told() -> None:
    alike = [evidence(f"c{i}", {"x": (0.012 + 0.0001 * i, 0.02)}) for i in range(6)]
    pooling = pool_evidence(Wish("paid", worthwhile=0.01), alike)
    assert new_city([e.estimate for e in pooling.entries], [4e-4] * 6).interval()[0] > 0.01
    assert pooling.ahead is pooling.chance is None
    assert "by luck" in dict(pooling.not_shown)["what a new city may expect"]
    assert "not clear" in next(plain_words(pooling))


def test_what_q_does_not_find_is_not_said_not_to_be_there() -> None:
    rng = np.random.default_rng(2)
    for k in (2, 3, 5, 12):
        trials = [evidence(f"c{i}", {"x": (float(rng.normal(0.01, 0.004)), 0.01)}) for i in range(k)]
        pooling = pool_evidence(PAID, trials)
        said = " ".join(plain_words(pooling))
        assert "no more than chance" not in said
        assert pooling.main.q_p > 0.05
        assert "Chance alone could make the trials differ" in said
        assert pooling.main.tau2 > 0 or f"{k} trials can hide real differences" in said
    apart = [evidence(c, {"x": (v, 0.004)}) for c, v in (("a", 0.01), ("b", 0.05), ("c", 0.08))]
    said = " ".join(plain_words(pool_evidence(PAID, apart)))
    assert "differ by more than chance alone is likely to make them" in said
    assert "a rough guess from so few trials" in said


def test_an_average_that_is_one_trials_own_is_told() -> None:
    """Weights 50 to 1: 98 % are the large trial's. At 3 to 1 they are 75, and nothing is said."""
    large, small = (
        evidence("large", {"x": (0.05, 0.002)}),
        evidence("small", {"x": (0.05, 0.002 * math.sqrt(50))}),
    )
    words = " ".join(plain_words(pool_evidence(PAID, [small, large])))
    assert "has 98% of the weight: this is nearly its own finding" in words
    third = evidence("third", {"x": (0.05, 0.002 * math.sqrt(2.9))})
    assert "of the weight" not in " ".join(plain_words(pool_evidence(PAID, [third, large])))


def test_leaving_one_out_is_told_by_the_same_interval() -> None:
    alike = [evidence(c, {"x": (v, 0.02)}) for c, v in (("a", 0.0102), ("b", 0.0101), ("c", 0.0103))]
    pooling = pool_evidence(PAID, alike)
    assert "no single trial decides" in " ".join(plain_words(pooling))
    assert pooling.without[0].interval.conf_low > 0  # Hartung and Knapp's would have turned the answer
    for row, fit in zip(without_rows(pooling), pooling.without, strict=True):
        assert row[2].startswith("−")
        assert pool_json(pooling)["trials"][0]["without"]["test"] == fit.leading_test == "normal"


REPLAYED = "The assignment was made elsewhere and replayed."
LATE_LOCK = "The plan was locked on 2017-06-01, after the start on 2017-05-01."


def test_what_a_trials_own_record_says_stands_beside_it() -> None:
    noted = dataclasses.replace(
        SIX[0], notes=(REPLAYED, LATE_LOCK, "2 deviations from the plan; the memo names them.")
    )
    other = dataclasses.replace(SIX[1], notes=(REPLAYED,))
    pooling = pool_evidence(PAID, [noted, other, *SIX[2:]])
    assert own_notes(pooling)[0] == (REPLAYED, ["Ashford, 2026", "Easton, 2026"])
    assert [t["notes"] for t in pool_json(pooling)["trials"]][:3] == [list(noted.notes), [REPLAYED], []]
    page = to_markdown(pool_doc(pooling)).decode()
    assert page.count(REPLAYED) == 2
    assert LATE_LOCK in page.replace("\\", "")


def test_a_city_that_another_one_signed_for_is_named_with_it() -> None:
    posing = evidence("bills", {"social": (0.02, 0.01)}, city="New York", signed_by="Oldtown")
    honest = evidence("fees", {"social": (0.02, 0.011)}, city="Oldtown", signed_by="oldtown")
    pooling = pool_evidence(PAID, [posing, honest])
    assert [e.label for e in pooling.entries] == ["New York (signed by Oldtown), 2026", "Oldtown, 2026"]
    rows = " ".join(row[0] for row in trial_rows(pooling, short=True))
    assert "signed by Oldtown" in " ".join(rows.split())
    long = dataclasses.replace(posing, city="New York " * 40)
    assert "(signed by Oldtown)" in pool_evidence(PAID, [long, honest]).entries[0].label


def test_one_log_is_one_trial_whatever_the_city_calls_itself() -> None:
    first = dataclasses.replace(SIX[0], origin="sha256:" + "a" * 64)
    again = dataclasses.replace(SIX[1], origin="sha256:" + "a" * 64)
    with pytest.raises(RctError) as error:
        pool_evidence(PAID, [first, again, SIX[2]])
    (problem,) = error.value.problems
    assert problem.code == "pool_same_trial"
    assert "logs begin with the same event" in problem.rule
    assert "Ashford" in problem.rule
    assert "Easton" in problem.rule


def test_one_paper_may_tell_of_trials_in_two_cities_and_of_no_trial_twice() -> None:
    def paper(name: str, city: str) -> Evidence:
        figures = {"social": (0.01 + len(name) / 1000, 0.01)}
        return evidence(name, figures, source="paper", citation="A (2024) (Table 1)", city=city)

    pooling = pool_evidence(PAID, [paper("one", "Oldtown"), paper("three", "Riverside")])
    assert any("From one table of one paper" in note for note in pooling.notes)
    for pair in (
        [paper("one", "Oldtown"), paper("three", "Oldtown")],
        [paper("one", "Oldtown"), paper("three", "")],
        [paper("one", ""), paper("three", "Oldtown")],
        [paper("one", ""), paper("three", "")],
    ):
        assert refused([*pair, SIX[0]]) == {"pool_same_trial"}
    assert refused([paper("one", "A"), paper("three", "B"), paper("seven", "B")]) == {"pool_same_trial"}


def test_every_reason_is_told_at_once() -> None:
    bad = [
        evidence("a", {"x": (0.1, 0.0)}),
        evidence("b", {"x": (None, None)}),
        evidence("c", {"x": (1.0, 1.0)}, kind="count"),
    ]
    assert refused([*SIX, *bad]) == {"pool_zero_error", "pool_withheld", "pool_kind"}
    assert refused(SIX[:1]) == {"pool_too_few"}


def test_units_must_be_named_and_the_same() -> None:
    one, two = (
        evidence(c, {"x": (v, 0.5)}, kind="continuous", unit="USD") for c, v in (("a", 1.0), ("b", 2.0))
    )
    assert pool_evidence(Wish("paid"), [one, two]).main.k == 2
    other = evidence("c", {"x": (3.0, 0.5)}, kind="continuous", unit="EUR")
    silent = evidence("d", {"x": (3.0, 0.5)}, kind="continuous")
    assert refused([one, other]) == {"pool_unit"}
    assert refused([one, silent]) == {"pool_unit"}
    vouched = pool_evidence(Wish("paid", unit="USD"), [one, silent])
    assert any("your word" in note for note in vouched.notes)
    assert refused([one, silent], Wish("paid", unit="EUR")) == {"pool_unit"}


def test_arms_that_share_a_control_are_made_one_by_gls() -> None:
    arms = {"social": (0.021, 0.008), "phone": (0.035, 0.009)}
    several = evidence("several", arms, shared=0.00003)
    pooling = pool_evidence(Wish("paid"), [several, *SIX[1:4]])
    entry = pooling.entries[0]
    V = np.array([[0.008**2, 0.00003], [0.00003, 0.009**2]])
    w = np.linalg.inv(V).sum(axis=0)
    assert entry.estimate == pytest.approx(w @ [0.021, 0.035] / w.sum(), rel=1e-12)
    assert entry.variance == pytest.approx(1 / w.sum(), rel=1e-12)
    assert entry.n == 1500  # the control once
    assert pooling.main.k == 4
    alone = pool_evidence(Wish("paid", arms=(("several", "phone"),)), [several, *SIX[1:4]])
    assert alone.entries[0].estimate == 0.035
    assert refused([several, SIX[1]], Wish("paid", arms=((None, "phone"),))) == {"pool_arm"}
    assert refused([several, SIX[1]], Wish("paid", arms=(("several", "plain"),))) == {"pool_arm"}


def test_arms_by_their_kind_of_nudge() -> None:
    kinds = {"a": ("Social norm",), "b": ("deadline",)}
    one = evidence("one", {"a": (0.02, 0.01), "b": (0.03, 0.01)}, nudges=kinds)
    two = evidence("two", {"b": (0.01, 0.01)}, nudges={"b": ("social norm", "plain words")})
    pooling = pool_evidence(Wish("paid", nudges=("social norm",)), [one, two])
    assert [x.arm for e in pooling.entries for x in e.lines] == ["a", "b"]
    assert refused([one, two], Wish("paid", nudges=("deadline",))) == {"pool_arm"}


def test_an_outcome_by_another_name_and_two_outcomes_of_one_trial() -> None:
    other = evidence("other", {"social": (0.02, 0.01)}, outcome="paid_60")
    assert pool_evidence(Wish("paid", others=(("other", "paid_60"),)), [*SIX[:3], other]).main.k == 4
    both = dataclasses.replace(
        other,
        outcomes=(
            *other.outcomes,
            EvidenceOutcome("paid_90", "Paid in full", "binary", "increase", False, 90),
        ),
        lines=(*other.lines, dataclasses.replace(other.lines[0], outcome="paid_90", estimate=0.03)),
    )
    wish = Wish("paid", others=(("other", "paid_60"), ("other", "paid_90")))
    assert refused([*SIX[:3], both], wish) == {"pool_covariance"}
    together = dataclasses.replace(
        both, covariances=(Covariance("paid_60", "social", "paid_90", "social", 0.00008),)
    )
    pooling = pool_evidence(wish, [*SIX[:3], together])
    assert pooling.entries[3].estimate == pytest.approx(0.025)
    assert pooling.entries[3].variance == pytest.approx((0.0001 + 0.00008) / 2)
    assert any("different times" in note for note in pooling.notes)


def test_less_is_better_turns_chance_and_words() -> None:
    turned = [
        evidence(
            e.name, {"social": (-(e.lines[0].estimate or 0.0), e.lines[0].std_error)}, direction="decrease"
        )
        for e in SIX
    ]
    one, other = (pool_evidence(Wish("paid", worthwhile=0.01), t) for t in (SIX, turned))
    assert other.chance == pytest.approx(one.chance)
    assert "lower" in next(plain_words(other))
    assert forest_of(other).worthwhile == -1.0
    assert forest_of(other).good == "left is better"


def test_a_practice_trial_marks_the_whole_pool() -> None:
    practice = evidence("practice", {"social": (0.02, 0.01)}, keywords=("practice",))
    pooling = pool_evidence(Wish("paid"), [*SIX, practice])
    assert pooling.marks == ("PRACTICE",)
    assert (pool_doc(pooling).banner or "").startswith("PRACTICE")


def test_the_words_say_what_the_numbers_say() -> None:
    pooling = pool_evidence(Wish("paid", worthwhile=0.01), SIX)
    told = " ".join(plain_words(pooling))
    assert f"{100 * pooling.main.estimate:.1f} percentage points higher" in told
    assert "In a new city like these" in told
    assert "approximate" in told
    unclear = pool_evidence(Wish("paid"), [SIX[1], SIX[4]])
    assert "not clear" in next(plain_words(unclear))
    harm = [evidence(c, {"x": (-0.05, s)}) for c, s in (("a", 0.004), ("b", 0.005), ("c", 0.0045))]
    assert "the wrong way" in next(plain_words(pool_evidence(Wish("paid"), harm)))


def test_json_has_every_method_and_no_nan() -> None:
    data = pool_json(pool_evidence(Wish("paid"), SIX))
    assert {(m["method"], m["test"]) for m in data["methods"]} >= {
        ("fixed", "normal"),
        ("PM", "hartung_knapp"),
    }
    assert math.isclose(sum(t["weight"] for t in data["trials"]), 1)
    assert data["trials"][0]["without"]["method"] == "REML"


HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m **bold** [x](javascript:1)"


@pytest.fixture(scope="module")
def hostile() -> Pooling:
    bad = evidence("evil", {"social": (0.02, 0.01)}, city=HOSTILE, title=HOSTILE, citation=HOSTILE)
    outcome = dataclasses.replace(bad.outcomes[0], label=HOSTILE)
    return pool_evidence(Wish("paid"), [dataclasses.replace(bad, outcomes=(outcome,)), *SIX])


@pytest.mark.parametrize("suffix", [".html", ".md", ".svg", ".png"])
def test_text_from_elsewhere_is_escaped_in_page_and_plot(
    hostile: Pooling, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"pool{suffix}"
    write(hostile, path)
    data = path.read_bytes()
    assert data
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    if suffix == ".png":
        assert data.startswith(b"\x89PNG")
        return
    text = data.decode()
    assert "<script" not in text.replace("\\<script", "")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert suffix != ".md" or not re.search(r"(?<!\\)\[x\\?\]\(javascript", text)


def test_too_many_trials_have_a_table_and_no_plot(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    many = [evidence(f"c{i}", {"x": (float(rng.normal(0.01, 0.01)), 0.01)}) for i in range(210)]
    pooling = pool_evidence(Wish("paid"), many)
    assert pooling.without == ()
    assert pooling.small is None  # every standard error is the same
    write(pooling, tmp_path / "p.html")
    assert "<svg" not in (tmp_path / "p.html").read_text(encoding="utf-8")
    with pytest.raises(RctError):
        write(pooling, tmp_path / "p.svg")


def test_long_words_stay_inside_the_plot() -> None:
    long = (
        "Paid the whole of the outstanding balance of the household's water and sewer bill within thirty days"
    )
    trials = [evidence(f"c{i}", {"x": (0.01 * i, 0.01)}, city=f"{long} {i}") for i in range(3)]
    named = [
        dataclasses.replace(t, outcomes=(dataclasses.replace(t.outcomes[0], label=long),)) for t in trials
    ]
    with svg.settings():
        figure = forest.figure_of(forest_of(pool_evidence(PAID, named)))
        FigureCanvasAgg(figure).draw()
        width = figure.bbox.width
        for text in figure.texts:
            box = text.get_window_extent()
            assert box.x0 >= 0, text.get_text()
            assert box.x1 <= width, text.get_text()


def test_different_controls_and_few_clusters_are_told() -> None:
    other = evidence("other", {"x": (0.02, 0.01)})
    arms = tuple(dataclasses.replace(a, label="No letter") if a.control else a for a in other.arms)
    few = dataclasses.replace(other, arms=arms, lines=(dataclasses.replace(other.lines[0], df=4.2),))
    notes = " ".join(pool_evidence(PAID, [*SIX, few]).notes)
    assert "“No letter”" in notes
    assert "few clusters" in notes
    assert "few clusters" not in " ".join(pool_evidence(PAID, SIX).notes)
