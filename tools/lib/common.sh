# SPDX-License-Identifier: BSD-2-Clause
# Words to the person, and steps whose output goes to a log. Sourced by every tool.

set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C.UTF-8

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$top/build
logs=$build/log
mkdir -p "$logs"

say() { printf '%s\n' "$*"; }

warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
  warn "$*"
  exit 1
}

need_root() {
  [[ $EUID -eq 0 ]] || die "must be run as root: it installs packages and boots a container"
}

# step TITLE LOG COMMAND...: runs the command with its output in build/log/LOG.log. A step that takes long
# shows how far it is; one that fails shows the end of its log. The status is the command's.
step() {
  local title=$1 log=$logs/$2.log start=$SECONDS status='' part result
  shift 2
  exec {result}< <(run_logged "$log" "$@")
  until read -r -t "$(progress_interval)" -u "$result" part; do
    (($? > 128)) || { part=1 && break; }
    status+=$part  # the interval may end within the line
    show_progress "$title" "$log" "$((SECONDS - start))"
  done
  status+=$part
  exec {result}<&-
  [[ ! -t 1 ]] || printf '\r\033[K'
  if ((status != 0)); then
    warn "$title: failed; the end of $log:"
    tail -n "${STEP_TAIL:-25}" "$log" >&2
  elif ((SECONDS - start >= 5)); then
    say "$title: done in $((SECONDS - start)) s"
  fi
  return "$status"
}

# Prints the status of the command when it has ended, and nothing else.
run_logged() {
  local log=$1
  shift
  exec 3>&1 >"$log" 2>&1 </dev/null
  trap 'echo $? >&3' EXIT
  # Whatever else the command leaves running must not hold the pipe open.
  ("$@") 3>&-
}

progress_interval() {
  if [[ -t 1 ]]; then echo 1; else echo 30; fi
}

show_progress() {
  local title=$1 last
  last=$(tail -n 1 "$2" | tr -d '\r\033' | cut -c 1-70)
  if [[ -t 1 ]]; then
    printf '\r\033[K%s (%d s) %s' "$title" "$3" "$last"
  else
    printf '%s: %d s … %s\n' "$title" "$3" "$last"
  fi
}

# own_mounts TOOL ARGUMENTS...: starts the tool again in a mount namespace of its own, so that
# whatever it mounts is gone with it, however it ends.
own_mounts() {
  [[ ${MAILQUEUE_OWN_MOUNTS:-} != "$$" ]] || return 0
  # exec keeps the process ID, which so marks this very process.
  MAILQUEUE_OWN_MOUNTS=$$ exec unshare --mount --propagation private "$@"
}

# The hash of the files and folders that are named, below the current one; modes included, times not.
hash_of() {
  find "$@" -type f -printf '%m %p\0' -o -type l -printf '%l %p\0' | sort -z | sha256sum
  find "$@" -type f -print0 | sort -z | xargs -0r sha256sum
}
