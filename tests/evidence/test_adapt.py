"""rct adapt: another city's trial copied, what is theirs marked and refused, changes listed, the effect shrunk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support import Road, road_at

from rct.definition import plan
from rct.definition.rewrite import is_marked, mark_letter
from rct.power.shrink import FIELD_MEAN, shrunk


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Road]:
    """A bundle, its city's fingerprint, and the road it came from."""
    road = road_at("reported", tmp_path_factory.mktemp("there"))
    said = road.ok("share", "bills")
    return road.folder / said["path"], said["fingerprint"], road


@pytest.fixture
def here(tmp_path: Path) -> Road:
    return Road(tmp_path, "ours")


def adapt(here: Road, shared: tuple[Path, str, Road], *more: str) -> dict[str, object]:
    return dict(
        here.ok("adapt", shared[0], "ours", "--start", "2031-03-03", "--fingerprint", shared[1], *more)
    )


def test_everything_of_theirs_is_marked_and_nothing_can_be_locked(
    here: Road, shared: tuple[Path, str, Road]
) -> None:
    adapt(here, shared)
    text = here.toml.read_text()
    there = plan.from_plan((shared[2].out / "plan.json").read_bytes())
    for theirs in (there.trial.owner, there.trial.analyst, there.frame.id, *there.frame.contact):
        assert f"REWRITE: {theirs}" in text, theirs
    found = here.no("check", "ours", code=1)
    left = {p["field"] for p in found if p["code"] == "rewrite"}
    assert {"trial.owner", "trial.analyst", "trial.ethics", "frame.id"} <= left
    before = here.tree()
    assert "rewrite" in {p["code"] for p in here.no("lock", "ours", "--yes")}
    assert here.tree() == before


def test_arms_outcomes_and_letters_are_theirs(here: Road, shared: tuple[Path, str, Road]) -> None:
    adapt(here, shared)
    there = plan.from_plan((shared[2].out / "plan.json").read_bytes())
    text = here.toml.read_text()
    for arm in there.arms.values():
        assert arm.label in text
    for path in there.template_paths:
        ours = here.folder / "templates" / "ours" / Path(path).name
        theirs = (shared[2].folder / "templates" / path).read_text()
        kept = ours.read_text()
        for word in theirs.split():
            assert word in kept, word


def rewritten(here: Road) -> None:
    """As a person would: every mark replaced by words of ours."""
    here.toml.write_text(here.toml.read_text().replace("REWRITE: ", ""))
    for path in (here.folder / "templates" / "ours").glob("*.md"):
        path.write_text(path.read_text().replace("[[REWRITE: ", "").replace("]]", ""))


def test_the_new_plan_says_where_it_is_from_and_what_changed(
    here: Road, shared: tuple[Path, str, Road]
) -> None:
    adapt(here, shared)
    rewritten(here)
    here.ok("lock", "ours", "--yes")
    page = (here.out / "plan.md").read_text()
    assert "What is adapted" in page
    assert "are those of the original" in page
    assert "100 %" in page or "100%" in page


def test_a_change_of_substance_is_listed_by_the_software(here: Road, shared: tuple[Path, str, Road]) -> None:
    adapt(here, shared)
    rewritten(here)
    there = plan.from_plan((shared[2].out / "plan.json").read_bytes())
    first = next(a for a in there.arms.values() if not a.control)
    text = here.toml.read_text().replace(f'label = "{first.label}"', 'label = "Our own words"')
    assert "Our own words" in text
    here.toml.write_text(text)
    here.ok("lock", "ours", "--yes")
    page = (here.out / "plan.md").read_text()
    assert "What was adapted" in page
    assert "Our own words" in page


def test_an_original_that_was_edited_is_not_compared_with(here: Road, shared: tuple[Path, str, Road]) -> None:
    adapt(here, shared)
    rewritten(here)
    original = here.folder / "trials" / "ours" / "original" / "plan.json"
    original.write_bytes(original.read_bytes() + b" ")
    here.ok("lock", "ours", "--yes")
    assert "can't be listed" in (here.out / "plan.md").read_text()


def test_the_effect_is_shrunk_and_the_control_is_theirs(here: Road, shared: tuple[Path, str, Road]) -> None:
    said = adapt(here, shared)
    rows = [
        r for r in shared[2].ok("analyze", "bills")["results"] if r["term"] == "arm" and r["subgroup"] is None
    ]
    first = next(r["outcome"] for r in rows)
    best = max((r for r in rows if r["outcome"] == first), key=lambda r: r["estimate"])
    assert said["theirs"] == best["estimate"]
    assert said["expected"] == pytest.approx(shrunk(best["estimate"], best["std_error"]))
    # Where the lot gave their letter no gain, ours is planned for the least effect worth adopting.
    least = plan.from_plan((shared[2].out / "plan.json").read_bytes()).decision.worthwhile
    expected = float(f"{said['expected'] if said['expected'] > 0 else least:.3g}")
    assert f"minimum_effect = {expected}" in here.toml.read_text()


def test_again_changes_nothing(here: Road, shared: tuple[Path, str, Road]) -> None:
    adapt(here, shared)
    before = here.tree()
    assert not adapt(here, shared)["fresh"]
    assert here.tree() == before


def test_a_stranger_or_a_broken_bundle_starts_nothing(
    here: Road, shared: tuple[Path, str, Road], tmp_path: Path
) -> None:
    before = here.tree()
    assert here.no("adapt", shared[0], "ours")[0]["code"] == "stranger"
    broken = tmp_path / "broken.zip"
    shutil.copy(shared[0], broken)
    data = bytearray(broken.read_bytes())
    data[len(data) // 2] ^= 1
    broken.write_bytes(data)
    here.no("adapt", broken, "ours", "--fingerprint", shared[1])
    assert here.tree() == before


def test_places_in_a_letter_are_marked_and_fields_are_not() -> None:
    text = (
        "Dear {{ name }},\n\nSpringfield Water wants ${{ balance }}: pay by March 5, 2026 at "
        "https://springfield.example/pay or call (555) 010-0100, 100 Main Street. "
        "{% if street == '12 Oak Road' %}Thanks{% endif %}"
    )
    made, count = mark_letter(text, ["Springfield", ""])
    assert count == 5
    assert "[[REWRITE: Springfield]] Water" in made
    assert "[[REWRITE: March 5, 2026]]" in made
    assert "[[REWRITE: https://springfield.example/pay]]" in made
    assert "[[REWRITE: (555) 010-0100]]" in made
    assert "{% if street == '12 Oak Road' %}" in made
    assert "{{ name }}" in made
    assert is_marked(made)


def test_shrinking_is_the_normal_models_mean() -> None:
    assert shrunk(0.05, 0.0) == 0.05
    assert shrunk(0.05, 1e9) == pytest.approx(FIELD_MEAN)
    # precision weights by hand: 1/0.01² = 10,000 and 1/0.02² = 2,500
    assert shrunk(0.05, 0.01, 0.01, 0.02) == pytest.approx((10_000 * 0.05 + 2_500 * 0.01) / 12_500)
    with pytest.raises(ValueError, match="not negative"):
        shrunk(0.05, -1.0)
