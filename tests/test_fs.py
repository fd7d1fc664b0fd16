"""What differs by platform: long paths, names that differ by case, files that another program holds open."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from support import Road, canary_accounts, road_at

from rct import fs

DEEP = "\\".join(["a" * 40] * 7)


@pytest.mark.parametrize(
    ("path", "means"),
    [
        (r"C:\city\rct.db", r"C:\city\rct.db"),
        (rf"C:\{DEEP}\rct.db", rf"\\?\C:\{DEEP}\rct.db"),
        (rf"C:/{DEEP}/../x/./rct.db".replace("\\", "/"), rf"\\?\C:\{DEEP[:-41]}\x\rct.db"),
        (rf"\\server\share\{DEEP}\rct.db", rf"\\?\UNC\server\share\{DEEP}\rct.db"),
        (rf"\\?\C:\{DEEP}\rct.db", rf"\\?\C:\{DEEP}\rct.db"),
        (DEEP, DEEP),  # of the current folder: that can't be said in the long form
    ],
)
def test_a_path_beyond_260_characters_gets_its_long_form(path: str, means: str) -> None:
    assert fs.extended(path) == means
    assert fs.extended(means) == means


def test_a_name_is_told_as_the_folder_spells_it(tmp_path: Path) -> None:
    (tmp_path / "Bills").mkdir()
    (tmp_path / "Bills" / "Plain.md").touch()
    assert fs.spelled(tmp_path, "bills/plain.md") == "Bills/Plain.md"
    assert fs.spelled(tmp_path, "Bills/Plain.md") == "Bills/Plain.md"
    assert fs.spelled(tmp_path, "other/plain.md") == "other/plain.md"


def test_two_names_that_are_one_file_elsewhere_are_found(tmp_path: Path) -> None:
    for name in (
        "plain.md",
        "Plain.md",
        "caf\u00e9.md",
        unicodedata.normalize("NFD", "caf\u00e9.md"),
        "alone.md",
    ):
        (tmp_path / name).touch()
    assert fs.twin(tmp_path, "plain.md") == "Plain.md"
    assert fs.twin(tmp_path, "caf\u00e9.md") == unicodedata.normalize("NFD", "caf\u00e9.md")
    assert fs.twin(tmp_path, "alone.md") is None
    assert fs.twin(tmp_path, "gone/alone.md") is None


def test_letters_whose_names_differ_by_case_alone_are_refused(tmp_path: Path) -> None:
    road = road_at("new", tmp_path)
    letters = road.folder / "templates" / "bills"
    (letters / "Plain.md").write_text("Dear {{ name }},\n\nAnother one.\n")
    (problem,) = road.no("check", "bills", code=1)
    assert problem["code"] == "name_twins"
    (letters / "plain.md").unlink()
    (problem,) = road.no("check", "bills", code=1)
    assert problem["code"] == "template_missing"
    assert "bills/Plain.md" in problem["fix"]


# --- a file that Excel holds open


class Excel:
    """Holds a file open as Windows would show it: renaming over it and removing it are refused."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, *, tries: int = 1_000):
        self.left = tries
        rename, unlink = Path.replace, Path.unlink
        monkeypatch.setattr(fs, "PAUSES", (0.0, 0.0))

        def held(path: Path) -> None:
            if path.name == name and self.left > 0:
                self.left -= 1
                error = PermissionError(13, "Permission denied", str(path))
                error.winerror = 32  # type: ignore[attr-defined]
                raise error

        def replace(path: Path, target: Path) -> Path:
            held(Path(target))
            return rename(path, target)

        def remove(path: Path, missing_ok: bool = False) -> None:
            held(path)
            unlink(path, missing_ok=missing_ok)

        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr(Path, "unlink", remove)


def test_a_file_held_for_a_moment_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    road = road_at("ready", tmp_path)
    Excel(monkeypatch, "assignment.csv", tries=2)
    ran = road.rct("draw", "bills")
    assert ran.code == 0
    assert "note:" not in ran.err
    assert (road.out / "assignment.csv").is_file()


def test_a_file_that_excel_holds_waits_for_the_next_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    road = road_at("ready", tmp_path)
    with monkeypatch.context() as excel:
        Excel(excel, "assignment.csv")
        ran = road.rct("draw", "bills")
        assert ran.code == 0, ran.err
        said = " ".join(ran.err.split())
        assert "assignment.csv is open in another program, such as Excel: close it there" in said
        assert not (road.out / "assignment.csv").exists()
        assert road.rct("verify", "bills").code == 0
    road.ok("draw", "bills")
    assert (road.out / "assignment.csv").is_file()
    assert road.leftovers() == []
    assert road.ok("verify", "bills")["ok"]


def test_what_is_to_be_deleted_and_held_is_deleted_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    road = road_at("drawn", tmp_path)
    road.ok("handover", "bills")
    lists = road.private / "bills"
    with monkeypatch.context() as excel:
        excel.setattr(fs, "PAUSES", ())

        def refuse(folder: Path) -> None:
            error = PermissionError(13, "Permission denied", str(folder))
            error.winerror = 32  # type: ignore[attr-defined]
            raise error

        excel.setattr(fs.shutil, "rmtree", refuse)
        ran = road.rct("forget", "bills")
        assert ran.code == 0
        assert "private/bills is open in another program" in " ".join(ran.err.split())
    assert lists.is_dir()
    assert road.rct("forget", "bills").code == 0
    assert not lists.exists()


def test_the_newest_of_two_files_that_wait_counts(tmp_path: Path) -> None:
    from rct.registry.schema import open_for_reading
    from rct.registry.state import current_path

    road: Road = road_at("locked", tmp_path)
    road.ok("frame", "bills", road.file("accounts.csv", canary_accounts()))
    tokens = [t for (t,) in road.sql("select token from batch order by rowid")]
    path = road.out / "plan.json"
    for token in tokens:
        fs.temporary_name(path, token).write_text(token)
    db = open_for_reading(road.folder / "rct.db")
    assert current_path(db, path).read_text() == tokens[-1]
    db.close()


def test_a_letter_that_can_not_be_read_any_more_is_told_and_no_traceback(tmp_path: Path) -> None:
    """Wherever it is read after it was checked: a disk or a drive may fail in between."""
    from rct.definition.letters import read_letter
    from rct.errors import RctError

    with pytest.raises(RctError) as refused:
        read_letter(tmp_path, "bills/plain.md")
    (problem,) = refused.value.problems
    assert (problem.code, problem.found) == ("template_missing", "bills/plain.md")


def test_a_file_for_others_is_whole_and_what_a_killed_run_left_goes(tmp_path: Path) -> None:
    target, others = tmp_path / "page.html", tmp_path / f"other.html.tmp-{'0' * 32}"
    left, held = (fs.temporary_name(target, digit * 32) for digit in "1a")
    for path in (left, held, others):
        path.write_bytes(b"half")
    with held.open("rb") as living:
        assert fs._hold(living.fileno())
        fs.write_out(target, b"whole")
    assert target.read_bytes() == b"whole"
    assert sorted(tmp_path.iterdir()) == sorted([held, others, target])
