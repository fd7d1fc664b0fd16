"""The vault: people in, the same people out, encrypted, counted by batch, and really gone once dropped."""

from __future__ import annotations

import json
import secrets
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import Road

from rct.errors import RctError
from rct.registry import keys, vault
from rct.registry.workspace import Workspace, find

WORDS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)
PEOPLE = st.dictionaries(
    st.integers(0, 2**32).map(lambda n: f"{n:024x}"),
    st.tuples(WORDS, WORDS, st.dictionaries(WORDS, WORDS, max_size=3)),
    max_size=6,
)


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return find(Road(tmp_path).folder)


def rows(people: dict[str, tuple[str, str, dict[str, str]]]) -> list[vault.Person]:
    return [
        (u, id, c, json.dumps(contact, ensure_ascii=False)) for u, (id, c, contact) in sorted(people.items())
    ]


@given(people=PEOPLE)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_is_put_in_comes_out(
    ws: Workspace, people: dict[str, tuple[str, str, dict[str, str]]]
) -> None:
    token, put = secrets.token_hex(16), rows(people)
    with vault.opened(ws, write=True) as opened:
        vault.put(opened, token, "bills", put)
    with vault.opened(ws) as opened:
        assert list(vault.people(opened, token)) == put
        assert (token, "bills", "pending") in vault.batches(opened)


def test_nothing_of_it_can_be_read_from_the_file(ws: Workspace) -> None:
    with vault.opened(ws, write=True) as opened:
        vault.put(opened, "t" * 32, "bills", [("u" * 24, "Marker-1", "Marker-2", '{"name": "Marker-3"}')])
    data = ws.vault.read_bytes()
    assert b"Marker" not in data
    assert b"person" not in data
    assert stat.S_IMODE(ws.vault.stat().st_mode) == 0o600


def test_dropped_people_leave_no_page_behind(ws: Workspace) -> None:
    """Read with the key: a deleted row is overwritten, and free pages go with a vacuum."""
    people = [(f"{i:024x}", f"Marker-{i}", "", '{"name": "Marker"}') for i in range(2_000)]
    with vault.opened(ws, write=True) as opened:
        vault.put(opened, "t" * 32, "bills", people)
        full = ws.vault.stat().st_size
        vault.drop(opened, ["t" * 32], vacuum=True)
        assert vault.batches(opened) == []
        assert opened.execute("pragma freelist_count").fetchone() == (0,)
        assert opened.execute("pragma secure_delete").fetchone() == (1,)
    assert ws.vault.stat().st_size < full / 4


def test_an_error_in_the_middle_puts_nobody_in(ws: Workspace) -> None:
    def people() -> object:
        yield ("u" * 24, "1", "", "{}")
        raise KeyError("the file ended")

    with pytest.raises(KeyError), vault.opened(ws, write=True) as opened:
        vault.put(opened, "t" * 32, "bills", people())  # type: ignore[arg-type]
    with vault.opened(ws) as opened:
        assert vault.batches(opened) == []


def test_a_reader_can_not_write(ws: Workspace) -> None:
    with pytest.raises(RctError, match="vault_unusable"), vault.opened(ws) as opened:
        vault.put(opened, "t" * 32, "bills", [])


def test_another_key_does_not_open_it(ws: Workspace) -> None:
    ws.key_file.write_bytes(keys.new_key())
    with pytest.raises(RctError, match="vault_closed"), vault.opened(ws):
        pass


@pytest.mark.parametrize("place", [0, 17, 4_000, 5_000, 9_000, 13_000])
def test_one_flipped_bit_is_noticed(place: int, ws: Workspace) -> None:
    with vault.opened(ws, write=True) as opened:
        vault.put(opened, "t" * 32, "bills", [(f"{i:024x}", str(i), "", "{}") for i in range(200)])
    assert holds(ws)
    data = bytearray(ws.vault.read_bytes())
    data[place] ^= 1
    ws.vault.write_bytes(bytes(data))
    assert not holds(ws)


def holds(ws: Workspace) -> bool:
    """Whether the vault opens and every page of it is as it was written."""
    try:
        with vault.opened(ws) as opened:
            return vault.is_whole(opened)
    except RctError:
        return False


def test_the_keyed_digest_says_whether_anyone_changed_and_needs_the_key() -> None:
    key, other = keys.new_key(), keys.new_key()
    people = [("a" * 24, "1", "", "{}"), ("b" * 24, "2", "", "{}")]
    said = vault.keyed_digest(key, people)
    assert said == vault.keyed_digest(key, iter(people))
    assert said != vault.keyed_digest(other, people)
    for at in range(4):
        changed = list(people[1])
        changed[at] += "x"
        assert vault.keyed_digest(key, [people[0], tuple(changed)]) != said  # type: ignore[list-item]
    assert vault.keyed_digest(key, people[:1]) != said


def test_the_vaults_key_is_not_the_workspaces() -> None:
    key = keys.new_key()
    assert len(key) == len(vault_key := keys.vault_key(key)) == 32
    assert vault_key != key
    assert keys.new_key() != key
