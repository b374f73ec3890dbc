#!/usr/bin/env bash
# slurm_down.sh ROOT - ends what slurm_up.sh started below ROOT, jobs first, and removes ROOT. Nothing running is success.
set -uo pipefail
root=${1:?usage: slurm_down.sh ROOT}
[ -f "$root/env" ] || exit 0
root=$(cd "$root" && pwd)
. "$root/env"
# The pid in the file, where that process still is one of this ROOT's.
pid_of() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] && grep -qz -- "$root" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}
if pid_of "$root/run/slurmctld.pid" >/dev/null; then
  jobs=$(timeout 10 squeue -h -o %A)
  if [ -n "$jobs" ]; then
    timeout 10 scancel --full --signal=KILL $jobs
    timeout 10 scancel $jobs
    for _ in $(seq 50); do [ -z "$(timeout 5 squeue -h)" ] && break; sleep 0.2; done
  fi
fi
for file in "$root"/run/n0.pid "$root"/run/n1.pid "$root"/run/slurmctld.pid "$root"/run/munged.pid; do
  pid=$(pid_of "$file") || continue
  kill -TERM "$pid" 2>/dev/null
  for _ in $(seq 50); do [ -d "/proc/$pid" ] || break; sleep 0.1; done
  [ -d "/proc/$pid" ] && kill -KILL "$pid" 2>/dev/null
done
rm -rf -- "$root"
