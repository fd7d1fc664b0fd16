"""Mutations of the hostile corpus through the real commands: no traceback, no hang, no more memory than allowed.

Derandomized: mutation i of seed s is the same file in every run. `python -m hostile.fuzz 10000` (`make fuzz`) does them
all; the tests do a sample.
"""

from __future__ import annotations

import io
import json
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from hostile.case import Case
from hostile.child import Ended
from hostile.corpus import cases
from hostile.ground import Ground

SEED = 20_260_105
LARGEST = 1 << 15  # bytes of a file that is mutated; the corpus itself has larger ones
TOKENS = [
    b"",
    b"\0",
    b"\n",
    b"\r",
    b"\r\n",
    b'"',
    b'""',
    b",",
    b";",
    b"\t",
    b"|",
    b"'",
    b"\\",
    b"=",
    b"+",
    b"-",
    b"@",
    b"#",
    b"[",
    b"]",
    b"{",
    b"}",
    b"{{",
    b"}}",
    b"{%",
    b"%}",
    b"<",
    b">",
    b"&",
    b"&a;",
    b"]]>",
    b"<!DOCTYPE x>",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    "\u2028".encode(),
    "\u202e".encode(),
    "\u0085".encode(),
    "É".encode(),
    "E\u0301".encode(),
    "１".encode(),
    "٣".encode(),
    "🏠".encode(),
    b"\x1b[2J",
    b"nan",
    b"inf",
    b"1e400",
    b"-0",
    b"1_0",
    b"0x1f",
    b"9" * 400,
    b"9" * 5_000,
    b"A" * 140_000,
    b"(" * 300,
    b"[" * 300,
    b"not " * 300,
    b"> " * 300,
    b"true",
    b"false",
    b"2026-02-30",
    b"0000-00-00",
    b"../../",
    b"/etc/passwd",
    b"NULL",
    b"account",
    b"name",
    b"XFD1048576",
    b't="s"',
    b'r="A1"',
    b"_x001B_",
]


def mutated(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """One to six small changes: bits, tokens, pieces moved, doubled or taken from another file."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        at = rng.randrange(len(data) + 1)
        size = min(len(data) - at, rng.choice((1, 1, 2, 4, 16, 64, 1_000)))
        piece = data[at : at + size]
        how = rng.randrange(9)
        if how == 0 and piece:
            data = data[:at] + bytes([piece[0] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
        elif how == 1:
            data = data[:at] + data[at + size :]
        elif how == 2:
            data = data[:at] + piece * rng.choice((2, 3, 50)) + data[at + size :]
        elif how in (3, 4, 5):
            data = data[:at] + rng.choice(TOKENS) + data[at + (size if how == 3 else 0) :]
        elif how == 6:
            start = rng.randrange(len(other) + 1)
            data = data[:at] + other[start : start + rng.choice((8, 64, 512))] + data[at:]
        elif how == 7:
            to = rng.randrange(len(data) - size + 1)
            rest = data[:at] + data[at + size :]
            data = rest[:to] + piece + rest[to:]
        else:
            data = data[:at] + bytes(rng.randrange(256) for _ in range(size)) + data[at + size :]
    return data[: 8 * LARGEST]


def mutated_archive(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """A change inside one part of a workbook, packed again; sometimes of the packed bytes."""
    if rng.random() < 0.2:
        return mutated(rng, data, other)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {m.filename: archive.read(m) for m in archive.infolist()[:20] if m.file_size < LARGEST}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
        return mutated(rng, data, other)
    if not parts:
        return mutated(rng, data, other)
    sheets = [name for name in parts if "sheet1" in name]
    name = rng.choice(sheets) if sheets and rng.random() < 0.6 else rng.choice(sorted(parts))
    parts[name] = mutated(rng, parts[name], other)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(part, (2026, 1, 5, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@cache
def _files() -> list[tuple[Case, bytes]]:
    made = [(case, case.make()) for case in cases()]
    return [(case, data) for case, data in made if len(data) <= LARGEST]


def mutation(files: Sequence[tuple[Case, bytes]], number: int) -> tuple[Case, bytes]:
    """Mutation `number`: the case that it is of, and its bytes."""
    rng = random.Random(f"{SEED}:{number}")
    case, data = files[number % len(files)]
    _, other = files[rng.randrange(len(files))]
    change = mutated_archive if case.suffix == "xlsx" else mutated
    return case, change(rng, data, other)


def told(ended: Ended) -> str:
    """What a mutation came to: accepted, the code of the first problem, or broken."""
    if not ended.sound:
        return "broken"
    try:
        said = json.loads(ended.out)
    except ValueError:
        return "broken"
    if ended.code == 0:
        return "accepted"
    problems = said.get("problems") or []
    return str(problems[0]["code"]) if problems else "broken"


def run(numbers: Sequence[int], folder: Path) -> Iterator[tuple[int, str, str, Ended]]:
    """(number, door, what it came to, how it ended) of each mutation."""
    files = _files()
    grounds: dict[str, Ground] = {}
    for number in numbers:
        case, data = mutation(files, number)
        if case.door not in grounds:
            grounds[case.door] = Ground(folder / case.door, case.door)
        ground = grounds[case.door]
        path = ground.put(case, data)
        (ended,) = ground.meet(case, path, store=False)
        yield number, case.door, told(ended), ended
        if ground.door in ("outcomes", "mailed"):
            ground.restore()


def main(n: int, first: int = 0) -> int:
    fates: Counter[str] = Counter()
    broken = []
    start = time.monotonic()
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="rct-fuzz-") as folder:
        for number, door, fate, ended in run(range(first, first + n), Path(folder)):
            fates[fate] += 1
            worst = max(worst, ended.seconds)
            if fate == "broken":
                broken.append(number)
                print(f"broken: {number} ({door}), code {ended.code}\n{ended.err[-2_000:]}", flush=True)
            if sum(fates.values()) % 500 == 0:
                print(f"{sum(fates.values()):,} mutations, {len(broken)} broken", flush=True)
    print(
        f"{n:,} mutations in {time.monotonic() - start:,.0f} s; the slowest took {worst:.1f} s of processor time"
    )
    for fate, count in fates.most_common():
        print(f"  {count:6,}  {fate}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
