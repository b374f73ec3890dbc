# shellcheck shell=bash source=jobs/clusters/example.env
# Sourced by the job scripts, in the folder they were submitted from: cluster settings, and run PROGRAM ARGUMENT...
#
# run starts PROGRAM on all tasks of the job, hands USR1 and TERM of the batch shell on to it, and ends the script with its exit code.
# 75 (stopped early, all done is kept) puts the job back into the queue, except where another job of a chain goes on (array tasks, and
# where CHAIN=1), and where the job is being ended from outside (scancel, preemption, which requeues by itself): it is COMPLETING then, and a
# job that its user cancels must not come back.
. "jobs/clusters/${CLUSTER:-example}.env"

run() {
  local code=0 launcher signalled=
  $LAUNCH "$STRATA_BIN/$1" "${@:2}" &
  launcher=$!
  trap 'signalled=1; kill -USR1 $launcher 2>/dev/null || true' USR1 TERM
  while :; do  # a signal ends wait, not the program
    signalled=
    wait $launcher && code=0 || code=$?
    [ -n "$signalled" ] || break
  done
  trap '' USR1 TERM  # too late for the program, and no reason not to requeue
  if [ $code = 75 ] && [ -z "${SLURM_ARRAY_JOB_ID:-}" ] && [ -z "${CHAIN:-}" ] &&
    scontrol -o show job "$SLURM_JOB_ID" | grep -q 'JobState=RUNNING'; then
    scontrol requeue "$SLURM_JOB_ID"
  fi
  exit $code
}
