# SPDX-License-Identifier: BSD-2-Clause
# The programs (build/meson), and the Debian package (build/deb).

meson_dir=$build/meson
deb_dir=$build/deb

# What the package is made of; tests and tools do not change it.
package_sources=(LICENSE README.md conf debian man meson.build meson_options.txt src units)

# build_tree: everything, tests included, for the directories of the installed package.
build_tree() {
  configure_tree "$meson_dir" -Dwerror=true || return
  step "Building" build ninja -C "$meson_dir"
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
  local stamp source
  stamp=$(cd "$top" && hash_of "${package_sources[@]}" | sha256sum | cut -d ' ' -f 1)
  deb=$(latest_deb)
  if [[ -n $deb && $(cat "$deb_dir/stamp" 2>/dev/null) == "$stamp" ]]; then return; fi
  rm -f "$deb_dir/stamp" "$deb_dir"/*.{deb,changes,buildinfo}
  source=$(copy_sources)
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
  for item in "${package_sources[@]}"; do
    rm -rf "${source:?}/$item"
    cp -a "$top/$item" "$source/"
  done
  echo "$source"
}

# The tests are run from build/meson, so they are not run again here.
make_package() {
  cd "$1" && DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" dpkg-buildpackage -b -us -uc -nc
}
