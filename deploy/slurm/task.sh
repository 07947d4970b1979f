#!/bin/sh
# One task of the job array of submit.sh: it archives the folders whose numbers are its own, and its own plus TASKS, and so on.
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
set -u
list=$1 archives=$2
OPTIONS="--jobs ${SLURM_CPUS_PER_TASK:-1} ${OPTIONS:-}"
export OPTIONS
failed=0
folder() { grep -v '^[[:space:]]*$' "$list" | sed -n "$1{p;q;}"; }
n=$SLURM_ARRAY_TASK_ID
while path=$(folder "$n") && [ -n "$path" ]; do
	"$DEPLOY/archive.sh" "$path" "$archives" || failed=1
	n=$((n + TASKS))
done
exit $failed
