"""Which changes of a plan are minor: those to fields that the AEA RCT Registry calls minor.

The registry's guide to versions (socialscienceregistry.org, "Version") calls a change major when it touches the title,
people, dates, abstract, interventions, outcomes, design, randomization or sample; keywords are minor. Ours that only
help others to find a trial are of that kind. A major change needs a reason; a minor one may give one.
"""

from __future__ import annotations

import re

from rct.definition.plan import PlanChange

_MINOR = re.compile(r"trial\.(keywords|department|population)|arms\.[^.]+\.nudge")
_MARKS = ("practice", "simulated")  # keywords that mark every page as not real


def is_minor(change: PlanChange) -> bool:
    """Whether a change leaves all that is tested, measured, drawn and printed on every page as it was."""
    marks = [[mark in (text or "") for mark in _MARKS] for text in (change.old, change.new)]
    return _MINOR.fullmatch(change.field) is not None and marks[0] == marks[1]
