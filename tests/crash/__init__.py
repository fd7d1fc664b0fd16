"""Harnesses that break a command at every call that changes something, and look at what is left.

`python -m crash` (from `tests/`, or `make crash`) does all of it and writes docs/safety.md; the tests beside this
take a sample. What is in which module: `commands` the table of commands, `server` runs one in a fork of its own,
`calls` finds the calls worth breaking, `state` what a workspace holds and what must never be there, `faults` one
broken run and its verdict, `races` and `elsewhere` the rest, `tasks` lists all runs, `workers` runs them unattended,
`page` the report.
"""
