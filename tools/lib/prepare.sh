# SPDX-License-Identifier: BSD-2-Clause
# What every tool begins with: packages, the Debian package, the container's root.

# One tool at a time prepares; the container then works with copies.
lock_build() {
  exec {build_lock}>"$build/lock"
  flock --nonblock "$build_lock" || { say "Waiting for another tool that builds" && flock "$build_lock"; }
  remove_remains
}

unlock_build() { exec {build_lock}>&-; }

# prepare_container: sets $deb, $debian_root and $layer.
prepare_container() {
  [[ -n ${deb:-} ]] || build_package || die "the package could not be built"
  make_root
  make_layer dependencies install_dependencies "$(dependencies_of "$deb")" "${disk_packages[@]}"
}
