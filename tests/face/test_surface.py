"""What `import rct` promises: names and signatures; that it is cheap; that packages of the same names stay packages."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import rct

ROOT = Path(__file__).parents[2]

SIGNATURES = {
    "draw": "table, *, arms, id, key, scheme='complete', blocks=None, clusters=None",
    "estimate": (
        "table, *, outcome, arm, control, scheme='complete', blocks=None, clusters=None, covariates=None, shares=None, "
        "estimator=None, standard_errors=None, alpha=0.05"
    ),
    "open": "path",
    "pool": "trials, *, outcome, others=None, arms=None, nudges=None, unit=None, worthwhile=None",
    "power": (
        "*, kind='binary', arms=None, control=None, units=None, baseline=None, minimum_effect=None, sd=None, power=0.8, "
        "alpha=0.05, multiplicity='holm', n_primary=1, direction='increase', clustered=False, cluster_size=None, "
        "cluster_size_cv=0.0, icc=None, r2=0.0"
    ),
    "read_bundle": "path, *, city=None, fingerprint=None, unsigned=False",
    "suppress": "table, threshold=10",
}
METHODS = {
    "City": {"name", "trials", "workspace"},
    "Trial": {
        "assignment", "city", "data", "deviations", "explore", "frame", "log", "name", "outcomes", "plan", "results",
        "stage", "verify",
    },
    "Estimates": {"dropped", "lines", "notes", "outcome", "role", "tidy"},
    "Bundle": {"evidence", "file", "fingerprint", "name", "results", "rows", "sha256", "signed_by"},
}  # fmt: skip


def bare(function: object) -> str:
    """A signature without its types."""
    parts, star = [], False
    for p in inspect.signature(function).parameters.values():  # type: ignore[arg-type]
        if p.kind is p.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        parts.append(p.name if p.default is p.empty else f"{p.name}={p.default!r}")
    return ", ".join(parts)


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_signatures_are_those_that_were_promised(name: str) -> None:
    assert bare(getattr(rct, name)) == SIGNATURES[name]


def test_the_names_are_those_that_were_promised() -> None:
    records = {"Bundle", "City", "Estimates", "Plan", "Pool", "Power", "Trial"}
    assert set(rct.__all__) == {*SIGNATURES, *records, "Problem", "RctError", "__version__"}
    assert dir(rct) == sorted(rct.__all__)
    for name in rct.__all__:
        assert getattr(rct, name) is not None
    with pytest.raises(AttributeError):
        rct.nonsense  # noqa: B018  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", METHODS)
def test_the_records_have_what_was_promised(name: str) -> None:
    record = getattr(rct, name)
    there = {n for n in dir(record) if not n.startswith("_")} | set(record.__dataclass_fields__)
    assert there == METHODS[name]
    assert record.__dataclass_params__.frozen
    assert callable(record._repr_html_)


def test_type_checkers_see_the_same_names_in_the_same_places() -> None:
    tree = ast.parse((ROOT / "rct" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [n for n in tree.body if isinstance(n, ast.If)]
    seen = {a.asname or a.name for n in block.body if isinstance(n, ast.ImportFrom) for a in n.names}
    assert seen == set(rct.__all__) - {"__version__"}
    assert (ROOT / "rct" / "py.typed").exists()


def loaded(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.splitlines()[-1].split())


def test_importing_rct_loads_nothing_heavy_and_no_command_loads_pandas() -> None:
    assert not loaded("import rct") & {"numpy", "pandas", "scipy", "pydantic", "click", "rct.face"}
    helping = "import rct.cli.main as m\ntry:\n m.main(['--help'])\nexcept SystemExit: pass"
    assert not loaded(helping) & {"numpy", "pandas", "scipy", "rct.face"}


def test_functions_stay_when_the_packages_of_their_names_are_loaded() -> None:
    code = (
        "import rct\nimport rct.draw.lots, rct.estimate.lin, rct.power.trial\n"
        "assert rct.draw.lots.assigned_rows and rct.power.assess\n"
        "assert rct.power(units=1000, baseline=0.4).mde > 0\n"
        "try: rct.draw(3, arms={'a': 1, 'b': 1}, id='x', key='0' * 64)\n"
        "except rct.RctError as e: assert e.problems[0].code == 'usage'\n"
    )
    assert "rct.face.drawing" in loaded(code)
