"""A trial's definition in the fields of the public registries: what rct knows, and what a person must still write.

One module a registry; `describe.py` has the sentences that they share, `form.py` what a form is and its printers.
Nothing is sent anywhere: a person pastes the Markdown, or a program reads the JSON with the registry's field names.
"""

from __future__ import annotations

from collections.abc import Callable

from rct.evidence.registers import aea, aspredicted, ctgov, egap, osf
from rct.evidence.registers.form import Form
from rct.evidence.registers.material import Material

REGISTERS: dict[str, Callable[[Material], Form]] = {
    "aea": aea.form,
    "aspredicted": aspredicted.form,
    "osf": osf.form,
    "egap": egap.form,
    "ctgov": ctgov.form,
}
