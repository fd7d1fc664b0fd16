"""Each command beside its floor, and the whole road beside that of tag 0.1.0's code, at 1,000,000 recipients.

python -m benchmarks.speed.floors N     the figures of N recipients, without the page
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.speed import measure
from benchmarks.speed.measure import ROOT, Spent, median, run, side
from benchmarks.speed.road import Places, road
from benchmarks.speed.rows import Aim, Row

SIZE = 1_000_000
TAG_0_1_0 = "1bc339df17dd5d9d4cec0d1c4b700ce6e821ed0f"
AIMS = {"frame": 4.0, "draw": 2.5, "analyze": 3.0, "report": 3.0, "verify": 4.0}
FLOORS = ("frame", "draw", "outcomes", "analyze", "report", "verify")
ROAD_AIM, PEAK_AIM = 0.45, 1024.0
TESTS, UNITS, BLOCKS, DRAWS = 6, SIZE // 2, 24, 10_000  # three arms and two outcomes; two arms a test


def floor(command: str, places: Places, folder: Path) -> Spent:
    script = Path(__file__).with_name("floor.py")
    where = (places.ws, folder, places.accounts, places.payments)
    return run([sys.executable, str(script), command, *map(str, where)])


def code_of(commit: str, folder: Path) -> Path | None:
    """The files of a commit in `folder`; None where this clone does not hold it."""
    archive = subprocess.run(
        ["git", "archive", "--format=tar", commit], cwd=ROOT, capture_output=True, check=False
    )
    if archive.returncode:
        return None
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def turn(n: int, figures: dict[str, list[Spent]]) -> None:
    """One turn: the road, the floors of its rows, the road of 0.1.0's code; added to `figures`."""
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        for name, spent in road(folder, n).items():
            figures.setdefault(f"rct {name}", []).append(spent)
        (written := folder / "floor").mkdir()
        for command in FLOORS:
            figures.setdefault(f"floor of {command}", []).append(
                floor(command, Places.of(folder, n), written)
            )
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        (files := folder / "code").mkdir()
        tree = code_of(TAG_0_1_0, files)
        for name, spent in road(folder, n, tree).items() if tree else ():
            figures.setdefault(f"0.1.0 {name}", []).append(spent)


def figures_of(n: int, rounds: int) -> dict[str, Spent]:
    """The median of each figure, in order."""
    found: dict[str, list[Spent]] = {}
    for _ in range(measure.turns or rounds):
        turn(n, found)
    spent = {name: median(some) for name, some in found.items()}
    for which in ("0.1.0", "rct"):
        steps = [s for name, s in spent.items() if name.startswith(f"{which} ")]
        if steps:
            whole = Spent(sum(s.wall for s in steps), sum(s.cpu for s in steps), max(s.peak for s in steps))
            spent = {f"{which}, the whole road": whole, **spent}
    return spent


def arrangements() -> tuple[Callable[[], object], float]:
    """One randomization test's draws as `analyze` makes them: units whose outcomes all differ, in blocks."""
    import numpy as np

    from rct.estimate.randomization import BATCH
    from rct.estimate.redraws import RedrawnBlock, Urn

    random = np.random.default_rng(1)
    of_block = UNITS // BLOCKS
    urns = [Urn([RedrawnBlock(random.normal(size=(2, of_block)), of_block // 2)]) for _ in range(BLOCKS)]

    def work() -> None:
        rng = np.random.Generator(np.random.PCG64(1))
        for low in range(0, DRAWS, BATCH):
            for urn in urns:
                urn.sums(rng, min(BATCH, DRAWS - low))

    return work, 0.0


def words() -> tuple[Callable[[], object], float]:
    """The random bits alone that these draws need, sixteen a unit and arrangement."""
    import numpy as np

    def work() -> None:
        bits, left = np.random.PCG64(1), UNITS * DRAWS // 4
        while left > 0:
            bits.random_raw(min(1 << 13, left))
            left -= 1 << 13

    return work, 0.0


SIDES = {"rct arrangements": arrangements, "words": words}


def measured(rounds: int = 2) -> Row:
    spent = figures_of(SIZE, rounds)
    one, bits = side("floors", "rct arrangements", 1), side("floors", "words", 1)
    spent |= {"one randomization test's arrangements": one, "the random bits of one": bits}
    aims = [
        Aim(f"{command} over its floor", spent[f"rct {command}"].cpu / spent[f"floor of {command}"].cpu, aim, "times")
        for command, aim in AIMS.items()
    ]  # fmt: skip
    old, now = spent.get("0.1.0, the whole road"), spent["rct, the whole road"]
    if old is not None:
        aims.append(Aim("the whole road over that of 0.1.0's code", now.cpu / old.cpu, ROAD_AIM, "times"))
    aims.append(Aim("peak of the largest command", now.peak, PEAK_AIM, "MiB"))
    return Row("floors", aims, list(spent.items()), _notes(spent), _tried(spent))


def _notes(spent: dict[str, Spent]) -> list[str]:
    said = [
        "Ratios are of processor time, user and system, of both sides: what else runs here moves it least. A floor is "
        "one process with sqlite3 and csv alone, in its default settings, that reads each row once, keeps none and "
        "writes each once; it checks, hashes, encrypts, draws and computes nothing.",
        "- frame: the list by csv; a row of the registry for each person with its index of units, and one of the vault, in "
        "plain text.\n"
        "- draw: unit, block and cluster of the list; the rows of the assignment, and assignment.csv.\n"
        "- outcomes: unit and id of the people, the payments by csv; the rows of the outcomes.\n"
        "- analyze: every row and column of list, assignment and outcomes; the results and their two files.\n"
        "- report: the same rows and the results; memo and appendix as bytes.\n"
        "- verify: the same rows, the people from the plain vault, assignment.csv by csv, every other file as bytes; writes "
        "nothing.",
    ]
    if "0.1.0, the whole road" not in spent:
        said.append(f"Tag 0.1.0's code ({TAG_0_1_0[:7]}) is not in this clone: its road was left out.")
    return said


def _tried(spent: dict[str, Spent]) -> str:
    one, bits = spent["one randomization test's arrangements"].cpu, spent["the random bits of one"].cpu
    rest = {
        name: (spent[f"rct {name}"].cpu - TESTS * one) / spent[f"floor of {name}"].cpu
        for name in ("analyze", "verify")
    }
    return (
        f"analyze and verify draw {DRAWS:,} arrangements of {UNITS:,} units for each of {TESTS} randomization tests. "
        "Covariates make every unit's outcome its own, so that no lots of equal ones can be drawn at once, as in 0.1.0, "
        f"which took no covariates out. One test's arrangements take {one:.1f} s, of which the random bits alone "
        f"{bits:.1f} s; without them analyze is at {rest['analyze']:.1f} and verify at {rest['verify']:.1f} times the "
        "floor. Taken: bits by the generator's whole words, a count by bytes, cells by one number (1.7 ns a unit and "
        "arrangement became 1.0); report takes the arrangements as analyze drew them, once its rows are those that the log "
        "tells of; arms read in the list's order instead of by a join, assignment.csv joined where nothing is to be quoted. "
        "Not taken: other or fewer random numbers, which would move printed p-values. What remains of report is half "
        "reading rows into Python and half the estimates, subgroups and checks of two outcomes, with some 2 s of imports "
        "and printing; of draw, tickets, digests and the balance that its table shows."
    )


if __name__ == "__main__":
    for name, spent in figures_of(int(sys.argv[1]), 1).items():
        print(f"{name:28s} {spent.wall:7.2f} s wall {spent.cpu:7.2f} s cpu {spent.peak:7.0f} MiB")
