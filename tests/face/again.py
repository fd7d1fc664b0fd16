"""The exported scripts, run again and again: each as an analyst runs it, but R and the packages are loaded once.

A script has its own folder as the current one, an environment or a namespace of its own, and ends with its own status.
What it is beside other software (no rct in its imports, a status that a shell sees) is tested in processes of its own.
"""

from __future__ import annotations

import contextlib
import io
import os
import runpy
import subprocess
from dataclasses import dataclass
from pathlib import Path

# A folder a line comes in; out goes what the script says, then a line with the status and what it failed of.
_SERVER = """
suppressPackageStartupMessages(library(estimatr))
asked <- file("stdin", "r")
while (length(folder <- readLines(asked, 1)) == 1) {
  setwd(folder)
  status <- tryCatch({
    own <- new.env()
    own$quit <- function(status = 0, ...) stop(structure(class = c("quit", "condition"), list(status = status)))
    sys.source("analysis.R", own)
    "0"
  }, quit = function(q) as.character(q$status), error = function(e) paste("1", gsub("\\n", " ", conditionMessage(e))))
  cat("\\n<ended> ", status, "\\n", sep = "")
  flush(stdout())
}
"""
_ENDED = "<ended> "


@dataclass(frozen=True)
class Ran:
    status: str  # "0", or the status and what it failed of
    said: str


class R:
    """An R that stays: it runs the `analysis.R` of one folder after another."""

    def __init__(self, program: str, work: Path) -> None:
        script = work / "server.R"
        script.write_text(_SERVER)
        self.process = subprocess.Popen(
            [program, "--vanilla", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def analysis(self, folder: Path) -> Ran:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(folder, file=self.process.stdin, flush=True)
        said: list[str] = []
        for line in self.process.stdout:
            if line.startswith(_ENDED):
                return Ran(line.removeprefix(_ENDED).strip(), "".join(said))
            said.append(line)
        raise AssertionError(f"R ended with {self.process.wait()}: {''.join(said)}")

    def close(self) -> None:
        self.process.communicate()


def python(folder: Path) -> Ran:
    """The `analysis.py` of a folder in this process."""
    out, here = io.StringIO(), Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(out):
            runpy.run_path("analysis.py", run_name="__main__")
    except SystemExit as end:
        return Ran(str(end.code or 0), out.getvalue())
    finally:
        os.chdir(here)
    return Ran("0", out.getvalue())
