"""Canaries down the whole road: no name, address, id or household label outside private/, in any form.

Every command is said for people and for programs, with files that go wrong too. What was said, the workspace
outside private/, and the temporary folder are searched after each.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import canaries
import pytest
import sqlcipher3
from mailed_support import Mail
from support import Ran, definition

from rct.design.tickets import unit_id
from rct.registry import chain
from rct.registry.keys import vault_key

COLUMNS = tuple(canaries.WORDS)
N = 96
PAPERS = Path(__file__).parents[2] / "docs" / "papers"
ARMS = """[arms.none]
label = "No letter"
control = true

[arms.plain]
label = "Plain words"
template = "plain.md"
"""
LETTER = (
    "{{ name }}\n{{ street }}\n{{ postcode }} {{ city }}\n\n# Your bill\n\nDear {{ name }},\n\n"
    "Please pay. We have {{ email }} and {{ phone }}.\n"
)


def table(rows: list[list[str]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


def people(n: int = N, **changed: str) -> str:
    """n people of n/2 households, two languages, and two who are left out; `changed` cells in the last row."""
    head = [*COLUMNS, "language", "status", "do_not_mail"]
    rows = [
        [*canaries.row(COLUMNS, i, house=i // 2), "es" if i % 4 == 0 else "en", "open", "no"]
        for i in range(n)
    ]
    rows += [
        [*canaries.row(COLUMNS, n, house=n), "en", "closed", "no"],
        [*canaries.row(COLUMNS, n + 1, house=n + 1), "en", "open", "yes"],
    ]
    rows[n - 1] = [changed.get(name, cell) for name, cell in zip(head, rows[n - 1], strict=True)]
    return table([head, *rows])


def outcomes(n: int = N) -> list[list[str]]:
    return [["account", "paid"], *([canaries.value("account", i), str(i % 3 % 2)] for i in range(n))]


class Walk(Mail):
    """A road that searches after every step."""

    def __init__(self, root: Path, temporary: Path):
        super().__init__(root)
        self.temporary, self.steps = temporary, 0

    def by_account(self) -> dict[str, str]:
        """The city's id -> arm."""
        key = (self.private / "key").read_bytes()
        arms = dict(self.sql("select unit, arm from assignment_bills"))
        return {
            canaries.value("account", i): arms[unit_id(key, "bills", canaries.value("account", i))]
            for i in range(N)
        }

    def step(self, *command: object, code: int = 0) -> Ran:
        for more in ((), ("--json",)):
            ran = self.rct(*command, *more)
            assert ran.code == code, (command, ran.out, ran.err)
            assert canaries.spoken(ran.out + ran.err) == [], command
        self.steps += 1
        assert canaries.betrayals(self.temporary, skip=()) == [], command
        return ran


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    temporary = tmp_path_factory.mktemp("temporary")
    patch = pytest.MonkeyPatch()
    patch.setenv("TMPDIR", str(temporary))
    patch.setattr(tempfile, "tempdir", None)
    walk = Walk(tmp_path_factory.mktemp("walk"), temporary)
    walk.define(
        definition(
            start=date.today() - timedelta(days=1),
            arms=ARMS,
            frame=f'id = "account"\ncontact = {[c for c in COLUMNS if c not in ("account", "household")]}\n'
            'categories = ["language"]\neligible = "status == \'open\'"\nopt_out = "do_not_mail"',
            design='scheme = "clustered"\nclusters = "household"',
            analysis='subgroups = ["language"]',
        )
    )
    (walk.folder / "templates" / "plain.md").write_text(LETTER, encoding="utf-8")
    _plan_and_send(walk)
    _learn(walk)
    _hear_and_hand_on(walk)

    class Later(date):
        @classmethod
        def today(cls) -> date:
            return date.today() + timedelta(days=200)

    patch.setattr(chain, "date", Later)
    walk.step(
        "followup", "bills", "--adopted", "partly", "--to", "two districts", "--kept", "--note", "More later"
    )
    walk.step("site")
    patch.undo()
    return walk


