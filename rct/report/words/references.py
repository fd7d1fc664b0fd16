"""The literature that the method sentences name, each in one line."""

from __future__ import annotations

from collections.abc import Iterable

from rct.language import listed

REFERENCES: dict[str, str] = {
    "Bell and McCaffrey 2002": (
        "Bell, R. M. and McCaffrey, D. F. (2002). Bias reduction in standard errors for "
        "linear regression with multi-stage samples. Survey Methodology 28(2), 169–181."
    ),
    "DellaVigna and Linos 2022": (
        "DellaVigna, S. and Linos, E. (2022). RCTs to scale: comprehensive evidence from two nudge units. "
        "Econometrica 90(1), 81–116."
    ),
    "Birch 1965": (
        "Birch, M. W. (1965). The detection of partial association, II: the general case. Journal of the Royal "
        "Statistical Society B 27(1), 111–124."
    ),
    "Chung and Romano 2013": (
        "Chung, E. and Romano, J. P. (2013). Exact and asymptotically robust permutation tests. Annals of Statistics "
        "41(2), 484–507."
    ),
    "Fogarty 2018": (
        "Fogarty, C. B. (2018). Regression-assisted inference for the average treatment effect in "
        "paired experiments. Biometrika 105(4), 994–1000."
    ),
    "Fisher 1935": "Fisher, R. A. (1935). The Design of Experiments. Oliver and Boyd.",
    "Freedman 2008": (
        "Freedman, D. A. (2008). On regression adjustments to experimental data. Advances in Applied "
        "Mathematics 40(2), 180–193."
    ),
    "Hansen and Bowers 2008": (
        "Hansen, B. B. and Bowers, J. (2008). Covariate balance in simple, stratified and "
        "clustered comparative studies. Statistical Science 23(2), 219–236."
    ),
    "Holm 1979": (
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal "
        "of Statistics 6(2), 65–70."
    ),
    "Imai, King and Nall 2009": (
        "Imai, K., King, G. and Nall, C. (2009). The essential role of pair matching in cluster-randomized experiments, "
        "with application to the Mexican Universal Health Insurance Evaluation. Statistical Science 24(1), 29–53."
    ),
    "Imbens and Rubin 2015": (
        "Imbens, G. W. and Rubin, D. B. (2015). Causal Inference for Statistics, Social, and "
        "Biomedical Sciences. Cambridge University Press."
    ),
    "Lin 2013": (
        "Lin, W. (2013). Agnostic notes on regression adjustments to experimental data: reexamining "
        "Freedman's critique. Annals of Applied Statistics 7(1), 295–318."
    ),
    "MacKinnon and White 1985": (
        "MacKinnon, J. G. and White, H. (1985). Some heteroskedasticity-consistent covariance matrix"
        " estimators with improved finite sample properties. Journal of Econometrics 29(3), 305–325."
    ),
    "Mantel and Haenszel 1959": (
        "Mantel, N. and Haenszel, W. (1959). Statistical aspects of the analysis of data from retrospective studies of "
        "disease. Journal of the National Cancer Institute 22(4), 719–748."
    ),
    "Miratrix, Sekhon and Yu 2013": (
        "Miratrix, L. W., Sekhon, J. S. and Yu, B. (2013). Adjusting treatment effect estimates by"
        " post-stratification in randomized experiments. Journal of the Royal Statistical Society B 75(2),"
        " 369–396."
    ),
    "Newcombe 1998": (
        "Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of "
        "eleven methods. Statistics in Medicine 17(8), 873–890."
    ),
    "Neyman 1923": (
        "Neyman, J. (1923). On the application of probability theory to agricultural experiments. "
        "Essay on principles, section 9. Translated in Statistical Science 5(4), 465–472 (1990)."
    ),
    "Pashley and Miratrix 2021": (
        "Pashley, N. E. and Miratrix, L. W. (2021). Insights on variance estimation for "
        "blocked and matched pairs designs. Journal of Educational and Behavioral Statistics 46(3), 271–296."
    ),
    "Pustejovsky and Tipton 2018": (
        "Pustejovsky, J. E. and Tipton, E. (2018). Small-sample methods for cluster-robust variance"
        " estimation and hypothesis testing in fixed effects models. Journal of Business and Economic"
        " Statistics 36(4), 672–683."
    ),
    "Welch 1947": (
        "Welch, B. L. (1947). The generalization of 'Student's' problem when several different "
        "population variances are involved. Biometrika 34(1–2), 28–35."
    ),
    "Phipson and Smyth 2010": (
        "Phipson, B. and Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical "
        "Applications in Genetics and Molecular Biology 9(1), article 39."
    ),
    "Young 2019": (
        "Young, A. (2019). Channeling Fisher: randomization tests and the statistical insignificance of "
        "seemingly significant experimental results. Quarterly Journal of Economics 134(2), 557–598."
    ),
}


def cited(texts: Iterable[str]) -> tuple[str, ...]:
    """The references that the texts name, in order of author."""
    joined = "\n".join(texts)
    both = listed(["", ""])  # " and "
    named = (
        full
        for key, full in sorted(REFERENCES.items())
        if key in joined or key.replace(" and ", both) in joined
    )
    return tuple(named)
