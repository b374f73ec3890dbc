#!/usr/bin/env bash
# campaign.sh WHAT [--seed S] [--first N] [--count N] [--seconds T] [--results FILE] [--build DIR]
#
#   kills    rounds of 25 kill -9 of training on two ranks (a rank, all, mpirun), each run compared bit for bit with one that nothing
#            interrupted
#   trains   rounds of 50 of training on one rank, started without a launcher
#   commits  rounds of 1,000 of a process that only owns a directory, counts and commits
#   shards   preprocessing on 1 to 8 ranks, and rounds of 25 kill -9 of it; shards compared byte for byte
#   storms   rounds of 10 storms of signals over each of preprocessing, training and evaluation
#   calls    the n-th system call of a commit killed or failed, for all n; full disks; then, a round i, call i of a whole training and
#            every 400th after it, and of a whole preprocessing and evaluation and every 20th: killed, and failed with each of five
#            errors. 20 rounds have all calls of the last two
#   crashes  crashes of the machine while a checkpoint is committed: every state that may be found afterwards
#   limits   rounds of 20 time limits of 3 to 8 s, or of one of T seconds (600 and more: 97 % of it must be used), enforced by a kill
#   owners   rounds of 100 races for a run directory, and 20 owners that come back from the dead
#
# Round i of a campaign has seed S + i and can be repeated alone (--first i --count 1). A line a round is appended to FILE; the last
# line printed is the sum. Ends with 1 where a round failed.
set -uo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
what=${1:-} seed=1000 first=0 count=1 seconds=0 results=campaign.txt build=$here/build/release
[ $# -gt 0 ] && shift
while [ $# -gt 1 ]; do
  case $1 in
    --seed) seed=$2 ;;
    --first) first=$2 ;;
    --count) count=$2 ;;
    --seconds) seconds=$2 ;;
    --results) results=$2 ;;
    --build) build=$2 ;;
    *) sed -n '2,18s/^# \{0,1\}//p' "$0"; exit 64 ;;
  esac
  shift 2
done
tests=$build/tests
# A killed process leaves what it wrote to the operating system, on any file system; in memory a sync costs nothing.
in_memory() { TMPDIR=/dev/shm "$@"; }
round() {  # round NUMBER: runs it, prints what it says
  local number=$1
  case $what in
    kills) STRATA_KILLS=25 STRATA_KILL_SEED=$((seed + number)) "$tests/kill_campaign_test" ;;
    storms) STRATA_STORMS=10 STRATA_STORM_SEED=$((seed + number)) "$tests/signal_storm_test" ;;
    shards)
      STRATA_MOST_RANKS=8 STRATA_SHARD_KILLS=25 STRATA_KILL_SEED=$((seed + number)) "$tests/preprocess_program_test" \
        --gtest_filter='*AnyNumberOfRanks:*AfterEveryKill' ;;
    trains) STRATA_TRAINING_KILLS=50 STRATA_KILL_SEED=$((seed + number)) in_memory "$tests/training_faults_test" --gtest_filter='*AKill*' ;;
    commits) STRATA_COMMIT_KILLS=1000 STRATA_KILL_SEED=$((seed + number)) in_memory "$tests/commit_kills_test" ;;
    calls)
      "$tests/checkpoint_faults_test" &&
        STRATA_CALL_FIRST=$((number + 1)) STRATA_CALL_STRIDE=400 in_memory "$tests/training_faults_test" --gtest_filter='-*AKill*' &&
        STRATA_CALL_FIRST=$((number + 1)) STRATA_CALL_STRIDE=20 in_memory "$tests/preprocess_faults_test" &&
        STRATA_CALL_FIRST=$((number + 1)) STRATA_CALL_STRIDE=20 in_memory "$tests/evaluation_faults_test" ;;
    crashes) STRATA_TORN_WRITES=500 STRATA_UNSURE_NAMES=10 STRATA_CRASH_SEED=$((seed + number)) in_memory "$tests/crash_states_test" ;;
    limits)
      STRATA_LIMITS=$((seconds > 0 ? 1 : 20)) STRATA_LIMIT_SECONDS=$seconds STRATA_LIMIT_GRACE=0 STRATA_LIMIT_SEED=$((seed + number)) \
        "$tests/time_limits_test" ;;
    owners) STRATA_OWNER_RACES=100 STRATA_ZOMBIES=20 "$tests/base_test" --gtest_filter='OwnerFile.*' ;;
    *) sed -n '2,18s/^# \{0,1\}//p' "$0"; return 64 ;;
  esac
}
passed=0 failed=0 began=$SECONDS
for ((i = first; i < first + count; i++)); do
  log=$(mktemp)
  if round "$i" > "$log" 2>&1; then
    passed=$((passed + 1)) verdict=passed
  else
    failed=$((failed + 1)) verdict=FAILED
    cp "$log" "$results.$what-$i.log"
  fi
  echo "$(date -u +%FT%TZ) $what round $i seed $((seed + i)) $verdict: $(grep -E ' kills \(|storms, | deaths, | failures reported| crash states | limits \(' "$log" | tr '\n' ' ')" >> "$results"
  rm -f "$log"
done
echo "$what: $passed rounds passed, $failed failed, seed $seed from round $first, $((SECONDS - began)) s; $results"
[ $failed = 0 ] && [ $passed -gt 0 ]
