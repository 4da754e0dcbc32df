# SPDX-License-Identifier: BSD-2-Clause
# The programs (build/meson), and the Debian package (build/deb).

meson_dir=$build/meson
deb_dir=$build/deb

# What the package is made of: all but the tests, the tools and the pages for developers.
package_sources() {
  (cd "$top" && find . -mindepth 1 -maxdepth 1 ! -name '.*' ! -name 'build*' ! -name tests ! -name tools \
    ! -name ARCHITECTURE.md ! -name HACKING.md -printf '%P\n' | sort)
}

# build_tree: everything, tests included, for the directories of the installed package.
build_tree() {
  configure_tree "$meson_dir" -Dwerror=true || return
  step "Building" build ninja -C "$meson_dir"
}

# build_sink: only the receiving server.
build_sink() {
  configure_tree "$meson_dir" -Dwerror=true || return
  step "Building the receiving server" build ninja -C "$meson_dir" tests/sink/mailqueue-sink
}

# configure_tree DIRECTORY OPTION...
configure_tree() {
  local dir=$1
  shift
  [[ ! -e $dir/build.ninja ]] || return 0
  rm -rf "$dir"
  step "Configuring" "configure-${dir##*/}" meson setup --prefix=/usr "$@" "$dir" "$top"
}

# build_package: sets $deb to the package, made anew only if its sources changed.
build_package() {
  local stamp source sources
  mapfile -t sources < <(package_sources)
  stamp=$(cd "$top" && hash_of "${sources[@]}" | sha256sum | cut -d ' ' -f 1)
  deb=$(latest_deb)
  if [[ -n $deb && $(cat "$deb_dir/stamp" 2>/dev/null) == "$stamp" ]]; then return; fi
  rm -f "$deb_dir/stamp" "$deb_dir"/*.{deb,changes,buildinfo}
  source=$(copy_sources "${sources[@]}")
  step "Making the Debian package" package make_package "$source" || return
  deb=$(latest_deb)
  echo "$stamp" >"$deb_dir/stamp"
}

latest_deb() {
  find "$deb_dir" -maxdepth 1 -name 'mailqueue_*.deb' 2>/dev/null
}

# Copies the sources, because dpkg-buildpackage puts its artefacts into the folder above. What the last
# build compiled is kept.
copy_sources() {
  local source=$deb_dir/mailqueue item
  mkdir -p "$source"
  find "$source" -mindepth 1 -maxdepth 1 ! -name 'obj-*' -exec rm -rf {} +
  for item; do
    cp -a "$top/$item" "$source/"
  done
  echo "$source"
}

# The tests are run from build/meson, so they are not run again here.
make_package() {
  cd "$1" && DEB_BUILD_OPTIONS="nocheck terse parallel=$(nproc)" dpkg-buildpackage -b -us -uc -nc
}
