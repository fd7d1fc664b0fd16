# Every confirmatory line of the results again, without rct. Needs R with estimatr.
#
#   Rscript analysis.R
#
# data.csv has a row a unit; lines.csv a row a line of the results: by which formula (docs/methods.md of rct), of which
# units. A column s1, s2, ... of data.csv holds the stratum of each unit of one fit; it is empty where the unit is not in
# it. Strata are the blocks of the draw, small ones merged by the rule of docs/methods.md, section 9: that rule is not done
# again here. Nor are randomization p-values, and the lines whose column why_not says so.

suppressPackageStartupMessages(library(estimatr))
options(digits = 10, width = 200)
text <- c(unit = "character", block = "character", cluster = "character", arm = "character")
d <- read.csv("data.csv", na.strings = "", colClasses = text)
lines <- read.csv("lines.csv", na.strings = "",
                  colClasses = c(arm = "character", control = "character", level = "character", x = "character",
                                 x_means = "character", why_not = "character", family = "character",
                                 against = "character", among = "character"))
words <- function(text) if (is.na(text)) character(0) else strsplit(text, " ", fixed = TRUE)[[1]]

units <- function(sample, y) {
  e <- d[!is.na(d[[sample]]), ]
  e$s <- factor(e[[sample]])
  e$y <- as.numeric(e[[y]])
  e
}

# A difference in means of units: large strata by Neyman, those with a single unit by Pashley and Miratrix (2021).
means <- function(e, l) {
  b <- do.call(rbind, lapply(split(e, e$s), function(q) {
    a <- q$y[q$arm == l$arm]; c <- q$y[q$arm == l$control]
    data.frame(n = nrow(q), tau = mean(a) - mean(c), a = length(a), c = length(c),
               va = var(a) / length(a), vc = var(c) / length(c))
  }))
  N <- sum(b$n); S <- b[pmin(b$a, b$c) == 1, ]; L <- b[pmin(b$a, b$c) > 1, ]
  VL <- sum((L$n / N)^2 * (L$va + L$vc)); residual <- sum(L$a + L$c - 2)
  VS <- 0; own <- residual
  if (nrow(S) > 0) {
    NS <- sum(S$n); cb <- S$n^2 / (NS - 2 * S$n)
    VS <- (NS / N)^2 * sum(cb / (NS + sum(cb)) * (S$tau - sum(S$n * S$tau) / NS)^2)
    own <- if (nrow(L) > 0) NA else nrow(S) - 1
  }
  df <- if (l$blocked == 0) VL^2 / sum(L$va^2 / (L$a - 1), L$vc^2 / (L$c - 1))
        else if (nrow(S) == 0) residual
        else if (nrow(L) == 0) nrow(S) - 1
        else (VL + VS)^2 / (VL^2 / residual + VS^2 / (nrow(S) - 1))
  list(estimate = sum(b$n / N * b$tau), se = sqrt(VL + VS), df = df, residual = own)
}

pairs_of_clusters <- function(e, l) {
  N <- nrow(e)
  each <- sapply(split(e, e$s), function(q) nrow(q) / N * (mean(q$y[q$arm == l$arm]) - mean(q$y[q$arm == l$control])))
  B <- length(each)
  list(estimate = sum(each), se = sqrt(B / (B - 1) * sum((each - mean(each))^2)), df = B - 1, residual = B - 1)
}

regression <- function(y, M, target, weights = NULL, clusters = NULL) {
  e <- data.frame(y = y); e$M <- M
  if (!is.null(weights)) e$w <- weights
  if (!is.null(clusters)) e$g <- clusters
  fit <- if (is.null(clusters)) {
    if (is.null(weights)) lm_robust(y ~ M, e, se_type = "HC2") else lm_robust(y ~ M, e, weights = w, se_type = "HC2")
  } else {
    if (is.null(weights)) lm_robust(y ~ M, e, clusters = g, se_type = "CR2")
    else lm_robust(y ~ M, e, weights = w, clusters = g, se_type = "CR2")
  }
  name <- if (target == "(Intercept)") target else if (ncol(M) == 1) "M" else paste0("M", target)
  list(estimate = fit$coefficients[[name]], se = fit$std.error[[name]], df = fit$df[[name]],
       residual = length(y) - fit$rank)
}

centered <- function(m) sweep(m, 2, colMeans(m))
indicators <- function(values, first, label) {
  kept <- setdiff(sort(unique(values)), first)
  m <- vapply(kept, function(v) as.numeric(values == v), numeric(length(values)))
  colnames(m) <- sprintf("%s_%s", label, kept); m
}
crossed <- function(A, Z) {
  parts <- lapply(seq_len(ncol(A)), function(j) { m <- Z * A[, j]; colnames(m) <- paste(colnames(A)[j], colnames(Z)); m })
  do.call(cbind, parts)
}

