# SPDX-License-Identifier: BSD-2-Clause
# Another release of Debian to build and test in: a root in build/suite/NAME, entered as if it were the host's. Its build folder is
# build/suite/NAME/build. Needs own_mounts.

# What every tool relies on, and minbase leaves out.
suite_packages=(ca-certificates procps)

# enter_suite NAME COMMAND...: becomes the command, there. What the command and its children see of the host is /dev, /proc, /sys and
# the source tree.
enter_suite() {
  local dir=$build/suite/$1
  export MAILQUEUE_SUITE=$1
  shift
  make_suite_root "$dir"
  mount_suite_root "$dir"
  cd "$dir/root"
  # The old root lies below the new one, until it is unmounted.
  pivot_root . .
  umount --lazy .
  exec chroot . "$@"
}

# make_suite_root DIRECTORY
make_suite_root() {
  local lock
  mkdir -p "$1/build"
  exec {lock}>"$1/lock"
  flock "$lock"
  if [[ ! -d $1/root ]]; then
    install_packages "${container_packages[@]}"
    step "Making a Debian $MAILQUEUE_SUITE" "debootstrap-$MAILQUEUE_SUITE" bootstrap_suite "$1" ||
      die "could not make the root of $MAILQUEUE_SUITE: is there a network?"
  fi
  exec {lock}>&-
}

bootstrap_suite() {
  local new=$1/new
  rm -rf "$new"
  run_debootstrap "$MAILQUEUE_SUITE" "$new" "${suite_packages[@]}"
  # Nothing is started when it is installed.
  printf '#!/bin/sh\nexit 101\n' >"$new/usr/sbin/policy-rc.d"
  chmod 755 "$new/usr/sbin/policy-rc.d"
  cp /etc/resolv.conf "$new/etc/resolv.conf"
  chroot "$new" apt-get -q update
  chroot "$new" apt-get clean
  mv "$new" "$1/root"
}

mount_suite_root() {
  local dir root=$1/root
  mount --bind "$root" "$root"  # pivot_root(2) wants a mount
  for dir in dev proc sys; do mount --rbind "/$dir" "$root/$dir"; done
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mkdir -p "$root$top"
  mount --bind "$top" "$root$top"
  mount --bind "$1/build" "$root$build"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
}
