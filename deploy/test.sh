#!/bin/bash
# Has Slurm, and then Snakemake, archive 40 folders with 4 workers: one worker is killed, one folder cannot be read, and all is run
# again. Slurm is Debian's, with two slurmd on this machine. It takes root.
#
# usage: deploy/test.sh [slurm] [snakemake]
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
[ "$(id -u)" = 0 ] || { echo "This takes root: it starts Slurm." >&2; exit 1; }
sh setup/packages.sh cluster || { echo "SKIPPED: Slurm or Snakemake is not here, and could not be installed."; exit 0; }
dir=$(mktemp -d /var/tmp/trilobyte-cluster.XXXXXX)
chmod 755 "$dir"
daemons=()
clean() {
	for pid in "${daemons[@]}"; do kill "$pid" 2>/dev/null || true; done
	wait || true
	chmod -R u+rwx "$dir" && rm -rf "$dir"
}
trap clean EXIT
fail() {
	echo "FAILED: $1" >&2
	tail -n 5 "$dir"/*.log >&2 || true
	exit 1
}

user=nobody # root could read everything
as_user() { (cd "$dir" && exec runuser -u $user -- env HOME="$dir/home" TRILOBYTE="$dir/trilobyte" "$@"); }
CGO_ENABLED=0 "${GO:-go}" build -tags headless -o "$dir/trilobyte" .
cp -R deploy "$dir/deploy"
mkdir "$dir/library" "$dir/home"
sounds=(testdata/demo/*/*.wav)
for n in $(seq -w 40); do
	mkdir "$dir/library/Album $n"
	cp "${sounds[$((10#$n % ${#sounds[@]}))]}" testdata/demo/SOURCES.md "$dir/library/Album $n"
	echo "$dir/library/Album $n"
done >"$dir/list"
cp "${sounds[@]}" "$dir/library/Album 07" # takes some seconds: its worker is killed
chown -R $user "$dir/library" "$dir/home"
chmod 0 "$dir/library/Album 13" # cannot be read

# check ARCHIVES TABLE N LINE... fails unless N folders are archived and verified, and the table has all these lines.
check() {
	[ "$(grep -c '^verified' "$2")" = "$3" ] || { cat "$2" >&2; fail "not $3 folders are verified"; }
	for state in "${@:4}"; do
		grep -q "$state" "$2" || { cat "$2" >&2; fail "the table does not say '$state'"; }
	done
	[ "$(find "$1" -name '*.trilobyte' ! -name '*incomplete*' | wc -l)" = "$3" ] || fail "not $3 archives are there"
}

# same ARCHIVES has every archive decoded, and compares the folder that was begun twice.
same() {
	find "$1" -name '*.trilobyte' ! -name '*incomplete*' -print0 | xargs -0 -n 1 -P 2 "$dir/trilobyte" verify >"$dir/verify.log" || fail "an archive is damaged"
	"$dir/trilobyte" restore "$1/$dir/library/Album 07.trilobyte" -C "$dir/back" >/dev/null
	diff -r "$dir/library/Album 07" "$dir/back/Album 07" || fail "a folder came back changed"
	rm -rf "$dir/back"
	! find "$1" -name '.trilobyte-*' | grep . || fail "temporary files are left"
}

