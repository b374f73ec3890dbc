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
slurm() { timeout 60 "$@"; }
state_of() { slurm scontrol -o show job "$1" 2>/dev/null | grep -o 'JobState=[A-Z_]*' | head -1 | cut -d= -f2; }
until_true() {  # until_true SECONDS COMMAND...
  local end=$((SECONDS + $1)); shift
  until "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.3; done
}
until_state() { until_true "${3:-240}" eval '[ "$(state_of '"$1"')" = '"$2"' ]' || echo "job $1 is $(state_of "$1"), not $2"; }
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
export CLUSTER=test CONFIG=$repository/tests/pipeline/tiny.ini DATA=$scratch/data RUN=$scratch/run EVAL=$scratch/eval RAW=$scratch/raw
export DATASET=cityscapes SCALES=1
two_nodes=(--nodes=2 --ntasks-per-node=1)
make_data() {
  "$bin/strata-scenes" --output raw --count 13 --val-count 5 --size 96x64 --seed 3 &&
    mpirun -n 1 "$bin/strata-preprocess" --dataset cityscapes --input raw --output data --splits train,val
} > make_data.log 2>&1
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
  time_limit)  # the limit ends a job with 75, it requeues itself, and the run gets complete
    make_data
    job=$(train "${two_nodes[@]}" --time=1)
    until_true 200 grep -q 'stopped after step' train.log
    log_has train.log "time limit from squeue"
    slurm scontrol update job="$job" TimeLimit=20 StartTime=now 2>/dev/null
    until_true 400 complete run || { slurm scancel "$job"; }
    until_state "$job" COMPLETED 30
    ;;
  signal_*)  # the warning signal, by each form: steps (srun), batch shell (B:), through mpirun
    make_data
    case $name in
      signal_srun_steps) how=(scancel -s USR1) ;;
      signal_srun_batch) how=(scancel -b -s USR1) ;;
      signal_mpirun_batch) how=(scancel -b -s USR1); export LAUNCH=mpirun ;;
      signal_srun_full) how=(scancel -f -s USR1) ;;
    esac
    export CHAIN=1
    job=$(train "${two_nodes[@]}" --time=10 --no-requeue)
    until_true 200 has_rows run 1 || cat train.log
    slurm "${how[@]}" "$job"
    until_true 100 eval '[ "$(state_of $job)" != RUNNING ]'
    expect "exit code" "$(slurm scontrol -o show job "$job" | grep -o ' ExitCode=[0-9:]*')" " ExitCode=75:0"
    log_has train.log "stopped after step"
    ;;
  array)  # --array=1-3%1: one after the other; those after the end say that all is done
    make_data
    timeout 500 sbatch --wait --array=1-3%1 -o 'train-%a.log' "${two_nodes[@]}" --time=10 jobs/train.sbatch --norm.group 3 > sbatch.log
    expect "sbatch --wait" $? 0
    log_has train-1.log "best mean IoU"
    log_has train-3.log "already complete"
    ;;
  scancel)  # TERM: committed and 75; the same command goes on
    make_data
    job=$(train "${two_nodes[@]}" --time=10)
    until_true 200 has_rows run 1 || cat train.log
    slurm scancel "$job"
    until_state "$job" CANCELLED 60
    "$bin/strata-run" status run > status.txt
    log_has status.txt "stopped: signal"
    ;;
  node_loss)  # a node goes down: the job is requeued by Slurm and goes on
    make_data
    job=$(train "${two_nodes[@]}" --time=10)
    until_true 200 has_rows run 1 || cat train.log
    slurm scontrol update node=n1 state=down reason=test
    sleep 2
    slurm scontrol update node=n1 state=resume
    until_true 300 complete run || { cat train.log; state_of "$job"; }
    expect "the run" "$(complete run && echo complete)" complete
    log_has train.log "continues after step"
    ;;
  preemption)  # a job of low priority gives way and goes on afterwards
    make_data
    job=$(train --partition=low "${two_nodes[@]}" --time=10 --exclusive)
    until_true 200 has_rows run 1 || cat train.log
    other=$(slurm sbatch --parsable --exclusive --nodes=2 --time=5 -o other.log --wrap 'sleep 3')
    until_state "$other" COMPLETED 120
    until_true 300 complete run || { cat train.log; state_of "$job"; }
    expect "the run" "$(complete run && echo complete)" complete
    log_has train.log "stopped after step"
    ;;
  two_jobs)  # two jobs, one directory: one works, the other ends with 69
    make_data
    export CHAIN=1
    first=$(train --nodes=1 --nodelist=n0 --ntasks=1 --time=10)
    until_true 200 has_rows run 1 || cat train.log
    timeout 500 sbatch --wait -o second.log --nodes=1 --nodelist=n1 --ntasks=1 --time=10 jobs/train.sbatch --norm.group 3 > sbatch.log
    expect "exit code of the second" $? 69
    log_has second.log "owned by a live job: job $first"
    until_true 300 complete run
    expect "the run of the first" "$(complete run && echo complete)" complete
    ;;
  singletons)  # several tasks, each a world of one rank: launcher and MPI do not fit
    make_data
    timeout 500 sbatch --wait -o single.log --nodes=1 --ntasks=2 --time=5 --wrap "srun --mpi=none $bin/strata-train --config $CONFIG --data $DATA --run $RUN" > sbatch.log
    code=$?
    expect "neither task trains" "$([ $code != 0 ] && [ ! -e run/metrics.csv ] && echo refused)" refused
    ;;
  *) echo "no scenario $name"; failed=1 ;;
esac
[ $failed = 0 ] || { echo "--- logs in $scratch"; tail -n 30 ./*.log; }
[ $failed = 0 ] && rm -rf "$scratch"
exit $failed
