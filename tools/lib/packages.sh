# SPDX-License-Identifier: BSD-2-Clause
# What the host needs: the build dependencies of debian/control, and the tools' own.

# The release of Debian that the package is built and run on: the host's own, unless enter_suite has chosen another one.
suite=${MAILQUEUE_SUITE:-$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")}

# clang_version: the newest of Debian 12, whose findings are what the sources are held to; in another suite the one that it has by
# default.
clang_version() {
  if [[ -z ${MAILQUEUE_SUITE:-} ]]; then echo 16; else apt-cache depends clang | sed -n 's/^ *Depends: clang-\([0-9]*\)$/\1/p'; fi
}

clang=$(clang_version)
container_packages=(debootstrap debian-archive-keyring systemd-container)
build_packages=(build-essential dpkg-dev)
asan_packages=("clang-$clang" "libclang-rt-$clang-dev")
check_packages=("${asan_packages[@]}" lintian)
source_packages=(clang-format-16 clang-tidy-16 mandoc shellcheck)

# install_packages PACKAGE...: those that are missing, and what debian/control asks for.
install_packages() {
  local missing
  missing=$(missing_packages "$@")
  if [[ -n $missing ]]; then
    # shellcheck disable=SC2086 # a list
    step "Installing ${missing//$'\n'/ }" packages apt_get install $missing ||
      die "could not install packages: is there a network, and a Debian 12 or later in /etc/apt?"
  fi
  if ! (cd "$top" && dpkg-checkbuilddeps) 2>/dev/null; then
    step "Installing build dependencies" build-dep apt_get build-dep "$top" ||
      die "could not install the build dependencies: is there a network, and a Debian 12 or later in /etc/apt?"
  fi
}

missing_packages() {
  local package
  for package; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

# Installs with the package lists that are there, and reads new ones only if that fails.
apt_get() {
  command -v apt-get >/dev/null || die "apt-get is missing: this needs Debian 12 or later"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 --no-install-recommends)
  "${apt[@]}" "$@" || { apt-get -q update && "${apt[@]}" "$@"; }
}
