#!/bin/sh
# Side by side: our EM for mixtures of linear experts against flexmix (FLXMRglm with FLXPmultinom) and
# mixtools (hmeEM) on the same data from the same start, on one thread.
#
# The peers: apt-get install r-base-core r-cran-flexmix r-cran-mixtools   (Debian 12: R 4.2.2, flexmix 2.3-18,
# mixtools 2.0.0). Ours: cmake --build BUILD --target bench_em.
#
#   tests/bench/peers/em_peers.sh [BUILD]      BUILD: build/release unless given
#
# Prints both log-likelihoods and times, writes data/bench/em_peers.json. Exit status 1 if ours reaches a
# smaller log-likelihood or is not 100 times faster per iteration (em_peers.R says exactly).
set -eu
cd "$(dirname "$0")/../../.."
bench=${1:-build/release}/bin/bench_em
iterations=200
runs=3
if [ ! -x "$bench" ]; then
  echo "em_peers.sh: no $bench; build it with: cmake --build ${1:-build/release} --target bench_em" >&2
  exit 4
fi
if ! Rscript -e 'library(flexmix); library(mixtools)' >/dev/null 2>&1; then
  echo "em_peers.sh: R cannot load flexmix and mixtools; install r-cran-flexmix and r-cran-mixtools" >&2
  exit 4
fi

export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$bench" --write-data "$folder"
"$bench" --fit "$folder" $iterations $runs >"$folder/ours.csv"
mkdir -p data/bench
Rscript tests/bench/peers/em_peers.R "$folder" "$folder/ours.csv" $iterations $runs data/bench/em_peers.json
