"""A command with the workspace it starts from, and the states on either side of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crash import state
from crash.calls import CHANGING, Call, listed
from crash.commands import NAME, STAGES, Row, row
from crash.server import Ended, run, traced

FAST = Path("/dev/shm")  # memory: a kill loses nothing that was written, on no kind of disk


@dataclass(frozen=True)
class Place:
    """A copy of a stage to break: `root` holds the user's files, `city` the workspace, `temporary` is TMPDIR."""

    root: Path

    @property
    def city(self) -> Path:
        return self.root / "city"

    @property
    def temporary(self) -> Path:
        return self.root / "temporary"

    def do(self, row: Row, **how: object) -> Ended:
        where = {"temporary": str(self.temporary), "folder": str(self.root), "later": row.later}
        return run(row.arguments(self.root), **where, **how)

    def ask(self, *command: str, **how: object) -> Ended:
        """A command that reads."""
        words = ["-C", str(self.city), *command]
        return run(words, temporary=str(self.temporary), folder=str(self.root), **how)

    def moved(self) -> Place:
        """The same, renamed."""
        target = self.root.with_name(f"{self.root.name}-moved")
        self.root.rename(target)
        return Place(target)


class Ground:
    """Where copies lie, and every stage that was made so far."""

    def __init__(self) -> None:
        base = FAST if FAST.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="crash-", dir=base))
        self.made: dict[str, Path] = {}
        self.copies = 0

    def stage(self, name: str) -> Path:
        if name in self.made:
            return self.made[name]
        here = next(s for s in STAGES if s.name == name)
        root = self.folder / f"stage-{name.replace(' ', '-')}"
        if here.after is None:
            (root / "temporary").mkdir(parents=True)
        else:
            state.copied(self.stage(here.after), root)
        if here.theirs is not None:
            bundle = self.stage(here.theirs) / "city" / "trials" / NAME / "out" / "bundle.zip"
            shutil.copy(bundle, root / "theirs.zip")
        if isinstance(here.by, str):
            ended = Place(root).do(row(here.by))
            if ended.code != 0:
                raise RuntimeError(f"rct {here.by} did not get to {name}:\n{ended.out}")
        else:
            here.by(root)
        self.made[name] = root
        return root

    @contextmanager
    def copy(self, stage: str) -> Iterator[Place]:
        self.copies += 1
        root = self.folder / f"copy-{os.getpid()}-{self.copies}"
        place = Place(state.copied(self.stage(stage), root))
        try:
            yield place
        finally:
            for left in (root, root.with_name(f"{root.name}-moved")):
                if left.exists():
                    shutil.rmtree(left)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class Case:
    """What a row does when nothing breaks: the states before and after, the calls that change something, the time."""

    def __init__(self, ground: Ground, row: Row):
        self.ground, self.row = ground, row
        root = ground.stage(row.stage)
        self.before = state.held(root / "city")
        self.before_tree = state.tree(root / "city")
        with ground.copy(row.stage) as place:
            ended = place.do(row)
            self.seconds, self.processor = ended.seconds, ended.processor
            held = state.held(place.city)
            if ended.code != 0 or held is None:
                raise RuntimeError(f"rct {row.name} ended with {ended.code}:\n{ended.out}")
            self.after = state.masked(held)
            self.after_tree = {name: mode for name, (mode, _) in state.tree(place.city).items()}
            self.faults = self.always(place, ended.out) + state.leftovers(place.city, place.temporary)
        if self.after == (state.masked(self.before) if self.before else None):
            raise RuntimeError(f"rct {row.name} changes nothing in {row.stage}")

    def always(self, place: Place, said: str) -> list[str]:
        return state.loose(place.city) + [
            f"leak: {w}" for w in state.leaks(place.city, place.temporary, said)
        ]

    @cached_property
    def calls(self) -> list[Call]:
        """Every call that changes something, in order."""
        with self.ground.copy(self.row.stage) as place:
            log = place.root / "calls.log"
            names = ",".join((*(f"?{name}" for name in CHANGING), "getsid"))
            how = ["-f", "-y", "-s", "0", "-e", f"trace={names}"]
            ended = place.do(self.row, strace=traced(log, *how))
            if ended.code != 0:
                raise RuntimeError(f"rct {self.row.name} under strace ended with {ended.code}:\n{ended.out}")
            calls, others = listed(log, place.root, place.city)
        if others:
            raise RuntimeError(f"rct {self.row.name} writes in more than one task: {others[0]}")
        return calls

    # --- after something broke

    def judged(self, place: Place, ended: Ended) -> list[str]:
        """What is wrong after the command was broken; then it is given again, and what is wrong after that."""
        wrong = ["hangs"] if ended.hung else []
        wrong += self.always(place, ended.out)
        if "Traceback" in ended.out or ended.code == 70:
            wrong.append(f"traceback: {ended.out.strip().splitlines()[-1]}")
        if state.tree(place.city) == self.before_tree:
            return wrong  # byte for byte the state before: what comes next is known
        side, why = self.side(place.city)
        if side is None:
            wrong.append(f"neither before nor after ({why})")
        if side == "before" and ended.code == 0:
            wrong.append("said it was done, and the state is the one before")
        if (place.city / "rct.toml").exists():
            verified = place.ask("verify")
            if verified.code != 0:
                wrong.append(f"verify: {verified.out}")
        return wrong + self.again(place)

    def side(self, city: Path) -> tuple[str | None, str]:
        """`before` or `after`, else None and what differs from either."""
        try:
            held = state.held(city)
        except Exception as error:
            return None, f"unreadable: {error}"
        if held == self.before:
            return "before", ""
        if held is None:
            return None, "no workspace any more"
        found = state.masked(held)
        if found == self.after:
            return "after", ""
        of_before = held.differences(self.before) if self.before else "a workspace"
        return None, f"from before: {of_before}; from after: {found.differences(self.after)}"

    def again(self, place: Place) -> list[str]:
        """The same command reaches the state after, and leaves nothing behind."""
        ended = place.do(self.row)
        if ended.code != 0:
            return [f"again ends with {ended.code}: {ended.out.strip()[:600]}"]
        side, why = self.side(place.city)
        if side != "after":
            return [f"again does not reach the state after ({why})"]
        wrong = [f"left over: {w}" for w in state.leftovers(place.city, place.temporary)]
        wrong += [f"not as recorded: {w}" for w in state.unlike_recorded(place.city)]
        found = {name: mode for name, (mode, _) in state.tree(place.city).items()}
        if found != self.after_tree and not wrong:
            names = sorted(set(found.items()) ^ set(self.after_tree.items()))
            wrong.append(f"other files or modes: {names[:4]}")
        return wrong + self.always(place, ended.out)
