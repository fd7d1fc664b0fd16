# Fourth set of reference answers: randomization p-values over all arrangements, studentized by the design's own standard error (Neyman's in
# blocks, CR2 with clusters), and beside them those of the plain difference;
# and matched pairs of clusters. Run after make_methods.R: Rscript make_studentized.R (writes studentized.json).
# Needs Debian's r-base-core, r-cran-estimatr, r-cran-jsonlite.
suppressMessages({library(estimatr); library(jsonlite)}); options(digits = 17)
far <- function(x, observed) mean(abs(x) >= abs(observed) - 1e-9)
e <- read.csv("exact_blocks.csv"); of <- split(seq_len(nrow(e)), e$block); k <- sapply(of, function(i) sum(e$z[i]))
sub <- Map(function(i, m) combn(i, m, simplify = FALSE), of, k); grid <- expand.grid(lapply(sub, seq_along))
neyman <- function(z) { s <- sapply(of, function(i) { a <- e$y[i][z[i] == 1]; c <- e$y[i][z[i] == 0]; w <- length(i) / nrow(e); c(w * (mean(a) - mean(c)), w^2 * (var(a) / length(a) + var(c) / length(c))) }); c(sum(s[1, ]), sqrt(sum(s[2, ]))) }
observed <- neyman(e$z); all <- apply(grid, 1, function(r) { z <- integer(nrow(e)); z[unlist(Map(function(s, j) s[[j]], sub, r))] <- 1; neyman(z) })
blocks <- list(arrangements = ncol(all), statistic = observed[1] / observed[2], p_studentized = far(all[1, ] / all[2, ], observed[1] / observed[2]), p_difference = far(all[1, ], observed[1]))
f <- read.csv("few_clusters.csv"); names <- sort(unique(f$cluster)); treated <- unique(f$cluster[f$z == 1])
cr2 <- function(t) { m <- tidy(lm_robust(y ~ z, transform(f, z = as.integer(cluster %in% t)), clusters = cluster, se_type = "CR2")); c(m$estimate[2], m$std.error[2]) }
observed <- cr2(treated); all <- combn(names, length(treated), cr2)
clusters <- list(arrangements = ncol(all), statistic = observed[1] / observed[2], p_studentized = far(all[1, ] / all[2, ], observed[1] / observed[2]), p_difference = far(all[1, ], observed[1]))
# three arms of equal size (studentizing changes nothing): each arm against the control, the third arm's units left alone
m <- read.csv("maxt.csv"); welch <- function(a, c) c(mean(a) - mean(c), sqrt(var(a) / length(a) + var(c) / length(c)))
arms <- lapply(c(a = "a", b = "b"), function(arm) { y <- m$y[m$arm %in% c("control", arm)]; z <- m$arm[m$arm %in% c("control", arm)] == arm; o <- welch(y[z], y[!z]); r <- combn(length(y), sum(z), function(i) welch(y[i], y[-i])); list(arrangements = ncol(r), p_studentized = far(r[1, ] / r[2, ], o[1] / o[2]), p_difference = far(r[1, ], o[1])) })
# matched pairs of clusters of unlike size (Imai, King and Nall 2009, as estimatr has it), also with pair effects by CR2
set.seed(41); pc <- do.call(rbind, lapply(1:14, function(b) { z <- sample(0:1); do.call(rbind, lapply(1:2, function(j) { n <- sample(2:12, 1); data.frame(pair = sprintf("P%02d", b), cluster = sprintf("P%02dC%d", b, j), z = z[j], y = round(.1 * b + .4 * z[j] + rnorm(1, 0, .4) + rnorm(n), 4)) })) })); pc$unit_id <- sprintf("U%03d", seq_len(nrow(pc))); write.csv(pc, "pairs_of_clusters.csv", row.names = FALSE)
cols <- c("estimate","std.error","statistic","p.value","conf.low","conf.high","df"); tid <- function(m, term) { t <- tidy(m); as.list(t[match(term, t$term), cols]) }
pairs <- list(dim = tid(difference_in_means(y ~ z, pc, blocks = pair, clusters = cluster), "z"), ols = tid(lm_robust(y ~ z + factor(pair), pc, clusters = cluster, se_type = "CR2"), "z"))
write_json(list(versions = list(R = R.version.string, estimatr = as.character(packageVersion("estimatr"))), blocks = blocks, clusters = clusters, arms = arms, pairs_of_clusters = pairs), "studentized.json", auto_unbox = TRUE, digits = 15, pretty = TRUE)
