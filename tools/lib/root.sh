# SPDX-License-Identifier: BSD-2-Clause
# The root file system of the container: a plain Debian, and over it layers with packages, each made
# once and never changed. All names are relative to build/container, as overlayfs wants them.

container_dir=$build/container
# Beside systemd: what a person or a test looks around with.
root_packages=(systemd systemd-sysv dbus ca-certificates procps iproute2 inotify-tools strace less)

# What the disks of tests are made with.
disk_packages=(btrfs-progs)

# Programs that others wrote, for the tests that use them: what sends mail, each in its own way, what takes it, and what
# says where it is to go.
client_packages=(at bsd-mailx cron dovecot-lmtpd dovecot-submissiond git-email ldnsutils libemail-sender-perl libmime-lite-perl
  logwatch mailutils mutt nginx-light nsd php-cli procmail python3 python3-aiosmtpd ruby-mail s-nail smartmontools sudo swaks
  unattended-upgrades vacation)

short_hash() { sha256sum | cut -c 1-12; }

# make_root: sets $debian_root, a folder with a small Debian.
make_root() {
  mkdir -p "$container_dir/layers"
  debian_root=debian-$(echo "$suite" "${root_packages[@]}" | short_hash)
  [[ -d $container_dir/$debian_root ]] && return
  step "Making a Debian root for the container" debootstrap bootstrap_root "$debian_root" ||
    die "could not make the container's root: is there a network?"
}

bootstrap_root() {
  cd "$container_dir"
  remove_unused
  run_debootstrap "$suite" new "${root_packages[@]}"
  mv new "$1"
}

