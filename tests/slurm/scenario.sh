#!/usr/bin/env bash
# scenario.sh ROOT BIN NAME - one scenario on the Slurm below ROOT (slurm_up.sh), with the executables in BIN: the job scripts of jobs/ as a
# user submits them. Ends with 0 where everything held; says what did not.
set -uo pipefail
root=${1:?} bin=${2:?} name=${3:?}
repository=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/env"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1 OMP_NUM_THREADS=1
# Two "nodes" are one machine: say so to TCP, and keep ranks from being bound to the same core.
export OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo OMPI_MCA_hwloc_base_binding_policy=none
scratch=$(mktemp -d "$root/scenario.XXXXXX")
failed=0
expect() {  # expect WHAT GOT WANTED
  if [ "$2" = "$3" ]; then echo "ok: $1"; else echo "FAILED: $1: got '$2', wanted '$3'"; failed=1; fi
}
log_has() { expect "the log says '$2'" "$(grep -c -- "$2" "$1" 2>/dev/null | sed 's/^[1-9][0-9]*$/yes/')" yes; }
log_lacks() { expect "the log does not say '$2'" "$(grep -c -- "$2" "$1")" 0; }
slurm() { timeout 60 "$@"; }
state_of() { slurm scontrol -o show job "$1" 2>/dev/null | grep -o 'JobState=[A-Z_]*' | head -1 | cut -d= -f2; }
until_true() {  # until_true SECONDS COMMAND...
  local end=$((SECONDS + $1)); shift
  until "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.3; done
}
until_state() {  # until_state JOB STATE [SECONDS]
  until_true "${3:-240}" eval '[ "$(state_of '"$1"')" = '"$2"' ]'
  expect "the state of job $1" "$(state_of "$1")" "$2"
}
rows() { local n; n=$(cat "$1/metrics.csv" 2>/dev/null | wc -l); echo $((n > 0 ? n - 1 : 0)); }
has_rows() { [ "$(rows "$1")" -ge "$2" ]; }
complete() { grep -q '"complete"' "$1/run.json" 2>/dev/null; }

# What the job scripts want to know.
cp -r "$repository/jobs" "$scratch/jobs"
cd "$scratch" || exit 1
cat > jobs/clusters/test.env <<ENV
STRATA_BIN=$bin
LAUNCH="\${LAUNCH:-srun --mpi=pmix}"
export OMPI_MCA_odls_base_sigkill_timeout=20
ENV
{ echo "threads = 1"; cat "$repository/tests/pipeline/tiny.ini"; } > config.ini
export CLUSTER=test CONFIG=$scratch/config.ini DATA=$scratch/data RUN=$scratch/run EVAL=$scratch/eval RAW=$scratch/raw
export DATASET=cityscapes SCALES=1
two_nodes=(--nodes=2 --ntasks-per-node=1)
make_data() {
  "$bin/strata-scenes" --output raw --count 13 --val-count 5 --size 96x64 --seed 3 &&
    mpirun -n 1 "$bin/strata-preprocess" --dataset cityscapes --input raw --output data --splits train,val
} > make_data.log 2>&1
# A job starts with more epochs than it gets to, and is stopped by what the scenario is about; few_epochs lets its next start reach the end.
epochs() { sed -i "s/^epochs = .*/epochs = $1/" config.ini; }
few_epochs() { epochs $(($(rows run) / 2 + 3)); }  # of 2 steps
no_squeue() { mkdir -p none; printf '#!/bin/sh\nexit 1\n' > none/squeue; chmod +x none/squeue; echo "PATH=$scratch/none:\$PATH" >> jobs/clusters/test.env; }
exit_of() { slurm scontrol -o show job "$1" | grep -o ' ExitCode=[0-9:]*' | cut -d= -f2; }
restarts() { slurm scontrol -o show job "$1" | grep -o ' Restarts=[0-9]*' | cut -d= -f2; }
wait_for_steps() { until_true 200 has_rows run 2 || { failed=1; echo "FAILED: no step"; cat train.log; }; }
ended() {
  until_true "${2:-100}" eval '! [[ $(state_of '"$1"') =~ RUNNING|COMPLETING|PENDING ]]' ||
    { failed=1; echo "FAILED: job $1 is still $(state_of "$1")"; }
}
complete_by_hand() {  # whatever ended it: the same command, without Slurm, from the newest checkpoint
  local newest stopped
  newest=$(basename "$(ls -d run/checkpoints/gen-?????? | tail -1)")
  stopped=$(sed -n 's/.*stopped after step \([0-9]*\) of.*/\1/p' train*.log 2>/dev/null | tail -1)
  few_epochs
  mpirun -q -n 1 --oversubscribe "$bin/strata-train" --config config.ini --data data --run run --norm.group 3 > by_hand.log 2>&1
  expect "the same command goes on" $? 0
  log_has by_hand.log "continues after step.*from checkpoint $newest"
  [ -z "$stopped" ] || log_has by_hand.log "continues after step $stopped of"
  expect "the run" "$(complete run && echo complete)" complete
}
# `norm.group` of a rank: no message of batch statistics goes over the network of two nodes that share a machine.
train() { slurm sbatch --parsable -o train.log --open-mode=append "$@" jobs/train.sbatch --norm.group 3 --checkpoint.every_steps 1; }

