# SPDX-License-Identifier: BSD-2-Clause
# A booted systemd with a throw-away root: layers below, a folder of build/container/run.* on top.
# Needs own_mounts. The container has no network but its loopback, and sees of the host only $scratch/share
# as /run/host-share, and what container_binds names. /var/spool and /var/mail are plain folders of the host's
# file system, because overlayfs is not what mail is kept on.

scratch=
container_binds=()

# The tests of full disks and absent homes mount some: only names of what the kernel has anyway, whoever is root in the
# container.
disk_binds() {
  local device
  for device in /dev/autofs /dev/loop-control /dev/loop[0-9]*; do
    [[ ! -c $device && ! -b $device ]] || printf -- '--bind=%s\n' "$device"
  done
}

# start_container LAYER...: boots, and returns when multi-user.target is reached.
start_container() {
  trap stop_container EXIT
  exec {in_use}>"$container_dir/in-use"
  flock --shared "$in_use"
  scratch=$(mktemp -d "$container_dir/run.XXXXXX")
  mount_root "$@"
  write_ready_unit
  boot &
  nspawn_job=$!
  local word=
  # Opened for reading and writing, so that the open does not wait; the word comes when the container is up.
  read -r -t 60 word <>"$scratch/share/ready" || :
  [[ $word == ready ]] || die "the container did not boot: see $(save_console)"
  leader=$(container_leader)
}

mount_root() {
  mkdir -p "$scratch"/{upper,work,root,share}
  chmod 755 "$scratch" "$scratch/share"
  mkfifo "$scratch/share/ready"
  local lower
  lower=$(printf '%s:' "$@")$debian_root
  (cd "$container_dir" && mount -t overlay overlay "${scratch##*/}/root" \
    -o "lowerdir=$lower,upperdir=${scratch##*/}/upper,workdir=${scratch##*/}/work")
  cp -a "$scratch/root/var/spool" "$scratch/root/var/mail" "$scratch/"
}

write_ready_unit() {
  local unit units=$scratch/root/etc/systemd/system
  cat >"$units/host-ready.service" <<'END'
[Unit]
After=multi-user.target

[Service]
Type=oneshot
ExecStart=sh -c 'echo ready >/run/host-share/ready'
END
  mkdir -p "$units/default.target.wants"
  ln -s ../host-ready.service "$units/default.target.wants/"
  # Not needed here, and a tenth of a second of processor time each.
  for unit in dev-hugepages.mount systemd-{logind,sysctl,update-utmp,update-utmp-runlevel}.service; do
    ln -s /dev/null "$units/$unit"
  done
}

mount_nspawn_runtime() {
  mkdir -p /run/systemd/nspawn
  mountpoint -q /run || mountpoint -q /run/systemd/nspawn || mount -t tmpfs tmpfs /run/systemd/nspawn
}

# systemd-nspawn wants a terminal, a tmpfs under /run/systemd/nspawn, and, where no systemd hands out control
# groups, one of its own: two containers in one group would end each other's services.
boot() {
  local devices command
  mapfile -t devices < <(disk_binds)
  command=(systemd-nspawn --quiet --register=no --directory="$scratch/root" --machine="mailqueue-${scratch##*.}"
    --private-network --boot --bind="$scratch/share:/run/host-share"
    --bind="$scratch/spool:/var/spool" --bind="$scratch/mail:/var/mail" "${devices[@]}" "${container_binds[@]}")
  mount_nspawn_runtime
  if [[ ! -d /run/systemd/system ]]; then
    enter_cgroup
    command+=(--keep-unit)
  fi
  if [[ $(stat -f -c %T /sys/fs/cgroup) != cgroup2fs ]]; then export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1; fi
  exec script -qec "exec ${command[*]@Q}" "$scratch/console" </dev/null >/dev/null 2>&1
}

# The trees of control groups in which systemd keeps processes.
cgroup_trees() {
  awk '$3 == "cgroup2" || $4 ~ /name=systemd/ { print $2 }' /proc/mounts
}

enter_cgroup() {
  local tree
  for tree in $(cgroup_trees); do
    mkdir -p "$tree/mailqueue-${scratch##*.}"
    echo "$BASHPID" >"$tree/mailqueue-${scratch##*.}/cgroup.procs"
  done
}

leave_cgroup() {
  local tree
  for tree in $(cgroup_trees); do
    [[ ! -d $tree/mailqueue-${scratch##*.} ]] || find "$tree/mailqueue-${scratch##*.}" -depth -type d -exec rmdir {} +
  done
}

child_of() { tr -d ' ' <"/proc/$1/task/$1/children"; }

# script(1), then systemd-nspawn, then the container's first process.
container_leader() { child_of "$(child_of "$nspawn_job")"; }

# in_container COMMAND...: with this process's standard input and output, as root, outside every unit.
in_container() { nsenter --target "$leader" --all "$@"; }

# run_in_container SECONDS COMMAND...: as a service of its own, ended after that time. Its exit status.
run_in_container() {
  local limit=$1
  shift
  in_container systemd-run --quiet --pipe --wait --collect --service-type=exec --setenv=HOME=/root \
    --working-directory=/root --property="RuntimeMaxSec=$limit" -- "$@"
}

# install_in_container DEB
install_in_container() {
  cp "$1" "$scratch/share/mailqueue.deb"
  step "Installing the package" install run_in_container 120 env DEBIAN_FRONTEND=noninteractive \
    dpkg --install /run/host-share/mailqueue.deb
}

# save_journal FILE: all that the container's journal has.
save_journal() {
  in_container journalctl --quiet --no-pager --output=short-precise >"$1" || :
}

save_console() {
  cp "$scratch/console" "$logs/console.log" 2>/dev/null || :
  echo "$logs/console.log"
}

# It is killed, because nothing in it is kept.
stop_container() {
  trap - EXIT
  [[ -n $scratch ]] || return 0
  if [[ -n ${nspawn_job:-} ]]; then
    kill_container
    wait "$nspawn_job" || :
  fi
  umount --recursive "$scratch/root" 2>/dev/null || :
  [[ -d /run/systemd/system ]] || leave_cgroup
  rm -rf "$scratch"
  scratch=
  exec {in_use}>&-
}

# systemd-nspawn ends with the container's first process, unless that has not come so far.
kill_container() {
  local nspawn
  nspawn=$(child_of "$nspawn_job") || return 0
  kill -KILL "$(child_of "$nspawn")" 2>/dev/null || :
  timeout 10 tail --pid="$nspawn_job" --follow --sleep-interval=0.1 /dev/null || kill -KILL "$nspawn" 2>/dev/null || :
}