def _plan_and_send(walk: Walk) -> None:
    good = walk.file("people.csv", people())
    for command in (("check", "bills"), ("check", "bills", "--frame", good), ("power", "bills")):
        walk.step(*command)
    walk.step("lint", "bills", code=1)
    walk.step("lock", "bills")
    walk.step("proof", "bills")
    for number, changed in enumerate(
        (
            {"name": f"{canaries.WORDS['name']}\x07"},
            {"account": canaries.value("account", 1)},
            {"household": ""},
            {"email": canaries.WORDS["email"] + "\x1b[31m"},
        )
    ):
        walk.step("frame", "bills", walk.file(f"bad{number}.csv", people(**changed)), code=2)
    walk.step("frame", "bills", good)
    walk.step("draw", "bills")
    staff = [
        ["name", "street", "postcode", "city", "email", "phone"],
        *(
            [*canaries.row(("name", "street", "postcode", "city", "email", "phone"), 900 + i)]
            for i in range(2)
        ),
    ]
    walk.step("letters", "bills", "--seeds", walk.file("staff.csv", table(staff)))
    for system in ("mail", "email", "sms"):
        walk.step("handover", "bills", "--for", system)
    sent = [i for i in range(N) if walk.by_account()[canaries.value("account", i)] == "plain"]
    today = date.today().isoformat()
    rows = [["account", "status", "reason", "date"]]
    rows += [[canaries.value("account", i), "returned", "moved", today] for i in sent[:3]]
    walk.step("mailed", "bills", walk.file("pieces.csv", table(rows)))
    rows.append([canaries.value("account", 9_999), "returned", "moved", today])
    walk.step("mailed", "bills", walk.file("worse.csv", table(rows)), code=2)


def _learn(walk: Walk) -> None:
    bad = [*outcomes(), [canaries.value("account", 9_999), "1"], [canaries.value("account", 1), "maybe"]]
    walk.step("outcomes", "bills", walk.file("bad.csv", table(bad)), code=2)
    walk.step("outcomes", "bills", walk.file("swapped.csv", table([r[::-1] for r in outcomes()])), code=0)
    walk.step("analyze", "bills")
    walk.step("report", "bills")
    walk.step("decide", "bills", "adapt", "--note", "Try again with other words")
    walk.step("report", "bills")
    walk.step("share", "bills")
    walk.step("register", "bills", "--format", "osf")
    walk.step("consort", "bills")
    walk.step("export", "bills", "--to", "csv")
    walk.step("site")
    walk.step("certify", "--since", "12m")
    for command in (("status",), ("status", "bills"), ("log",), ("head",), ("verify",)):
        walk.step(*command)


def _hear_and_hand_on(walk: Walk) -> None:
    """What people said, a survey of a second trial, another city's use of the evidence, and looking at all of it."""
    said = [
        ["account", "kind", "theme"],
        *([canaries.value("account", i), "asked", "in parts"] for i in range(12)),
    ]
    walk.step("remarks", "bills", walk.file("remarks.csv", table(said)), "--by-id")
    personal = [*said, [canaries.value("account", 13), "asked", canaries.value("name", 13)]]
    walk.step("remarks", "bills", walk.file("personal.csv", table(personal)), "--by-id", code=2)
    bundle = walk.out / "bundle.zip"
    walk.step("library", "add", bundle)
    walk.step("library", "show", "bills")
    walk.step("library", "find", canaries.value("name", 1))
    walk.step(
        "pool", "paid", "bills", bundle, "--page", walk.folder / "pooled.html", code=2
    )  # one trial twice
    paper, called = PAPERS / "resume-audit.toml", ("--outcome", "resume-audit:callback")
    walk.step("pool", "paid", bundle, paper, *called, "--page", walk.folder / "pooled.html")
    walk.step("new", "third", "--from", "water-bills", "--start", "2027-01-11")
    walk.step("adapt", bundle, "fourth", "--start", "2027-01-11")
    for page in ("/registry/trial.json", "/registry.json"):
        ran = walk.rct("serve", "--get", page)
        assert ran.code == 0, ran.err
        assert canaries.spoken(ran.out + ran.err) == []
    asking = walk.folder / "trials" / "asking" / "trial.toml"
    asking.parent.mkdir()
    survey = (
        '[survey]\ntemplate = "survey.md"\naddress = "https://city.example/?ref={reference}"\n\n'
        '[outcomes.clear]\nlabel = "Clear"\nkind = "binary"\nmissing = "drop"\nsource = "survey"\n\n[analysis]'
    )
    asking.write_text(walk.toml.read_text(encoding="utf-8").replace("[analysis]", survey), encoding="utf-8")
    (walk.folder / "templates" / "survey.md").write_text(LETTER + "\n- [ ] Yes\n- [ ] No\n", encoding="utf-8")
    for command in (("lock",), ("frame", walk.root / "people.csv"), ("draw",), ("survey",)):
        walk.step(command[0], "asking", *command[1:])