case $name in
  pipeline)  # three jobs chained by dependencies, on two nodes
    "$bin/strata-scenes" --output raw --count 13 --val-count 5 --size 96x64 --seed 3 > /dev/null
    out=$(slurm jobs/pipeline.sh "${two_nodes[@]}" --time=10)
    evaluate=${out##* }
    until_state "$evaluate" COMPLETED 300
    expect "the evaluation" "$([ -f eval/metrics.json ] && echo there)" there
    expect "the run" "$(complete run && echo complete)" complete
    ;;
  time_limit)  # --time=1: the program asks squeue, ends with 75 in time, the job requeues itself, and the run gets complete
    make_data
    epochs 100000
    job=$(train "${two_nodes[@]}" --time=1 --signal=B:CONT@1)  # not the script's USR1@300, which comes at once in a job of a minute
    until_true 200 grep -qs 'stopped after step' train.log || cat train.log
    log_has train.log "time limit from squeue"
    log_has train.log "stopped after step.*time limit in"
    few_epochs
    until_true 300 complete run || { cat train.log; state_of "$job"; slurm scancel "$job"; }
    until_state "$job" COMPLETED 30
    log_has train.log "continues after step"
    ;;
  limit_signal)  # --time=1, no squeue: Slurm's own --signal=B:USR1@T, handed on by jobs/launch.sh
    make_data
    epochs 100000
    no_squeue
    export CHAIN=1
    job=$(train "${two_nodes[@]}" --time=1 --signal=B:USR1@20)
    until_true 200 grep -qs 'stopped after step' train.log || cat train.log
    ended "$job"
    expect "exit code" "$(exit_of "$job")" 75:0
    log_has train.log "stopped after step.*signal 10"
    ;;
  # --time=1, mpirun in the foreground, no squeue, no signal asked for: TERM and KILL at the limit. What was committed stands. The same
  # with --signal=USR1@T: without B: it goes to the steps, and ranks that mpirun started are in none.
  limit_kill | limit_signal_without_b)
    make_data
    epochs 100000
    no_squeue
    warning=()
    [ $name = limit_kill ] || warning=(--signal=USR1@20)
    job=$(slurm sbatch --parsable -o train.log --nodes=1 --ntasks=2 --time=1 ${warning[@]+"${warning[@]}"} --wrap \
      "PATH=$scratch/none:\$PATH; mpirun --oversubscribe $bin/strata-train --config $CONFIG --data $DATA --run $RUN --norm.group 3 --checkpoint.every_steps 1")
    until_state "$job" TIMEOUT 200
    until_true 60 eval '! pgrep -f "$RUN " > /dev/null' || { failed=1; echo "FAILED: ranks outlive their job"; }
    log_lacks train.log "signal 10"
    complete_by_hand
    ;;
  signal_*)  # the warning signal, by each form: steps (srun), batch shell (B:), through mpirun
    make_data
    epochs 100000
    case $name in
      signal_srun_steps) how=(scancel -s USR1) ;;
      signal_srun_batch) how=(scancel -b -s USR1) ;;
      signal_mpirun_batch) how=(scancel -b -s USR1); export LAUNCH=mpirun ;;
      signal_srun_full) how=(scancel -f -s USR1) ;;
    esac
    export CHAIN=1
    job=$(train "${two_nodes[@]}" --time=10 --no-requeue)
    wait_for_steps
    slurm "${how[@]}" "$job"
    ended "$job"
    expect "exit code" "$(exit_of "$job")" 75:0
    log_has train.log "stopped after step.*signal 10"
    complete_by_hand
    ;;
  form_*)  # forms of scripts by hand, as the table of docs/slurm.md says
    make_data
    epochs 100000
    program="$bin/strata-train --config $CONFIG --data $DATA --run $RUN --norm.group 3 --checkpoint.every_steps 1"
    case $name in
      form_srun) line="srun --mpi=pmix $program"; how=(scancel -s USR1); code=75:0 ;;
      form_exec_mpirun) line="exec mpirun --oversubscribe $program"; how=(scancel -b -s USR1); code=75:0 ;;
      # Without exec the shell gets the signal, and dies of it: the job fails, and the ranks may live on for a while.
      form_mpirun) line="mpirun --oversubscribe $program; true"; how=(scancel -b -s USR1); code=0:10 ;;
      form_srun_shell) line="srun --mpi=pmix bash -c '$program; true'"; how=(scancel -s USR1); code=other ;;
      # Bash runs a trap after what it waits for: not in time.
      form_mpirun_trap) line="trap 'echo the trap ran' USR1; mpirun --oversubscribe $program"; how=(scancel -b -s USR1); code=none ;;
      form_srun_shell_exec) line="srun --mpi=pmix bash -c 'exec $program'"; how=(scancel -s USR1); code=75:0 ;;
    esac
    { echo '#!/bin/bash'; echo "$line"; } > form.sbatch
    job=$(slurm sbatch --parsable -o train.log --no-requeue --nodes=1 --ntasks=2 --time=10 form.sbatch)
    wait_for_steps
    slurm "${how[@]}" "$job"
    case $code in
      other)  # the shell between dies; only a kill ends what is left
        until_true 60 grep -q 'srun: error:.*User defined signal 1' train.log || log_has train.log 'srun: error:.*User defined signal 1'
        slurm scancel -s KILL "$job"; slurm scancel -f -s KILL "$job"
        ended "$job"
        expect "a job that failed" "$([[ $(state_of "$job") =~ FAILED|CANCELLED ]] && echo yes)" yes
        expect "another exit code than 0 and 75" "$([[ $(exit_of "$job") =~ ^(75|0):0$ ]] || echo yes)" yes
        ;;
      none)  # nothing happens until the job is ended from outside
        sleep 5
        expect "the state after the signal" "$(state_of "$job")" RUNNING
        log_lacks train.log "signal 10\|the trap ran"
        slurm scancel "$job"
        until_state "$job" CANCELLED 60
        ;;
      *)
        ended "$job"
        expect "exit code" "$(exit_of "$job")" "$code"
        [ "$code" != 0:10 ] || expect "the state" "$(state_of "$job")" FAILED
        ;;
    esac
    [ "$code" = 75:0 ] && log_has train.log "stopped after step.*signal 10"
    kill -KILL $(pgrep -f "strata-train.*--run $RUN ") 2>/dev/null  # orphans: ranks that outlive their job
    complete_by_hand
    ;;
  array)  # --array=1-3%1: one after the other; those after the end say that all is done
    make_data
    timeout 500 sbatch --wait --array=1-3%1 -o 'train-%a.log' "${two_nodes[@]}" --time=10 jobs/train.sbatch --norm.group 3 > sbatch.log
    expect "sbatch --wait" $? 0
    log_has train-1.log "best mean IoU"
    log_has train-3.log "already complete"
    ;;
  array_shared)  # tasks of an array at once on one directory, by mistake: one works, the other ends with 69
    make_data
    epochs 100000
    job=$(slurm sbatch --parsable --array=1-2 -o 'train-%a.log' --nodes=1 --ntasks=1 --time=10 jobs/train.sbatch --norm.group 3)
    until_true 300 grep -q "owned by a live job" train-1.log train-2.log || tail train-*.log
    wait_for_steps
    expect "tasks that were refused" "$(grep -l "owned by a live job" train-*.log | wc -l)" 1
    refused=$(grep -l "owned by a live job" train-*.log | head -1 | tr -dc 0-9)
    ended "${job}_$refused"
    expect "exit code of the refused one" "$(exit_of "${job}_$refused")" 69:0
    slurm scancel "$job"
    until_true 60 eval '[ -z "$(slurm squeue -h -j $job 2>/dev/null)" ]'
    complete_by_hand
    ;;
  scancel)  # TERM: committed and 75; the same command goes on
    make_data
    epochs 100000
    job=$(train "${two_nodes[@]}" --time=10)
    wait_for_steps
    slurm scancel "$job"
    until_state "$job" CANCELLED 60
    sleep 8  # it must not come back
    expect "the state later" "$(state_of "$job") after $(restarts "$job") restarts" "CANCELLED after 0 restarts"
    log_has train.log "stopped after step.*signal"
    "$bin/strata-run" status run > status.txt
    log_has status.txt "stopped: signal"
    complete_by_hand
    ;;
  node_loss)  # a node goes down: the job is requeued by Slurm and goes on
    make_data
    epochs 100000
    job=$(train "${two_nodes[@]}" --time=10)
    wait_for_steps
    few_epochs
    slurm scontrol update node=n1 state=down reason=test
    sleep 2
    slurm scontrol update node=n1 state=resume
    until_true 300 complete run || { cat train.log; state_of "$job"; }
    expect "the run" "$(complete run && echo complete)" complete
    log_has train.log "continues after step"
    until_state "$job" COMPLETED 60
    expect "restarts" "$(restarts "$job")" 1
    ;;
  preemption)  # a job of low priority gives way and goes on afterwards
    make_data
    epochs 100000
    job=$(train --partition=low "${two_nodes[@]}" --time=10 --exclusive)
    wait_for_steps
    few_epochs
    other=$(slurm sbatch --parsable --exclusive --nodes=2 --time=5 -o other.log --wrap 'sleep 3')
    until_state "$other" COMPLETED 120
    until_true 300 complete run || { cat train.log; state_of "$job"; }
    expect "the run" "$(complete run && echo complete)" complete
    log_has train.log "stopped after step"
    log_has train.log "continues after step"
    until_state "$job" COMPLETED 60
    expect "restarts" "$(restarts "$job")" 1
    ;;
  two_jobs)  # two jobs, one directory: one works, the other ends with 69
    make_data
    epochs 100000
    export CHAIN=1
    first=$(train --nodes=1 --nodelist=n0 --ntasks=1 --time=10)
    wait_for_steps
    timeout 200 sbatch --wait -o second.log --nodes=1 --nodelist=n1 --ntasks=1 --time=10 jobs/train.sbatch --norm.group 3 > sbatch.log
    expect "exit code of the second" $? 69
    log_has second.log "owned by a live job: job $first"
    slurm scancel -b -s USR1 "$first"
    ended "$first"
    expect "exit code of the first" "$(exit_of "$first")" 75:0
    ;;
  singletons)  # several tasks, each a world of one rank: launcher and MPI do not fit
    make_data
    timeout 500 sbatch --wait -o single.log --nodes=1 --ntasks=2 --time=5 --wrap "srun --mpi=none $bin/strata-train --config $CONFIG --data $DATA --run $RUN" > sbatch.log
    code=$?
    expect "neither task trains" "$([ $code != 0 ] && [ ! -e run/metrics.csv ] && echo refused)" refused
    log_has single.log 'copies of a one-rank job\|PMI support'
    ;;
  *) echo "no scenario $name"; failed=1 ;;
esac
[ $failed = 0 ] || { echo "--- logs in $scratch"; tail -n 30 ./*.log; }
[ $failed = 0 ] && rm -rf "$scratch"
exit $failed
