#!/usr/bin/env bash
# slurm_up.sh ROOT - a real Slurm of two nodes on this machine, all of it below ROOT: munged, slurmctld, two slurmd.
#
# For the tests labelled slurm. Needs root and the packages slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge. Ports and
# names come from ROOT, so that several can run side by side. slurm_down.sh ROOT ends exactly what was started here.
#   . ROOT/env      makes this shell use it
#   partitions: main (default), low (its jobs are preempted by main: TERM, 5 s, requeue)
set -euo pipefail
root=${1:?usage: slurm_up.sh ROOT}
die() { echo "slurm_up: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "only root can start a slurmd"
PATH=$PATH:/usr/sbin
for program in munged slurmctld slurmd unshare; do
  command -v $program >/dev/null || die "$program is missing: apt-get install slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge"
done
mkdir -p "$root"; root=$(cd "$root" && pwd)
[ ${#root} -le 80 ] || die "$root is too long for a socket's path"
mkdir -p -m 755 "$root"/{run,log,munge,state,etc}
port=$((20000 + $(cksum <<<"$root" | cut -d' ' -f1) % 150 * 200))
host=$(hostname -s)

# Five seconds of validity: a requeued job starts again at once and not after two minutes.
cat > "$root/etc/slurm.conf" <<CONF
ClusterName=strata
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SrunPortRange=$((port + 100))-$((port + 199))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$root/munge/socket,cred_expire=5
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$root/log/jobs.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=2,batch_sched_delay=0,sched_min_interval=0
PriorityType=priority/basic
SwitchType=switch/none
ReturnToService=2
SlurmdParameters=config_overrides
StateSaveLocation=$root/state
SlurmctldPidFile=$root/run/slurmctld.pid
SlurmctldLogFile=$root/log/slurmctld.log
SlurmdSpoolDir=$root/spool-%n
TmpFS=$root/tmp-%n
SlurmdPidFile=$root/run/%n.pid
SlurmdLogFile=$root/log/%n.log
MessageTimeout=20
MinJobAge=300
KillWait=10
RebootProgram=/bin/false
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=n0 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=4 RealMemory=1000 State=UNKNOWN
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=4 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=n0,n1 Default=YES PriorityTier=10 PreemptMode=OFF DefaultTime=00:10:00 MaxTime=INFINITE State=UP
PartitionName=low Nodes=n0,n1 PriorityTier=1 PreemptMode=REQUEUE GraceTime=5 DefaultTime=00:10:00 MaxTime=INFINITE State=UP
CONF
echo "ConstrainCores=no" > "$root/etc/cgroup.conf"
export SLURM_CONF=$root/etc/slurm.conf
printf 'export SLURM_CONF=%q\n' "$SLURM_CONF" > "$root/env"

(umask 077; head -c 1024 /dev/urandom > "$root/munge/key")
munged --socket="$root/munge/socket" --key-file="$root/munge/key" --pid-file="$root/run/munged.pid" --log-file="$root/log/munged.log" \
       --seed-file="$root/munge/seed"
cd "$root"
slurmctld -f "$SLURM_CONF"
for node in n0 n1; do
  mkdir -p "spool-$node"; mkdir -p -m 1777 "tmp-$node"
  # A host name, IPC and /dev/shm of its own: two nodes on one machine would share Open MPI's shared-memory files.
  unshare --uts --ipc --mount --propagation private sh -ec \
    'hostname "$1"; mount -t tmpfs -o mode=1777,size=2g tmpfs /dev/shm; exec slurmd -f "$SLURM_CONF" -N "$1"' sh "$node"
done
for _ in $(seq 300); do
  [ "$(timeout 5 sinfo -h -N -p main -o '%N %t' 2>/dev/null | grep -cE ' (idle|mix|alloc)$')" = 2 ] && exit 0
  sleep 0.2
done
tail -n 5 "$root"/log/*.log >&2
die "the nodes did not come up within a minute"
