"""What the system and SQLite refuse, as problems that a person can mend: one wording for commands and Python."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from rct.errors import Problem


def problem_of(error: BaseException) -> Problem | None:
    """The problem that stands for an error of the system or of SQLite; None: a defect of ours."""
    if isinstance(error, OSError):
        return _of_system(error)
    if isinstance(error, MemoryError):
        return _of_memory()
    if isinstance(error, sqlite3.OperationalError):
        return _of_database(error)
    if type(error) is sqlite3.DatabaseError:  # an integrity or programming error is a defect of ours
        return _damaged(error)
    return None


def _of_system(error: OSError) -> Problem:
    """Disk full, denied, read-only: a sentence, and the state is the one before."""
    # its final name, where it was still being written under another
    name = Path(str(error.filename)).name.partition(".tmp-")[0] if error.filename else None
    return Problem(
        code="system",
        rule=f"The system refused: {error.strerror or error}. What was not finished does not count.",
        fix="Make room or give access, then give the same command again.",
        file=name,
    )


def _of_memory() -> Problem:
    return Problem(
        code="system",
        rule="The computer has no memory left. What was not finished does not count.",
        fix="Close other programs, or give the file in smaller parts; then give the same command again.",
    )


def _damaged(error: sqlite3.DatabaseError) -> Problem:
    return Problem(
        code="registry_damaged",
        rule=f"The registry is damaged: {error}.",
        fix="Restore rct.db and private/ from the same copy.",
        file="rct.db",
    )


def _of_database(error: sqlite3.OperationalError) -> Problem:
    return Problem(
        code="system",
        rule=f"The registry could not be used: {error}. What was not finished does not count.",
        fix="Close other programs that hold rct.db, give access to it, make room on the disk; then give the same command "
        "again.",
        file="rct.db",
    )
