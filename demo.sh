#!/usr/bin/env bash
# demo.sh - sets up, builds, and runs the whole pipeline once: frames -> shards -> training that is interrupted and
# continues -> evaluation on two ranks -> a table and a page.
#
#   ./demo.sh                               on street scenes it draws (no download), about 8 minutes on 2 cores after the build
#   ./demo.sh --seed 2                      other scenes, other initial weights
#   ./demo.sh --data DIR --dataset camvid   the same on real frames (camvid or cityscapes layout)
#   ./demo.sh --output DIR                  where everything goes (default build/demo); removed first
set -euo pipefail
cd "$(dirname "$0")"
. cmake/setup.sh

seed=1 raw='' dataset=cityscapes out=build/demo config=(--config configs/demo.ini)
while [ $# -gt 0 ]; do
  case $1 in
    --seed) seed=${2:?--seed needs a number}; shift 2 ;;
    --data) raw=${2:?--data needs a directory}; shift 2 ;;
    --dataset) dataset=${2:?--dataset needs a name}; shift 2 ;;
    --output) out=${2:?--output needs a directory}; shift 2 ;;
    -h|--help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) fail "unknown option '$1' (see ./demo.sh --help)" ;;
  esac
done

./build.sh
bin=build/release/bin
started=$SECONDS
step() { printf '\n'; say "$* ($((SECONDS - started)) s)"; }

# Two ranks that share this machine's cores. As root in a container Open MPI wants to be told that this is meant.
threads=$(( $(nproc) / 2 )); [ $threads -ge 1 ] || threads=1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1 OMP_NUM_THREADS=$threads
two_ranks() { mpirun -q -n 2 --oversubscribe --bind-to none "$@"; }

case $out in /|"$HOME"|.) fail "--output $out would be removed first: name a folder of its own" ;; esac
[ ! -e "$out" ] || [ -e "$out/.strata-demo" ] || fail "$out exists and is not a demo's output: name another folder"
rm -rf "$out"; mkdir -p "$out"; touch "$out/.strata-demo"

if [ -z "$raw" ]; then
  step "drawing street scenes"
  raw=$out/raw
  "$bin/strata-scenes" --output "$raw" --count 480 --val-count 40 --size 384x192 --seed "$seed"
else
  [ -e "configs/demo_$dataset.ini" ] || fail "--dataset $dataset: the demo knows camvid and cityscapes"
  [ -d "$raw" ] || fail "--data $raw: no such directory"
  config+=(--config "configs/demo_$dataset.ini")
fi

step "preprocessing on 2 ranks: frames into shards"
two_ranks "$bin/strata-preprocess" --dataset "$dataset" --input "$raw" --output "$out/data" --splits train,val

step "training on 2 ranks, with a time limit that strikes in mid-epoch"
train=(two_ranks "$bin/strata-train" "${config[@]}" --run.seed "$seed" --data "$out/data" --run "$out/run")
status=0
"${train[@]}" --time-limit 0:00:45 || status=$?
case $status in
  75) step "stopped with exit code 75: the same command again continues where it stood" ;;
  0) step "this machine was done before the time limit; the same command again finds nothing to do" ; status=75 ;;
  *) fail "the first part of training ended with code $status, not with 75 (stopped early, checkpoint committed)" ;;
esac
while [ $status = 75 ]; do
  status=0
  "${train[@]}" || status=$?
done
[ $status = 0 ] || fail "training ended with code $status"

step "evaluating on 2 ranks: the two scales that the network was trained on, mirrored and not"
two_ranks "$bin/strata-evaluate" --data "$out/data" --split val --weights "$out/run" --output "$out/eval" --scales 0.5,1 --flip
if [ "$raw" = "$out/raw" ]; then
  printf '\nFor comparison, the nearest of 8 colour-and-row means per class: '
  "$bin/strata-scenes" --baseline "$raw"
fi
step "done. The page to look at: $PWD/${out#"$PWD"/}/eval/report/index.html"
