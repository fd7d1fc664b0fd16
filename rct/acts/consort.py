"""`rct consort`: the CONSORT checklist of the last analysis, written beside its memo."""

from __future__ import annotations

from rct.acts.printing import print_documents
from rct.evidence.registers.consort import ChecklistItem
from rct.evidence.registers.consorting import checked
from rct.registry.workspace import Workspace


def consort(ws: Workspace, name: str, person: str) -> tuple[list[ChecklistItem], tuple[str, ...], bool]:
    """Write the checklist of the last analysis as Markdown, HTML and JSON: the items, the paths, whether it is new."""
    items, head, documents = checked(ws, name)
    paths, fresh = print_documents(ws, name, person, of="consort", head=head, documents=documents)
    return items, paths, fresh
