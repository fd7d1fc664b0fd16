"""Reference codes find typing mistakes; version letters and the order of mailing say nothing of the arms."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from rct.letters.reference import ALPHABET, check_code, normalize, reference_code
from rct.letters.versions import interleaved, version_letters

KEY = bytes(range(32))


def test_a_code_is_the_same_for_the_same_piece_and_differs_for_others() -> None:
    codes = {reference_code(KEY, "bills", f"{i:024x}") for i in range(20_000)}
    assert len(codes) == 20_000
    assert reference_code(KEY, "bills", "a") == reference_code(KEY, "bills", "a")
    assert reference_code(KEY, "bills", "a") != reference_code(KEY, "other", "a")
    assert reference_code(KEY, "bills", "a") != reference_code(bytes(32), "bills", "a")


@given(unit=st.text(max_size=30), place=st.integers(0, 11), character=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(unit: str, place: int, character: str) -> None:
    plain = reference_code(KEY, "bills", unit).replace("-", "")
    assert check_code(plain)
    wrong = plain[:place] + character + plain[place + 1 :]
    assert check_code(wrong) == (wrong == plain)


@given(unit=st.text(max_size=30), first=st.integers(0, 11), second=st.integers(0, 11))
def test_two_swapped_characters_are_found(unit: str, first: int, second: int) -> None:
    plain = list(reference_code(KEY, "bills", unit).replace("-", ""))
    swapped = plain.copy()
    swapped[first], swapped[second] = swapped[second], swapped[first]
    assert check_code("".join(swapped)) == (swapped == plain)


def test_a_code_is_read_as_people_type_it() -> None:
    code = reference_code(KEY, "bills", "x")
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert normalize(f"  {typed} ") == code
    assert check_code(typed)
    for other in ("", "hello", "AAAA-AAAA-AAAU", code + "0", "=1+1"):
        assert not check_code(other)


def test_version_letters_do_not_follow_the_order_of_the_arms() -> None:
    arms = ["control", "b", "c", "d"]
    given = [version_letters(f"{i:064x}", arms) for i in range(400)]
    orders = {tuple(letters[arm] for arm in arms) for letters in given}
    assert len(orders) == 24
    many = version_letters("0" * 64, [f"arm{i}" for i in range(30)])
    assert sorted(many.values(), key=lambda v: (len(v), v))[24:] == ["Y", "Z", "AA", "AB", "AC", "AD"]


def test_every_stretch_of_the_mailing_holds_the_versions_in_proportion() -> None:
    pieces = [(f"u{i:05d}", "A" if i % 4 else "B") for i in range(4_000)]
    order = interleaved("0" * 64, pieces)
    assert sorted(order) == sorted(u for u, _ in pieces)
    version = dict(pieces)
    for start in range(0, 4_000, 200):
        counts = Counter(version[u] for u in order[start : start + 200])
        assert abs(counts["A"] - 150) <= 1