estimate <- function(l, sample = l$sample, x = l$x, x_means = l$x_means, method = l$method, weighted = l$weighted) {
  e <- units(sample, l$y)
  g <- if (l$clustered == 1) e$cluster else NULL
  X <- as.matrix(e[, words(x), drop = FALSE])
  B <- indicators(as.character(e$s), as.character(e$s)[1], "s")
  A <- indicators(e$arm, l$control, "arm"); target <- paste0("arm_", l$arm)
  switch(method,
    means = means(e, l),
    pairs_of_clusters = pairs_of_clusters(e, l),
    means_clustered = {
      first <- !duplicated(e$cluster)
      count <- function(arms) table(e$s[first & e$arm %in% arms])
      two <- count(c(l$arm, l$control))
      v <- as.numeric((count(unique(e$arm)) * two / (count(l$arm) * count(l$control)))[as.character(e$s)])
      k <- e$arm %in% c(l$arm, l$control)
      M <- cbind(A[k, target, drop = FALSE], B[k, , drop = FALSE])
      regression(e$y[k], M, target, weights = if (l$blocked == 1) v[k], clusters = g[k])
    },
    ols = {
      w <- if (weighted == 1) ave(e$y, e$s, FUN = length) / ave(e$y, e$s, e$arm, FUN = length)
      regression(e$y, cbind(A, X, B), target, weights = w, clusters = g)
    },
    lin = {
      Z <- centered(cbind(X, B))
      M <- if (ncol(Z) == 0) A else cbind(A, Z, crossed(A, Z))
      regression(e$y, M, target, clusters = g)
    },
    lin_block_effects = {
      Z <- centered(X)
      M <- if (ncol(Z) == 0) cbind(A, B) else cbind(A, Z, crossed(A, Z), B)
      regression(e$y, M, target, clusters = g)
    },
    lin_pairs = {
      side <- function(v, arm) sapply(split(seq_len(nrow(e)), e$s), function(i) mean(v[i][e$arm[i] == arm]))
      n <- as.numeric(table(e$s))
      D <- vapply(words(x), function(c) side(e[[c]], l$arm) - side(e[[c]], l$control), n)
      P <- vapply(words(x_means), function(c) { m <- as.numeric(tapply(e[[c]], e$s, mean)); m - sum(n * m) / sum(n) }, n)
      M <- cbind(D, P); dy <- side(e$y, l$arm) - side(e$y, l$control)
      w <- if (any(n != n[1])) n / mean(n)
      if (ncol(M) == 0) {
        w <- if (is.null(w)) rep(1, length(dy)) else w
        t <- lm_robust(dy ~ 1, data.frame(dy = dy, w = w), weights = w, se_type = "HC2")
        list(estimate = t$coefficients[[1]], se = t$std.error[[1]], df = t$df[[1]], residual = t$df[[1]])
      } else {
        colnames(M) <- seq_len(ncol(M)); regression(dy, M, "(Intercept)", weights = w)
      }
    })
}

one <- function(i) {
  l <- lines[i, ]
  if (!is.na(l$why_not)) return(NULL)
  if (l$term != "interaction") return(estimate(l))
  again <- function(at) { o <- fits[fits$sample == at, ]; estimate(l, at, o$x, o$x_means, o$method, o$weighted) }
  a <- again(l$sample); b <- again(l$against)
  own <- sapply(words(l$among), function(at) again(at)$residual)
  v <- a$se^2 + b$se^2
  df <- if (anyNA(own)) v^2 / (a$se^4 / a$df + b$se^4 / b$df) else sum(own)
  list(estimate = a$estimate - b$estimate, se = sqrt(v), df = df)
}

fits <- read.csv("fits.csv", na.strings = "", colClasses = c(x = "character", x_means = "character"))
told <- c("estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "p_adjusted")
found <- as.data.frame(matrix(NA_real_, nrow(lines), length(told), dimnames = list(NULL, told)))
for (i in seq_len(nrow(lines))) {
  r <- one(i)
  if (is.null(r)) next
  half <- qt(1 - (1 - lines$conf_level[i]) / 2, r$df) * r$se
  found[i, 1:6] <- c(r$estimate, r$se, r$df, 2 * pt(-abs(r$estimate / r$se), r$df), r$estimate - half, r$estimate + half)
}
# Holm within each family. A line that is not done here keeps its own p; one that has none, or is gone, counts as 1.
p <- ifelse(is.na(found$p_value), lines$p_value, found$p_value)
for (f in unique(na.omit(lines$family))) {
  i <- which(lines$family == f)
  all <- c(ifelse(is.na(p[i]), 1, p[i]), rep(1, lines$family_size[i[1]] - length(i)))
  found$p_adjusted[i] <- p.adjust(all, "holm")[seq_along(i)]
}
far <- 0
for (c in told) {
  there <- !is.na(found[[c]]) & !is.na(lines[[c]])
  size <- pmax(abs(lines[[c]]), if (c %in% c("estimate", "conf_low", "conf_high")) lines$std_error else 0, 1e-300)
  far <- max(far, (abs(found[[c]] - lines[[c]]) / size)[there], 0)
  stopifnot(!any(is.na(found[[c]]) & !is.na(lines[[c]]) & is.na(lines$why_not)))
}
write.csv(cbind(lines[c("outcome", "arm", "control", "term", "subgroup", "level")], found), "reproduced.csv", row.names = FALSE, na = "")
print(cbind(lines[c("outcome", "arm", "term", "level")], found), row.names = FALSE)
for (i in which(!is.na(lines$why_not))) cat("Not reproduced:", lines$outcome[i], lines$arm[i], lines$term[i], lines$level[i], "-", lines$why_not[i], "\n")
cat(sprintf("%d of %d lines reproduced; largest relative difference %.2g\n", sum(is.na(lines$why_not)), nrow(lines), far))
if (far > 1e-8) quit(status = 1)
