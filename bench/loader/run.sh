#!/usr/bin/env bash
# bench/loader/run.sh RAW PEERS PYTHON [BUILD]: training samples from large JPEGs and from 1024x2048 PNGs, by Strata and by the peers, in
# turns, three times. RAW: a folder for the sets (made where it is empty); PEERS: the folder of pillow_loader.py and dali_loader.py;
# PYTHON: one with Pillow, scikit-image, NumPy and, for the second peer, NVIDIA DALI. FRAMES=DIR takes real frames (*.png or *.jpg)
# as the sets' pictures, otherwise scenes are drawn. Times are of processor cores, so a busy machine stretches but does not hide them.
# SAMPLES=N: of the peers; Strata, whose time depends on the scale drawn, takes four times as many.
set -euo pipefail
raw=${1:?RAW} peers=${2:?PEERS} python=${3:?PYTHON} build=${4:-build/release}
samples=${SAMPLES:-20}

if [ ! -d "$raw/jpeg" ]; then
  if [ -z "${FRAMES:-}" ]; then
    "$build/bin/strata-scenes" --output "$raw/scenes" --count 6 --val-count 2 --size 1024x512 --seed 1
    FRAMES=$raw/scenes/leftImg8bit
  fi
  "$python" "$(dirname "$0")/make_sets.py" "$FRAMES" "$raw"
fi
for set in jpeg png; do
  [ -d "$raw/$set-data" ] || "$build/bin/strata-preprocess" --dataset "$raw/$set/set.ini" --input "$raw/$set" --output "$raw/$set-data"
done
for round in 1 2 3; do
  for set in jpeg png; do
    edge=$([ $set = jpeg ] && echo 2177 || echo 0)
    echo "== round $round, $set, long edge $edge"
    "$build/bin/loader_bench" "$raw/$set-data" train --long-edge $edge --samples $((4 * samples))
    for peer in pillow dali; do
      (cd "$peers" && "$python" ${peer}_loader.py --images "$raw/$set/images" --labels "$raw/$set/labels" --long-edge $edge --samples "$samples") ||
        echo "$peer: not measured"
    done
  done
done
