#!/bin/sh
# Archives the folders in a list with Slurm: deploy/slurm/submit.sh LIST ARCHIVES [sbatch options, like --partition=long]
#
# LIST has one folder a line; all machines of the cluster find the folders, ARCHIVES and this folder under the same names. Run it
# again for what failed, or was not finished: what is archived and verified is left alone. At the end, ARCHIVES/table.tsv is written.
# TRILOBYTE and OPTIONS are handed on (see deploy/archive.sh); AT_ONCE limits how many tasks run at the same time.
set -eu
here=$(dirname "$(realpath "$0")")
list=$(realpath "$1") archives=$(realpath -m "$2")
shift 2
mkdir -p "$archives"
folders=$(grep -c -v '^[[:space:]]*$' "$list")
tasks=$folders
[ "$tasks" -le "${MAX_TASKS:-1000}" ] || tasks=${MAX_TASKS:-1000} # Slurm takes 1001 by default: each task then has several folders
export TASKS="$tasks" DEPLOY="$(dirname "$here")"
job=$(sbatch --parsable --job-name=trilobyte --array="1-$tasks${AT_ONCE:+%$AT_ONCE}" --requeue \
	--output="$archives/slurm-%A_%a.out" --open-mode=append "$@" "$here/task.sh" "$list" "$archives")
sbatch --parsable --job-name=trilobyte-table --dependency="afterany:$job" --output="$archives/table.out" \
	--wrap="\"\$DEPLOY\"/table.sh '$list' '$archives' >'$archives/table.tsv'" >/dev/null
echo "$job"
