"""Rules on the columns of the frame, the design, and the subgroups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rct.definition.eligible import Eligibility
from rct.definition.eligible import compile as compile_condition
from rct.definition.explain import DefinitionMistake
from rct.definition.keys import KeyPath, did_you_mean, dotted, shown
from rct.definition.view import UnknownError, View
from rct.design.beacon import parse_source
from rct.design.schemes import DEFAULT, SCHEMES, Scheme, fitting
from rct.errors import RctError, visible
from rct.estimate.estimators import ESTIMATORS, Estimator
from rct.tables.values import parse_number

LISTS: tuple[tuple[str, str], ...] = (
    ("frame", "covariates"),
    ("frame", "categories"),
    ("frame", "contact"),
    ("design", "blocks"),
    ("analysis", "subgroups"),
)
REGISTRY = (("frame", "covariates"), ("frame", "categories"), ("design", "blocks"))
ONLY_HERE = (("frame", "id"), ("design", "clusters"))


def twice_in_a_list(view: View, path: KeyPath) -> Iterator[DefinitionMistake]:
    columns: list[str] = view.get(*map(str, path), default=[])
    for column, count in Counter(columns).items():
        if count > 1:
            second = [i for i, c in enumerate(columns) if c == column][1]
            rule = f"{visible(column)} stands {count} times in {dotted(path)}."
            yield DefinitionMistake((*path, second), "column_twice", rule, "Name it once.", shown(column))


def contact_apart(view: View, path: KeyPath) -> Iterator[DefinitionMistake]:
    """A column is in the vault or in the registry, never in both."""
    contact = view.get("frame", "contact", default=[])
    for number, column in enumerate(view.get(*map(str, path), default=[])):
        if column in contact:
            rule = (
                f"{visible(column)} is in frame.contact, which stays encrypted in private/, and in "
                f"{dotted(path)}, which goes to the registry. A column is in one of them."
            )
            fix = "Take it out of one; what tells who a person is belongs in contact."
            yield DefinitionMistake((*path, number), "column_twice", rule, fix, shown(column))


def number_or_text(view: View) -> Iterator[DefinitionMistake]:
    numbers = view.get("frame", "covariates", default=[])
    for number, column in enumerate(view.get("frame", "categories", default=[])):
        if column in numbers:
            rule = f"{visible(column)} is in covariates (numbers) and in categories (text)."
            yield DefinitionMistake(
                ("frame", "categories", number),
                "column_twice",
                rule,
                "Keep the one that fits.",
                shown(column),
            )


def only_there(view: View, special: tuple[str, str], path: KeyPath) -> Iterator[DefinitionMistake]:
    """`id` and `clusters` are turned into codes; a second use would store them in the open."""
    column = view.get(*special)
    used = view.get(*map(str, path))
    if column is None or used is None:
        return
    for number, other in enumerate([used] if isinstance(used, str) else used):
        if other == column:
            where = path if isinstance(used, str) else (*path, number)
            rule = (
                f"{visible(column)} is {dotted(special)}, which rct turns into a code; "
                f"it can't be in {dotted(path)} too."
            )
            yield DefinitionMistake(
                where, "column_twice", rule, f"Take it out of {dotted(path)}.", shown(column)
            )


def opt_out_apart(view: View) -> Iterator[DefinitionMistake]:
    column = view.get("frame", "opt_out")
    if column is not None and column in view.get("frame", "contact", default=[]):
        rule = f"{visible(column)} is a yes/no column: it can't be in frame.contact."
        yield DefinitionMistake(
            ("frame", "opt_out"), "column_twice", rule, "Take it out of contact.", shown(column)
        )


def eligible(view: View) -> Iterator[DefinitionMistake]:
    """The condition is well formed, and reads neither contact columns nor the id."""
    here = ("frame", "eligible")
    text = view.get(*here)
    if text is None:
        return
    try:
        rule_of = compile_condition(text)
    except RctError as error:
        for problem in error.problems:
            yield DefinitionMistake(here, problem.code, problem.rule, problem.fix, problem.found)
        return
    used = rule_of.columns
    yield from _numbers_as_texts(view, rule_of)
    for path in (("frame", "contact"), ("frame", "id")):
        try:
            personal = view.get(*path, default=[])
        except UnknownError:
            continue
        for column in used:
            if column in ([personal] if isinstance(personal, str) else personal):
                rule = f"frame.eligible may not read {visible(column)}, which is in {dotted(path)}."
                fix = "Use another column of the file; it need not be named elsewhere and isn't stored."
                yield DefinitionMistake(here, "eligible_personal", rule, fix, visible(column))


def _numbers_as_texts(view: View, rule_of: Eligibility) -> Iterator[DefinitionMistake]:
    """A number of the definition that the condition compares with a text in quotes: '100' comes before '25'."""
    try:
        numbers = view.get("frame", "covariates", default=[])
    except UnknownError:
        return
    for column in numbers:
        quoted = [c for c in rule_of.compared.constants.get(column, ()) if isinstance(c, str) and c]
        if quoted:
            rule = (
                f"{visible(column)} is a number (frame.covariates), and the condition compares it with a text: "
                "as texts, '100' comes before '25', and '25.0' is not '25'."
            )
            fix = "Write the number without quotes."
            if parse_number(quoted[0]) is not None:
                fix = f"Write {visible(quoted[0])} without quotes, for example: {visible(column)} >= {visible(quoted[0])}"
            yield DefinitionMistake(
                ("frame", "eligible"), "number_as_text", rule, fix, visible(f"'{quoted[0]}'")
            )


def beacon(view: View) -> Iterator[DefinitionMistake]:
    """A source whose next value can be named in advance."""
    chosen = view.get("design", "beacon", default="none")
    try:
        parse_source(chosen)
    except RctError as error:
        for problem in error.problems:
            yield DefinitionMistake(
                ("design", "beacon"), problem.code, problem.rule, problem.fix, shown(chosen)
            )


def subgroups(view: View) -> Iterator[DefinitionMistake]:
    known = [*view.get("frame", "categories", default=[]), *view.get("design", "blocks", default=[])]
    for number, column in enumerate(view.get("analysis", "subgroups", default=[])):
        if column not in known:
            rule = f"A subgroup is one of frame.categories or design.blocks; {visible(column)} is in neither."
            fix = did_you_mean(column, known) or "Add it to categories in [frame]."
            yield DefinitionMistake(
                ("analysis", "subgroups", number), "unknown_column", rule, fix, shown(column)
            )


def chosen_scheme(view: View) -> Scheme:
    """The scheme that the file names. Raises `UnknownError` where there is none of this name."""
    name = view.get("design", "scheme", default=DEFAULT)
    if not isinstance(name, str) or name not in SCHEMES:
        raise UnknownError
    return SCHEMES[name]


def scheme(view: View) -> Iterator[DefinitionMistake]:
    """Blocks and clusters where the scheme needs them, and only there."""
    chosen = chosen_scheme(view)
    for key, needed, example in (
        ("blocks", chosen.needs_blocks, 'blocks = ["district"]'),
        ("clusters", chosen.needs_clusters, 'clusters = "household"'),
    ):
        given = view.get("design", key)
        if needed and not given:
            rule = f'scheme = "{chosen.name}" needs design.{key}.'
            yield DefinitionMistake(
                ("design", key), "scheme_needs", rule, f"Under [design] write, for example: {example}"
            )
        if given and not needed:
            fit = fitting(
                blocks=chosen.needs_blocks or key == "blocks",
                clusters=chosen.needs_clusters or key == "clusters",
            )
            rule = f'scheme = "{chosen.name}" has no {key}.'
            fix = f'Write scheme = "{fit[0].name}", or take {key} out.'
            yield DefinitionMistake(("design", key), "scheme_refuses", rule, fix, shown(given))


def block_weights(view: View) -> Iterator[DefinitionMistake]:
    """Blocks are weighed by precision where the estimator weighs them at all (`ols`): blocks of units."""
    given = view.get("analysis", "block_weights")
    estimator, chosen = view.get("analysis", "estimator"), chosen_scheme(view)
    fit = fitting(blocks=True, clusters=False)
    weigh = [e.name for e in ESTIMATORS.values() if e.weighs_blocks]
    if given is not None and (estimator not in weigh or chosen not in fit):
        names = " or ".join(f'"{s.name}"' for s in fit)
        ways = " or ".join(f'"{name}"' for name in weigh)
        rule = f"block_weights goes with estimator = {ways} and scheme = {names} alone."
        fix = f'Write estimator = "{weigh[0]}" under [analysis], or leave block_weights out.'
        yield DefinitionMistake(
            ("analysis", "block_weights"), "block_weights_do_not_fit", rule, fix, shown(given)
        )


def named_estimator(view: View) -> Estimator | None:
    """The estimator that the file names; None where it names none, or none that there is."""
    try:
        name = view.get("analysis", "estimator")
    except UnknownError:
        return None
    return ESTIMATORS.get(name) if isinstance(name, str) else None


def estimator(view: View) -> Iterator[DefinitionMistake]:
    """An estimator that has no error for clusters is not used where these are drawn."""
    chosen, named = chosen_scheme(view), named_estimator(view)
    if named is not None and not named.errors(clustered=chosen.needs_clusters):
        drawn = "clusters" if chosen.needs_clusters else "single units"
        rule = f'estimator = "{named.name}" has no standard error where {drawn} are drawn, as scheme = "{chosen.name}" does.'
        fix = "Choose another estimator, or leave it out."
        yield DefinitionMistake(("analysis", "estimator"), "estimator_refuses", rule, fix, shown(named.name))


def standard_errors(view: View) -> Iterator[DefinitionMistake]:
    """HC2 where units are drawn, CR2 where clusters are (docs/methods.md), unless the estimator has its own."""
    given = view.get("analysis", "standard_errors")
    chosen, estimator = chosen_scheme(view), named_estimator(view)
    usual = chosen.standard_errors
    fits = usual if estimator is None else estimator.standard_error(usual)
    if given is not None and given != fits:
        why = "whole clusters are drawn" if chosen.needs_clusters else "single units are drawn"
        if estimator is not None and fits != usual:
            why = f"{estimator.name} has its own"
        rule = f'standard_errors = "{given}" does not fit scheme = "{chosen.name}": {why}.'
        fix = f'Write standard_errors = "{fits}", or leave it out.'
        yield DefinitionMistake(
            ("analysis", "standard_errors"), "standard_errors_do_not_fit", rule, fix, shown(given)
        )
