# Peers of our EM, run by em_peers.sh: Rscript em_peers.R DATA_DIR OURS_CSV ITERATIONS RUNS OUT_JSON
#
# Protocol: the same start responsibilities R0 (the start parameters for hmeEM), no stopping rule, T
# iterations, a warm-up run, then RUNS runs; the time of an iteration is the median of elapsed / T
# (also of the processor's time / T, in which other programs do not count).
# Prints the comparison, writes it as JSON and fails if ours is not accepted: log-likelihood at
# least flexmix's - 1e-6 (as flexmix gives it, and with its variances made maximum-likelihood ones),
# the same log-likelihood within 1e-5 if ours takes flexmix's variance, and a time per iteration at
# least 100 times smaller, elapsed and of the processor. On a machine under other load the ratio of
# the processor's times is the one to quote.

suppressMessages({
  library(flexmix)
  library(mixtools)
})

arguments <- commandArgs(trailingOnly = TRUE)
stopifnot(length(arguments) == 5)
folder <- arguments[1]
ours <- read.csv(arguments[2])
iterations <- as.integer(arguments[3])
runs <- as.integer(arguments[4])
out <- arguments[5]

cases <- c("P1", "P2", "P3")
checkpoints <- c(1, 2, 10, 50, iterations)

read_case <- function(name) {
  table <- read.csv(file.path(folder, paste0(name, ".csv")))
  x <- as.matrix(table[grep("^x", names(table))])
  start <- read.csv(file.path(folder, paste0(name, ".start.csv")))
  as_matrix <- function(part) {
    rows <- start[start$part == part, ]
    matrix(rows$value, nrow = ncol(x), byrow = TRUE)
  }
  list(name = name, y = table$y, x = x, covariates = x[, -1, drop = FALSE],
       r0 = as.matrix(table[grep("^r", names(table))]),
       gate = as_matrix("gate"), experts = as_matrix("expert"))
}

# Log-likelihood of coefficients: gate p x K (logits), beta p x K, sigma K.
log_likelihood <- function(case, gate, beta, sigma) {
  logits <- case$x %*% gate
  joint <- logits - apply(logits, 1, function(a) max(a) + log(sum(exp(a - max(a)))))
  for (k in seq_along(sigma)) {
    joint[, k] <- joint[, k] + dnorm(case$y, case$x %*% beta[, k], sigma[k], log = TRUE)
  }
  sum(apply(joint, 1, function(a) max(a) + log(sum(exp(a - max(a))))))
}

# Median elapsed and processor seconds per iteration of RUNS calls after one warm-up call.
timed <- function(call) {
  call()
  times <- replicate(runs, system.time(call())[c("elapsed", "user.self", "sys.self")])
  list(seconds = median(times["elapsed", ]) / iterations,
       cpu_seconds = median(times["user.self", ] + times["sys.self", ]) / iterations)
}

run_flexmix <- function(case, count) {
  flexmix(y ~ covariates, data = case[c("y", "covariates")], k = ncol(case$r0), cluster = case$r0,
          model = FLXMRglm(family = "gaussian"), concomitant = FLXPmultinom(~covariates),
          control = list(iter.max = count, tolerance = 0, minprior = 0))
}

# Its variance is sum r e^2 / mean(r) / (n - p); times (n - p) / n it is the maximum-likelihood one.
flexmix_with_ml_variance <- function(case, fit) {
  experts <- parameters(fit)
  p <- ncol(case$x)
  n <- nrow(case$x)
  log_likelihood(case, parameters(fit, which = "concomitant"), experts[seq_len(p), , drop = FALSE],
                 experts["sigma", ] * sqrt((n - p) / n))
}

measure_flexmix <- function(case) {
  fits <- lapply(checkpoints, function(count) run_flexmix(case, count))
  last <- fits[[length(fits)]]
  c(list(log_likelihood = sapply(fits, function(fit) as.numeric(logLik(fit))),
         ml_variance = flexmix_with_ml_variance(case, last)),
    timed(function() run_flexmix(case, iterations)))
}

run_hme <- function(case, count) {
  sink(nullfile())
  on.exit(sink())
  set.seed(1)
  hmeEM(case$y, case$covariates, beta = case$experts, sigma = c(1, 1), w = case$gate, k = 2,
        addintercept = TRUE, epsilon = 0, maxit = count)
}

# Two experts; its update of the gate uses the intercept and the first covariate only, so P1.
measure_hme <- function(case) {
  fit <- run_hme(case, iterations)
  c(list(log_likelihood = fit$all.loglik[checkpoints + 1], restarts = fit$restarts),
    timed(function() run_hme(case, iterations)))
}

# ----------------------------------------------------------------------------------------------

json <- function(value) {
  if (is.list(value)) {
    members <- paste0('"', names(value), '": ', sapply(value, json))
    return(paste0("{", paste(members, collapse = ", "), "}"))
  }
  text <- if (is.character(value)) paste0('"', value, '"') else sprintf("%.15g", value)
  if (is.logical(value)) text <- tolower(as.character(value))
  if (length(value) == 1) text else paste0("[", paste(text, collapse = ", "), "]")
}

