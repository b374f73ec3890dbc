#!/bin/bash
# Submits preprocessing, training and evaluation, each after the one before has succeeded. Run it on the login node; options are
# given to all three sbatch calls.
#
#   DATASET=cityscapes RAW=/data/cityscapes DATA=/scratch/me/data CONFIG=configs/cityscapes.ini RUN=/scratch/me/run \
#     EVAL=/scratch/me/eval jobs/pipeline.sh --account=abc --nodes=2 --ntasks-per-node=4
set -eu
cd "$(dirname "$0")/.."
submit() { sbatch --parsable --kill-on-invalid-dep=yes "$@"; }
preprocess=$(submit "$@" jobs/preprocess.sbatch)
train=$(submit "$@" --dependency=afterok:"${preprocess%%;*}" jobs/train.sbatch)
evaluate=$(submit "$@" --dependency=afterok:"${train%%;*}" jobs/evaluate.sbatch)
echo "preprocess ${preprocess%%;*}, train ${train%%;*}, evaluate ${evaluate%%;*}"
