"""A folder that is replaced whole: the new one or the old one, on systems that can swap and on those that can't."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rct import fs


def fill(target: Path, text: str) -> None:
    with fs.whole_folder(target) as new:
        (new / "inner").mkdir()
        (new / "inner" / "file.txt").write_text(text)


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_it_takes_the_place_of_the_old_one(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fs.sys, "platform", system)
    target = tmp_path / "deep" / "folder"
    fill(target, "one")
    (target / "stray").touch()
    fill(target, "two")
    assert [p.name for p in target.rglob("*")] == ["inner", "file.txt"]
    assert (target / "inner" / "file.txt").read_text() == "two"
    assert [p.name for p in target.parent.iterdir()] == ["folder"]
    assert (target / "inner").stat().st_mode & 0o777 == 0o755


def test_an_error_leaves_the_old_one_and_nothing_beside_it(tmp_path: Path) -> None:
    fill(tmp_path / "folder", "one")
    with pytest.raises(TypeError):
        fill(tmp_path / "folder", None)  # type: ignore[arg-type]
    assert (tmp_path / "folder" / "inner" / "file.txt").read_text() == "one"
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_one_that_is_being_filled_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    with fs.whole_folder(target) as first:
        (first / "a").touch()
        fill(target, "second")
        assert (first / "a").is_file()
    assert (target / "a").is_file()


def test_one_that_came_first_just_now_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "folder"
    with fs.whole_folder(target) as new:
        (new / "a").touch()
        fill(target, "second")
        monkeypatch.setattr(Path, "exists", lambda path: False)  # nothing was there a moment ago
    monkeypatch.undo()
    assert [p.name for p in target.iterdir()] == ["a"]
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("make", [lambda at: fs.write_out(at, b"x"), lambda at: fill(at, "x")])
def test_one_that_another_command_swept_before_it_was_held_is_begun_anew(
    make: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, swept = fs._try_lock, []

    def late(opened: int) -> bool:
        if not swept:
            (left,) = tmp_path.glob("*.tmp-*")
            left.rmdir() if left.is_dir() else left.unlink()
            swept.append(left)
        return lock(opened)

    monkeypatch.setattr(fs, "_try_lock", late)
    make(tmp_path / "made")
    assert swept
    assert [p.name for p in tmp_path.iterdir()] == ["made"]
