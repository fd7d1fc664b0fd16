"""What each column of the results means, for docs/results.md; names and order are `RESULT_COLUMNS`."""

from __future__ import annotations

from typing import NamedTuple


class Meaning(NamedTuple):
    """A column in words: what it holds, in which unit, and when it is empty."""

    says: str
    unit: str
    empty: str = "never"


_EFFECT = "the outcome's: a share for binary (0.01 is one percentage point), else as in the file"
_NO_NUMBER = "where nothing could be estimated (too few units in a level)"
_NO_TEST = "where the standard error is 0 or has no degrees of freedom, and where nothing could be estimated"
_WITHIN = "in rows over all units"

MEANINGS: dict[str, Meaning] = {
    "outcome": Meaning("The outcome's name in the plan.", "name"),
    "arm": Meaning("The arm that is compared.", "name"),
    "control": Meaning(
        "The arm that it is compared with: the plan's control; where `term` is `between`, another arm.",
        "name",
    ),
    "term": Meaning(
        "`arm`: the effect of the arm, over all units or inside one level. `interaction`: how the effect in "
        "`level` differs from the effect in the column's reference level: the first in byte order that was recorded "
        "and could be estimated. `between`: the arm to adopt against another by the plan's estimator, on the outcome that "
        "decides ([methods.md, section 13](methods.md#13-the-decision-rule)).",
        "`arm`, `interaction` or `between`",
    ),
    "subgroup": Meaning("The column by which units are told apart.", "column name", _WITHIN),
    "level": Meaning("The value of that column; `(not recorded)` where its cell is empty.", "text", _WITHIN),
    "estimate": Meaning(
        "The average effect of being drawn into the arm and not into the control; for an interaction the difference "
        "between two such effects.",
        _EFFECT,
        _NO_NUMBER,
    ),
    "std_error": Meaning("Its standard error, of the kind `se_type`.", "as `estimate`", _NO_NUMBER),
    "statistic": Meaning("`estimate` / `std_error`.", "none", _NO_TEST),
    "df": Meaning("Degrees of freedom of Student's t.", "none; may be a fraction", _NO_TEST),
    "p_value": Meaning("Two-sided p-value, not adjusted.", "0 to 1", _NO_TEST),
    "p_adjusted": Meaning(
        "The p-value adjusted within `family` by the plan's method.",
        "0 to 1",
        "where `family` or `p_value` is empty",
    ),
    "family": Meaning(
        "The comparisons that are adjusted together: `primary`, or `subgroup:COLUMN` for the interactions.",
        "name",
        "in rows that belong to no family (secondary outcomes, effects inside a level, one arm against another), and in "
        "all rows where the plan adjusts nothing",
    ),
    "p_randomization": Meaning(
        "P-value by randomization inference: the difference in means over its standard error, for `ols` and `lin` of the "
        "outcome less what the covariates explain.",
        "0 to 1",
        "in rows of a level, an interaction or between two arms, and where the lots could not have fallen otherwise",
    ),
    "randomization_draws": Meaning(
        "How many arrangements `p_randomization` rests on.",
        "count",
        "in rows of a level, an interaction or between two arms",
    ),
    "conf_level": Meaning("Level of the interval: 1 − alpha.", "0 to 1"),
    "conf_low": Meaning(
        "Lower end: estimate − t quantile × std_error. Not adjusted.", "as `estimate`", _NO_TEST
    ),
    "conf_high": Meaning("Upper end, likewise.", "as `estimate`", _NO_TEST),
    "n": Meaning(
        "Units in the fit, all with a known outcome: those of the two arms for `difference_in_means`, of all arms for "
        "`ols` and `lin`. For an interaction: over all levels.",
        "units",
    ),
    "n_arm": Meaning("Those of them in the arm.", "units"),
    "n_control": Meaning("Those of them in the arm `control`.", "units"),
    "n_clusters": Meaning("Clusters in the fit.", "clusters", "without clusters"),
    "n_blocks": Meaning(
        "Strata in the fit: blocks after small ones were merged.",
        "strata",
        "without blocks, and where nothing could be estimated",
    ),
    "n_drawn": Meaning(
        "Units drawn into the fit's arms: `n` + `n_missing` + `n_without_comparison`.", "units"
    ),
    "n_missing": Meaning("Those of them without a known outcome.", "units"),
    "mean_control": Meaning(
        "The mean of the arm `control` on the estimate's own weights (for `ols` and `lin` its prediction at the mean "
        "covariates): `mean_control` + `estimate` is the arm's mean.",
        "as `estimate`",
        "for interactions, and where nothing could be estimated",
    ),
    "estimator": Meaning("The plan's estimator.", "`difference_in_means`, `ols` or `lin`"),
    "se_type": Meaning("The plan's standard errors.", "`HC2` or `CR2`"),
    "role": Meaning(
        "`confirmatory` if the plan that was in force when the first outcome came in has this outcome, measured and "
        "estimated so, and this subgroup; else `exploratory`, as is each row between two arms.",
        "`confirmatory` or `exploratory`",
    ),
    "fragile": Meaning(
        "Why the t test may mislead here: `few_events` (under 10 units of an arm have, or lack, another value than most), "
        "`skewed` (unequal arms and a skewed outcome), `unlike_skew` (one arm's outcome is far more "
        "skewed), `few_units` (a small arm carries the error), `few_clusters` (few "
        "clusters decide), `tests_disagree` (none of these, but `p_randomization` refutes the p-value), "
        "`worthwhile_open` (nor that, but the randomization test does not reject the least worthwhile effect, as the t "
        "interval does). "
        "A verdict then asks for `p_randomization` too, and another interval is told: "
        "[methods.md, section 13](methods.md#13-the-decision-rule).",
        "codes, apart by commas",
        "where nothing speaks for it, for interactions, and where there is no test",
    ),
    "n_without_comparison": Meaning(
        "Units of the fit's arms with a known outcome that no number rests on: in their block nobody of another arm is "
        "left to compare them with ([methods.md, section 9](methods.md#9-small-blocks)).",
        "units",
    ),
}