slurm() {
	mkdir -p "$dir/slurm/state" "$dir/slurm/spool" "$dir/munge"
	dd if=/dev/urandom of="$dir/munge/key" bs=128 count=1 status=none
	chmod 400 "$dir/munge/key"
	munged --foreground --force --key-file="$dir/munge/key" --socket="$dir/munge/socket" --pid-file="$dir/munge/pid" \
		--log-file="$dir/munge.log" --seed-file="$dir/munge/seed" >"$dir/munged.log" 2>&1 &
	daemons+=($!)
	cat >"$dir/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
SlurmctldPort=16817
SlurmctldPidFile=$dir/slurm/ctld.pid
SlurmctldLogFile=$dir/slurmctld.log
StateSaveLocation=$dir/slurm/state
SlurmdPidFile=$dir/slurm/%n.pid
SlurmdLogFile=$dir/%n.log
SlurmdSpoolDir=$dir/slurm/spool/%n
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2
MailProg=/bin/true
NodeName=worker1 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=16821 CPUs=2 RealMemory=1000
NodeName=worker2 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=16822 CPUs=2 RealMemory=1000
PartitionName=all Nodes=worker[1-2] Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
END
	export SLURM_CONF=$dir/slurm.conf
	sleep 1
	slurmctld -D >"$dir/slurmctld.out" 2>&1 &
	daemons+=($!)
	sleep 1
	for node in worker1 worker2; do
		slurmd -D -N $node >"$dir/$node.out" 2>&1 &
		daemons+=($!)
	done
	for _ in $(seq 30); do
		[ "$(sinfo -h -o %T | sort -u)" != idle ] || break
		sleep 1
	done
	[ "$(sinfo -h -o %T)" = idle ] || fail "Slurm does not start: $(sinfo 2>&1)"

	local archives=$dir/slurm-archives job start=$SECONDS
	mkdir "$archives"
	chown $user "$archives"
	submit() { as_user env SLURM_CONF="$SLURM_CONF" OPTIONS="--preset max" MAX_TASKS="$1" "$dir/deploy/slurm/submit.sh" "$dir/list" "$archives" --mem=100M; }
	finished() {
		for _ in $(seq 300); do
			[ -n "$(squeue -h)" ] || return 0
			sleep 1
		done
		fail "the jobs do not end: $(squeue)"
	}
	job=$(submit 40)
	for _ in $(seq 120); do # until the worker is at it
		[ ! -e "$archives/$dir/library/Album 07.row" ] || break
		sleep 0.5
	done
	scancel --signal=KILL --full "${job}_7"
	finished
	check "$archives" "$archives/table.tsv" 38 "^not finished.*Album 07" "^failed.*Album 13.*permission denied"
	echo "Slurm, first run: 38 of 40 folders are archived and verified, one was killed, one cannot be read ($((SECONDS - start)) s)."
	chmod 755 "$dir/library/Album 13"
	touch "$dir/before"
	job=$(submit 10) # as if there were more folders than tasks
	finished
	check "$archives" "$archives/table.tsv" 40 "^40 of 40 verified"
	[ "$(find "$archives" -name '*.trilobyte' -newer "$dir/before" | wc -l)" = 2 ] || fail "archives that were there were made again"
	same "$archives"
	echo "Slurm, second run: all 40 are, and only the two were done again."
	chmod 0 "$dir/library/Album 13"
}

snakemake() {
	local archives=$dir/snakemake-archives start=$SECONDS
	mkdir "$archives"
	chown $user "$archives"
	work() {
		as_user env XDG_CACHE_HOME="$dir/home" snakemake -s "$dir/deploy/snakemake/Snakefile" -d "$dir/home" \
			--config list="$dir/list" archives="$archives" --cores 4 --keep-going >>"$dir/snakemake.log" 2>&1
	}
	work &
	local run=$!
	for _ in $(seq 240); do
		[ ! -e "$archives/$dir/library/Album 07.row" ] || break
		sleep 0.5
	done
	pkill -KILL -u $user -f "^$dir/trilobyte compress $dir/library/Album 07" || fail "the worker was gone before it could be killed"
	! wait $run || fail "Snakemake does not say that something failed"
	check "$archives" "$archives/table.tsv" 39 "^failed.*Album 13.*permission denied"
	echo "Snakemake, first run: 39 of 40 folders are, of which one was killed and tried again; one cannot be read ($((SECONDS - start)) s)."
	chmod 755 "$dir/library/Album 13"
	work || fail "Snakemake failed"
	check "$archives" "$archives/table.tsv" 40 "^40 of 40 verified"
	same "$archives"
	echo "Snakemake, second run: all 40 are."
	chmod 0 "$dir/library/Album 13"
}

[ $# != 0 ] || set -- slurm snakemake
for engine; do "$engine"; done
