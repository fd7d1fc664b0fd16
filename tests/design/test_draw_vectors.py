"""The worked answers of the draw: every byte string of the draw, from id to arm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rct.design.beacon import parse
from rct.design.schemes import SCHEMES, conduct, declare
from rct.design.tickets import cluster_ids, draw_key, frame_hash, seed_commitment, ticket, unit_id

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "reference" / "draw_vectors.json").read_text(encoding="utf-8")
)
KEY = bytes.fromhex(VECTORS["private_key"])
CASES = pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])


def test_the_commitment_is_of_the_seeds_ascii_digits() -> None:
    assert seed_commitment(VECTORS["seed"]) == VECTORS["seed_commitment"]


@pytest.mark.parametrize("trim", VECTORS["trimming"], ids=lambda trim: trim["unit"])
def test_ids_are_trimmed_and_composed_before_they_are_hashed(trim: dict[str, str]) -> None:
    name = VECTORS["cases"][0]["name"]
    assert unit_id(KEY, name, trim["given"]) == unit_id(KEY, name, trim["id"]) == trim["unit"]


@CASES
def test_pseudonyms_of_units_and_clusters(case: dict[str, Any]) -> None:
    assert [unit_id(KEY, case["name"], id) for id in case["ids"]] == case["units"]
    made = [label and cluster_ids(KEY, case["name"], [label])[0] for label in case["cluster_labels"]]
    assert made == case["clusters"]


@CASES
def test_frame_hash_and_key(case: dict[str, Any]) -> None:
    hashed = frame_hash(case["units"], case["blocks"], case["clusters"])
    assert hashed == case["frame_hash"]
    assert parse(case["beacon"]).text == case["beacon"]
    assert draw_key(VECTORS["seed"], VECTORS["plan_hash"], hashed, case["beacon"]) == case["K"]


@CASES
def test_tickets_and_arms(case: dict[str, Any]) -> None:
    draw = _conduct(case)
    assert draw.arm_names == case["assignment"]
    assert draw.ticket[0] == case["ticket_of_first"]


def test_the_vectors_cover_every_scheme() -> None:
    assert {_conduct(case).design.scheme for case in VECTORS["cases"]} == set(SCHEMES)


def test_a_ticket_of_one_is_the_ticket_of_many() -> None:
    case = VECTORS["cases"][0]
    assert _conduct(case).ticket == [ticket(case["K"], "unit", unit) for unit in case["units"]]


def _conduct(case: dict[str, Any]) -> Any:
    blocks = case["blocks"] if any(case["blocks"]) else None
    clusters = case["clusters"] if any(case["clusters"]) else None
    scheme = "_".join(["blocked"] * bool(blocks) + ["clustered"] * bool(clusters)) or "complete"
    return conduct(declare(scheme, case["arms"], case["shares"]), case["K"], case["units"], blocks, clusters)
