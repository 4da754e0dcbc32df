# SPDX-License-Identifier: BSD-2-Clause
# What the host needs: the build dependencies of debian/control, and the tools' own.

container_packages=(debootstrap debian-archive-keyring systemd-container)
build_packages=(build-essential dpkg-dev)
asan_packages=(clang-16 libclang-rt-16-dev)
check_packages=("${asan_packages[@]}" clang-format-16 clang-tidy-16 lintian mandoc shellcheck)

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