# run_debootstrap SUITE ROOT PACKAGE...
run_debootstrap() {
  # shellcheck disable=SC2046 # words
  eval $(apt-config shell http_proxy Acquire::http::Proxy)
  export http_proxy
  debootstrap --variant=minbase --include="$(IFS=, && echo "${*:3}")" "$1" "$2" "$(mirror "$1")"
  rm -f "$2"/var/cache/apt/archives/*.deb
}

# Roots and layers of earlier days, unless a container runs.
remove_unused() {
  flock --exclusive --nonblock in-use rm -rf debian-* layers/* new run.* || rm -rf new
}

# What a tool that was interrupted has left of its containers, unless one runs.
remove_remains() {
  local remains lock
  mkdir -p "$container_dir"
  exec {lock}>"$container_dir/in-use"
  if flock --exclusive --nonblock "$lock"; then
    for remains in "$container_dir"/run.*; do
      [[ -d $remains ]] || continue
      scratch=$remains leave_cgroup || :
      rm -rf "$remains"
    done
  fi
  exec {lock}>&-
}

# mirror SUITE: the one that the host uses.
mirror() {
  apt-get indextargets --format '$(CODENAME) $(ORIGIN) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite="$1" '$1 == suite && $2 == "Debian" { print $3; found = 1; exit }
      END { if (!found) print "http://deb.debian.org/debian/" }'
}

# make_layer NAME COMMAND...: sets $layer to a folder that holds what the command changes when it is
# called with a root folder in which it can chroot(8). The command with its arguments says whether the
# layer that is there is still the right one. It lies on $below, where that is set, else on the plain Debian.
make_layer() {
  local name=$1
  shift
  layer=layers/$name-$(echo "$debian_root" "${below:-}" "$@" "$(declare -f prepare_root "$1")" | short_hash)
  [[ -d $container_dir/$layer ]] && return
  step "Installing the packages that the container needs" "layer-$name" build_layer "$@" ||
    die "could not install packages in the container's root: is there a network?"
}

build_layer() {
  cd "$container_dir"
  flock --exclusive --nonblock in-use rm -rf "${layer%-*}"-* || :
  rm -rf layers/new
  mkdir -p layers/new/{upper,work,root}
  mount -t overlay overlay layers/new/root \
    -o "lowerdir=${below:+$below:}$debian_root,upperdir=layers/new/upper,workdir=layers/new/work"
  if [[ -z ${below:-} ]]; then prepare_root layers/new/root; fi
  cp /etc/resolv.conf layers/new/root/etc/resolv.conf
  "$@" layers/new/root
  umount layers/new/root
  mv layers/new/upper "$layer"
  rm -rf layers/new
}

# What every container has: the users alice, bob and carol, a name, and nothing that runs by itself.
prepare_root() {
  local user
  for user in alice bob carol; do chroot "$1" useradd --create-home --shell /bin/bash "$user"; done
  chroot "$1" systemctl mask console-getty.service getty@.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer
  echo host.example >"$1/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 host.example host\n::1 localhost\n' >"$1/etc/hosts"
}

# install_dependencies DEPENDENCIES PACKAGE... ROOT: what a package needs that has these in its Depends field, so
# that installing that package needs no network; and packages that want a mail transport agent, of which there is
# none yet.
install_dependencies() {
  local root=${*: -1} packages=("${@:2:$#-2}")
  local stub=$root/tmp/stub
  mkdir -p "$stub/DEBIAN"
  cat >"$stub/DEBIAN/control" <<END
Package: mailqueue-dependencies
Version: 1
Architecture: $(dpkg --print-architecture)
Maintainer: nobody <nobody@localhost>
Description: what mailqueue needs
Depends: $1
Provides: mail-transport-agent
END
  dpkg-deb --build "$stub" "$stub.deb"
  install_in "$root" /tmp/stub.deb "${packages[@]}"
  chroot "$root" dpkg --purge --force-depends mailqueue-dependencies
  rm -rf "$stub" "$stub.deb"
}

# install_in ROOT PACKAGE...
install_in() {
  local root=$1
  shift
  chroot "$root" apt-get -q update
  chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install "$@"
  chroot "$root" apt-get clean
}

# make_package_layer NAME DEB: sets $package_layer to what installing the package adds to $layer.
make_package_layer() {
  local below=$layer layer
  make_layer "$1" install_package "$(sha256sum <"$2" | cut -c 1-12)" "$2"
  package_layer=$layer
}

# install_package HASH DEB ROOT
install_package() {
  cp "$2" "$3/tmp/mailqueue.deb"
  chroot "$3" env DEBIAN_FRONTEND=noninteractive dpkg --install /tmp/mailqueue.deb
  rm "$3/tmp/mailqueue.deb"
}

# make_clients_layer DEB: sets $layer to one that has the programs of client_packages, too, and other mail servers.
make_clients_layer() {
  make_layer clients install_clients "$(dependencies_of "$1")" "${client_packages[@]}"
}

# install_clients DEPENDENCIES PACKAGE... ROOT: as install_dependencies. Of mail servers whose packages can't be installed
# beside ours what is needed to run them, and nothing that would start them, or call itself sendmail.
install_clients() {
  local root=${*: -1} user libraries servers=(exim4-daemon-light opensmtpd postfix)
  chroot "$root" apt-get -q update
  mapfile -t libraries < <(chroot "$root" apt-cache depends "${servers[@]}" | sed -n 's/^ *Depends: \(lib[^ <]*\)$/\1/p')
  install_dependencies "${@:1:$#-1}" "${libraries[@]}" "$root"
  chroot "$root" sh -c 'cd /tmp && apt-get -q download "$@"' sh "${servers[@]}"
  unpack_from "$root" exim4-daemon-light ./usr/sbin/exim4
  unpack_from "$root" opensmtpd ./usr/sbin/smtpctl ./usr/sbin/smtpd ./usr/libexec/opensmtpd
  unpack_from "$root" postfix ./etc/postfix './usr/sbin/post*' ./usr/lib/postfix
  for user in Debian-exim opensmtpd opensmtpq postfix postdrop; do
    chroot "$root" useradd --system --user-group "$user"
  done
}

# unpack_from ROOT PACKAGE PATTERN...: the files that fit, of the package that lies in /tmp.
unpack_from() {
  dpkg-deb --fsys-tarfile "$1/tmp/$2"_*.deb | tar --extract --preserve-permissions --wildcards --directory="$1" "${@:3}"
  rm "$1/tmp/$2"_*.deb
}

# dependencies_of DEB: on one line.
dependencies_of() {
  dpkg-deb -f "$1" Pre-Depends Depends | sed 's/^[A-Za-z-]*: //' | paste -sd , | tr -d '\n'
}
