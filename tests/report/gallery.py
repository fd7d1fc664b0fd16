"""The memos of docs/gallery: four made-up trials, each marked as simulated. Written anew by

python tests/report/gallery.py
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from report import cases

from rct.acts.init import initialize
from rct.definition import load
from rct.fs import shipped
from rct.letters.proof import make_proofs
from rct.registry.workspace import find
from rct.report.documents import memo_documents, memo_picture
from rct.report.record import Between, CostRecord, MemoRecord, Proof, Said

FOLDER = Path(__file__).parents[2] / "docs" / "gallery"
TODAY, SOCIAL, PARTS, NONE = "Today's letter", "'Most neighbors pay on time'", "'Pay in parts'", "No letter"
LETTERS = {TODAY: "current", SOCIAL: "social", PARTS: "parts"}


def records() -> dict[str, MemoRecord]:
    """A clear win, a null, a harm, and several versions that can't be told apart."""
    win = cases.memo(
        cases.definition([TODAY, SOCIAL], costs=[0.60, 0.64]),
        [cases.row("a1", 0.032, 0.0213, 0.0432, 0.0000004)],
        ["adopt"],
        best="a1",
        costs={"a1": CostRecord(0.04, 1.25, 0.04 / 0.0432, 0.04 / 0.0213)},
    )
    null = cases.memo(
        cases.definition([TODAY, PARTS], costs=[0.60, 0.64]),
        [cases.row("a1", 0.003, -0.0082, 0.0142, 0.60)],
        ["adapt"],
        costs={"a1": CostRecord(0.04, 0.04 / 0.003, 0.04 / 0.0142, None)},
    )
    harm = cases.memo(
        cases.definition([TODAY, PARTS]), [cases.row("a1", -0.031, -0.0442, -0.0178, 0.00001)], ["drop"]
    )
    several = cases.memo(
        cases.definition([TODAY, SOCIAL, PARTS], costs=[0.6, 0.7, 0.6]),
        [
            cases.row("a1", 0.034, 0.0202, 0.0478, 1e-6, adjusted=2e-6),
            cases.row("a2", 0.029, 0.0152, 0.0428, 4e-5, adjusted=4e-5),
        ],
        ["adopt", "adopt"],
        best="a2",
        tied=("a1",),
        between=(Between("a2", "a1", -0.005, -0.0188, 0.0088, 0.95),),
        costs={"a1": CostRecord(0.1, 2.94, 2.09, 4.95), "a2": CostRecord(0.0, 0.0, 0.0, 0.0)},
    )
    return {
        name: replace(_with_letters(record), simulated=True)
        for name, record in (("win", win), ("null", null), ("harm", harm), ("several", several))
    }


def words() -> dict[str, str]:
    """Name of a case → its memo as Markdown."""
    return {name: memo_documents(record)["memo.md"].decode() for name, record in records().items()}


def write(folder: Path) -> None:
    """Every memo as HTML, PDF, picture and Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, record in records().items():
        made = memo_documents(record)
        for kind in ("md", "html", "pdf"):
            (folder / f"{name}.{kind}").write_bytes(made[f"memo.{kind}"])
        (folder / f"{name}.png").write_bytes(memo_picture(record))
    spanish = memo_documents(records()["win"], "es")
    (folder / "win.es.pdf").write_bytes(spanish["memo.es.pdf"])


@cache
def letters() -> dict[str, Proof]:
    """The shipped letters on water bills as `rct proof` draws them: arm → proof."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "city")
        initialize(root, city="City of Springfield", currency="USD", by="Dana Reyes")
        shutil.copytree(shipped("templates"), root / "templates", dirs_exist_ok=True)
        shutil.copytree(shipped("trials") / "water-bills", root / "trials" / "water-bills")
        ws = find(root)
        made = make_proofs(ws, load(ws.definition_file("water-bills")), pictures_only=True)
        lines = {
            c.arm: tuple(Said(x.text, x.differs) for x in c.lines if x.printed) for c in made.columns[""]
        }
        return {
            arm: Proof(
                arm,
                made.files[f"letter-{arm}.png"],
                " ".join(x.text for x in lines[arm][:2]),
                lines[arm],
                made.files[f"words-{arm}.png"],
            )
            for arm in LETTERS.values()
        }


def _with_letters(record: MemoRecord) -> MemoRecord:
    proofs = [
        replace(letters()[LETTERS[arm.label]], arm=name)
        for name, arm in record.definition.arms.items()
        if arm.label in LETTERS
    ]
    return replace(record, proofs=tuple(proofs))


if __name__ == "__main__":
    write(FOLDER)