def test_nothing_outside_private_gives_anyone_away(walk: Walk) -> None:
    assert walk.steps > 25
    assert canaries.betrayals(walk.folder) == []
    names = {path.name for path in walk.folder.rglob("*")}
    assert {"memo.pdf", "memo.docx", "appendix.html", "plan.pdf", "bundle.zip", "index.html"} <= names


def test_the_search_finds_everyone_in_private(walk: Walk) -> None:
    """The vault's decrypted rows, the letters' text and the vendor's list hold every word, so it could be found."""
    vault = sqlcipher3.connect(str(walk.private / "vault.db"))
    vault.execute(f"pragma key = \"x'{vault_key((walk.private / 'key').read_bytes()).hex()}'\"")
    rows = "\n".join("\n".join(row) for row in vault.execute("select id, cluster, contact from person"))
    vault.close()
    assert {word.split(" as ")[0] for word in canaries.spoken(rows)} >= set(COLUMNS)
    found = canaries.betrayals(walk.private, skip=())
    files = {line.split(": ")[0].rsplit("/", 1)[-1] for line in found}
    assert {"vendor.xlsx", "handover.xlsx"} <= files
    assert any(name.startswith("letters-") and name.endswith(".pdf") for name in files)
    assert not any(line.startswith("vault.db") for line in found), "the vault is encrypted"


# --- defects of ours


@pytest.mark.parametrize("kind", ["ValueError", "KeyError", "UnicodeError"])
def test_a_traceback_shows_where_and_never_whom(kind: str, walk: Walk) -> None:
    """A defect in the reading of people, with a name in its message and its cause, as Python would print it."""
    name = canaries.value("name", 1)
    code = (
        "import rct.frame.read as r, rct.cli.main as m, sys\n"
        "def broken(*a, **k):\n"
        f"    try:\n        {{}}[{name!r}]\n"
        f"    except KeyError as e:\n        raise {kind}({name!r}) from e\n"
        "import rct.cli.frame as f\n"
        "f.load_frame = f.load = f.frame.callback = broken\n"
        f"m.main(['-C', {str(walk.folder)!r}, 'frame', 'bills', {str(walk.root / 'people.csv')!r}])\n"
    )
    script = walk.root / "defect.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", f"exec(open({str(script)!r}).read())"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert kind in done.stderr
    assert "RCT_TRACEBACK=full" in done.stderr
    assert canaries.spoken(done.stdout + done.stderr) == []
    full = subprocess.run(
        [sys.executable, "-c", f"exec(open({str(script)!r}).read())"],
        capture_output=True, text=True, env={"RCT_TRACEBACK": "full", "PATH": "", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert canaries.spoken(full.stderr), "else this test could not fail"


# --- forgetting


def decrypted(walk: Walk) -> bytes:
    """Every page of the vault as it stands, free ones too: an unencrypted copy of the file's pages."""
    copy = walk.root / "plain.db"
    copy.unlink(missing_ok=True)
    vault = sqlcipher3.connect(str(walk.private / "vault.db"))
    vault.execute(f"pragma key = \"x'{vault_key((walk.private / 'key').read_bytes()).hex()}'\"")
    assert vault.execute("pragma freelist_count").fetchone()[0] == 0
    vault.execute(f"attach database '{copy}' as plain key ''")
    vault.execute("select sqlcipher_export('plain')")
    vault.close()
    return copy.read_bytes()


def test_forget_leaves_nothing_anywhere(walk: Walk) -> None:
    assert canaries.spoken(decrypted(walk))
    seeds = [p for p in walk.private.rglob("*") if p.is_file() and canaries.inside(p.read_bytes())]
    assert seeds
    walk.step("forget", "bills", "--yes")
    walk.step("forget", "asking", "--yes")
    assert canaries.spoken(decrypted(walk)) == []
    assert canaries.betrayals(walk.folder, skip=()) == []
    assert not (walk.private / "bills").exists()
    left = {p.name for p in walk.private.rglob("*")}
    assert not any(name.endswith(("-journal", "-wal", "-shm")) or ".tmp-" in name for name in left)
    assert walk.ok("verify", "bills")["failures"] == [], "the evidence stands without the people"
    (walk.private / "key").unlink()
    walk.step("status")
