#!/usr/bin/env bash
# test.sh - sets up, builds and runs all tests.
#
#   ./test.sh                 everything that CI runs
#   ./test.sh --long          also what only runs long (campaigns, slow double-precision comparisons)
#   ./test.sh -R NAME ...     further options go to ctest (here: tests whose name matches NAME)
#   ./test.sh --preset asan   another CMake preset (build/asan)
#
# Where ../shared (or $STRATA_SHARED) holds numbers of the reference implementation, the tests that compare with them run too.
set -euo pipefail
cd "$(dirname "$0")"
. cmake/setup.sh

preset=release choose=(--label-exclude long) rest=()
while [ $# -gt 0 ]; do
  case $1 in
    --long) choose=(); shift ;;
    --preset) preset=${2:?--preset needs a name}; shift 2 ;;
    -h|--help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) rest+=("$1"); shift ;;
  esac
done

./build.sh --tests --preset "$preset"
say "running the tests in build/$preset"
# As many at a time as there are cores: a test that starts N ranks says so and counts N times.
exec ctest --test-dir "build/$preset" --output-on-failure --parallel "$(nproc)" --no-tests=error \
  ${choose[@]+"${choose[@]}"} ${rest[@]+"${rest[@]}"}