our_fit <- function(name, variance) {
  row <- ours[ours$data == name & ours$variance == variance, ]
  list(log_likelihood = as.numeric(row[c("after_1", "after_2", "after_10", "after_50", "after_T")]),
       seconds = row$seconds, cpu_seconds = row$cpu_seconds)
}

final <- length(checkpoints)
accepted <- TRUE
results <- list()
for (name in cases) {
  case <- read_case(name)
  flexmix_fit <- measure_flexmix(case)
  ml <- our_fit(name, "ml")
  flexmix_variance <- our_fit(name, "flexmix")
  known <- our_fit(name, "known")
  speedup <- flexmix_fit$seconds / ml$seconds
  tolerance <- 1e-6
  better <- ml$log_likelihood[final] >= flexmix_fit$log_likelihood[final] - tolerance &&
    ml$log_likelihood[final] >= flexmix_fit$ml_variance - tolerance
  # A fixed point under that variance is no maximum, so neither side need be above the other.
  apart <- flexmix_variance$log_likelihood[final] - flexmix_fit$log_likelihood[final]
  reproduced <- abs(apart) <= 1e-5
  cpu_speedup <- flexmix_fit$cpu_seconds / ml$cpu_seconds
  fast <- min(speedup, cpu_speedup) >= 100
  accepted <- accepted && better && reproduced && fast
  results[[name]] <- list(n = nrow(case$x), p = ncol(case$x), experts = ncol(case$r0),
                          ours_ml_variance = ml, ours_flexmix_variance = flexmix_variance,
                          ours_known_variance = known, flexmix = flexmix_fit,
                          speedup_over_flexmix = speedup,
                          cpu_speedup_over_flexmix = cpu_speedup,
                          likelihood_accepted = better,
                          reproduced_with_flexmix_variance = reproduced, time_accepted = fast)
  cat(sprintf("\n%s  n = %d, p = %d, K = %d; log-likelihood after %s iterations\n", name,
              nrow(case$x), ncol(case$x), ncol(case$r0), paste(checkpoints, collapse = ", ")))
  show <- function(label, fit) {
    cat(sprintf("  %-28s %s  %9.1f us/iteration, %.1f of the processor\n", label,
                paste(sprintf("%14.6f", fit$log_likelihood), collapse = ""),
                1e6 * fit$seconds, 1e6 * fit$cpu_seconds))
  }
  show("ours, ML variance", ml)
  show("ours, flexmix's variance", flexmix_variance)
  show("ours, sigma = 1 known", known)
  show("flexmix", flexmix_fit)
  cat(sprintf("  %-28s %14s%14s%14s%14s%14.6f\n", "flexmix, ML variance", "", "", "", "",
              flexmix_fit$ml_variance))
  if (name == "P1") {
    hme <- measure_hme(case)
    results[[name]]$hmeEM <- hme
    results[[name]]$speedup_over_hmeEM <- hme$seconds / ml$seconds
    results[[name]]$cpu_speedup_over_hmeEM <- hme$cpu_seconds / ml$cpu_seconds
    show("mixtools hmeEM", hme)
    cat(sprintf("  hmeEM / ours: %.0f times the time, %.0f times the processor's\n",
                hme$seconds / ml$seconds, hme$cpu_seconds / ml$cpu_seconds))
  }
  cat(sprintf(paste0("  flexmix / ours: %.0f times the time, %.0f times the processor's (%s); ",
                     "log-likelihood %s\n"),
              speedup, cpu_speedup, if (fast) "accepted" else "TOO SMALL, 100 is asked for",
              if (better) "accepted" else "BELOW FLEXMIX"))
  cat(sprintf("  with flexmix's variance ours is %.1e away from it (%s)\n", apart,
              if (reproduced) "accepted" else "MORE THAN 1e-5"))
}

# R has no name of the processor; Linux has.
cpu <- sub(".*: *", "", grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)[1])
context <- list(date = format(Sys.time(), "%Y-%m-%dT%H:%M:%S%z"), processor = cpu,
                cores = parallel::detectCores(), R = as.character(getRversion()),
                flexmix = as.character(packageVersion("flexmix")),
                mixtools = as.character(packageVersion("mixtools")),
                command = "tests/bench/peers/em_peers.sh", threads = 1, iterations = iterations,
                runs = runs, times = "seconds per iteration", after = checkpoints,
                load = scan("/proc/loadavg", "", quiet = TRUE)[1])
members <- sapply(names(results), function(name) {
  paste0('    "', name, '": ', json(results[[name]]))
})
writeLines(c("{", paste0('  "context": ', json(context), ","), '  "data": {',
             paste(members, collapse = ",\n"), "  }", "}"), out)
cat(sprintf("\nwritten to %s\n", out))
if (!accepted) quit(status = 1)
