# Answers for one arm against another that is not the control: the plan's estimators on all arms' rows.
# Run in this folder after make_reference.R and make_inference.R: Rscript make_between.R (writes between.json).
suppressMessages({library(estimatr); library(jsonlite)}); options(digits = 17)
cols <- c("estimate","std.error","statistic","p.value","conf.low","conf.high","df")
tid <- function(m, term) { t <- tidy(m); as.list(t[match(term, t$term), cols]) }
d <- read.csv("four_arms.csv"); others <- c("simple", "deadline")
ref <- function(other) { d$arm <- relevel(factor(d$arm), other); d }
welch <- function(other) { t <- tidy(difference_in_means(y ~ arm, d, condition1 = other, condition2 = "social")); as.list(t[1, cols]) }
each <- function(f) lapply(setNames(others, others), f)
b <- read.csv("blocked_arms.csv"); n <- table(b$block); mean_var <- function(arm) { k <- table(b$block[b$arm == arm]); list(m = tapply(b$y[b$arm == arm], b$block[b$arm == arm], mean), v = tapply(b$y[b$arm == arm], b$block[b$arm == arm], var) / k, k = k) }
s <- mean_var("social"); o <- mean_var("simple"); w <- n / sum(n); est <- sum(w * (s$m - o$m)); se <- sqrt(sum(w^2 * (s$v + o$v))); df <- sum(s$k + o$k - 2); half <- qt(.975, df) * se
write_json(list(
  versions = list(R = R.version.string, estimatr = as.character(packageVersion("estimatr"))),
  formula = "four_arms: difference_in_means of the two arms; lm_robust and lm_lin (HC2) with the other arm as the base level. blocked_arms: block differences weighted by the units of all arms, Neyman's variance, df rows of the two arms less two a block",
  difference_in_means = each(welch),
  ols = each(function(a) tid(lm_robust(y ~ arm + x1, ref(a), se_type = "HC2"), "armsocial")),
  lin = each(function(a) tid(lm_lin(y ~ arm, ~ x1, ref(a), se_type = "HC2"), "armsocial")),
  blocked_arms = list(estimate = est, std.error = se, statistic = est / se, p.value = 2 * pt(-abs(est / se), df), conf.low = est - half, conf.high = est + half, df = df)
), "between.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
