#!/usr/bin/env bash
# bench/loader/preprocess.sh RAW [BUILD]: how fast strata-preprocess converts the sets of run.sh in RAW (made by it), by one rank and by two
# in turns, three times: MB/s of original files, how busy the ranks' cores were (near 100 %: processors are the limit, not the disk), the
# size of the store over the originals, and what the disk itself reads and writes. COPIES=N: every file N times.
set -euo pipefail
raw=${1:?RAW} build=${2:-build/release} copies=${COPIES:-4}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMP_NUM_THREADS=1

for set in jpeg png; do
  input=$raw/$set-copies
  if [ ! -d "$input" ]; then
    mkdir -p "$input/images" "$input/labels"
    cp "$raw/$set/set.ini" "$input"
    for n in $(seq "$copies"); do
      for kind in images labels; do for file in "$raw/$set/$kind"/*; do cp "$file" "$input/$kind/$n-${file##*/}"; done; done
    done
  fi
  bytes=$(find "$input" -type f -printf '%s\n' | awk '{ s += $1 } END { print s }')
  for round in 1 2 3; do
    for ranks in 1 2; do
      rm -rf "$raw/store" "$raw/store".*
      TIMEFORMAT='%R %U %S'
      times=$({ time mpirun -q -n "$ranks" --oversubscribe --bind-to none "$build/bin/strata-preprocess" --dataset "$input/set.ini" --input "$input" \
        --output "$raw/store" --log-level error >/dev/null 2>&1; } 2>&1)
      stored=$(find "$raw/store" -type f -printf '%s\n' | awk '{ s += $1 } END { print s }')
      awk -v set="$set" -v round="$round" -v ranks="$ranks" -v bytes="$bytes" -v stored="$stored" '{
        printf "%s, round %d, %d ranks: %.1f MB/s (%.1f s, cores busy %.0f %%), store %.3f of the originals\n", set, round, ranks,
               bytes / $1 / 1e6, $1, 100 * ($2 + $3) / $1 / ranks, stored / bytes }' <<<"$times"
    done
  done
done
rm -rf "$raw/store" "$raw/store".*
dd if=/dev/zero of="$raw/disk" bs=8M count=64 conv=fsync 2>&1 | sed -n '$s/.*, /the disk writes /p'
dd if="$raw/disk" of=/dev/null bs=8M iflag=direct 2>&1 | sed -n '$s/.*, /the disk reads /p'
rm -f "$raw/disk"
