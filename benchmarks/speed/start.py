"""What a person waits for before anything happens: the help, and the status of a hundred trials."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.speed.measure import RCT, alternating, run
from benchmarks.speed.rows import Aim, Row

TRIALS = 100


def make_workspace(folder: Path) -> None:
    """A workspace of a hundred trials, made in one process."""
    from rct.cli.main import cli

    cli.main(
        ["-C", str(folder), "init", str(folder), "--city", "Springfield", "--by", "Bench"],
        standalone_mode=False,
    )
    for i in range(TRIALS):
        args = ["-C", str(folder), "new", f"trial-{i:03d}", "--from", "water-bills", "--simulated", "--yes"]
        cli.main(args, standalone_mode=False)


def measured() -> Row:
    with tempfile.TemporaryDirectory() as where:
        ws = Path(where) / "ws"
        ws.mkdir()
        make = f"from pathlib import Path; from benchmarks.speed.start import make_workspace as m; m(Path({str(ws)!r}))"
        run([sys.executable, "-c", make])
        run([*RCT, "status"], cwd=ws)  # once, so that modules are compiled
        bare = "python -c pass"
        spent = alternating(
            {
                bare: lambda: run([sys.executable, "-c", "pass"], cwd=ws),
                "rct --help": lambda: run([*RCT, "--help"], cwd=ws),
                f"rct status, {TRIALS} trials": lambda: run([*RCT, "status"], cwd=ws),
            },
            9,
        )
    return Row(
        "start",
        [
            Aim("rct --help", spent["rct --help"].wall, 0.15, "s"),
            Aim("rct status", spent[f"rct status, {TRIALS} trials"].wall, 0.3, "s"),
        ],
        list(spent.items()),
        [
            "A test holds that neither imports numpy, scipy, pandas or matplotlib, that help imports not even pydantic, and "
            "that a list of trials still being planned imports neither pydantic nor the vault. No trial is locked here; "
            "for one that is, the plan in force is read with the models, a tenth of a second once."
        ],
        "modules imported only where they are used, letters left to `rct check`, TOML read by one parser where it has no "
        "mistake, a trial.toml without mistakes told by the shipped schema instead of the models (0.43 s became 0.28 s), "
        "pydantic kept from searching all packages for plugins. Not taken: models built late (no faster), a compiled "
        "TOML parser (one more dependency). What remains is Python's TOML parser and the rules of each definition.",
    )
