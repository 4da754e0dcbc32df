# SPDX-License-Identifier: BSD-2-Clause
# The programs (build/meson), and the Debian package made of them (build/deb).

meson_dir=$build/meson
deb_dir=$build/deb

# build_tree: what is installed, the receiving server and the system tests. The unit tests are built with sanitizers,
# in a tree of their own.
build_tree() {
  build_programs || return
  ninja_targets | grep '^tests/system/.*_test$' | build_targets
}

# build_programs: what is installed, and the receiving server of demonstration and tests.
build_programs() {
  configure_package_tree || return
  step "Configuring" configure ninja -C "$meson_dir" build.ninja || return
  { installed_targets && echo tests/sink/mailqueue-sink; } | build_targets
}

# build_targets: those that are named on standard input.
build_targets() {
  local targets
  mapfile -t targets
  step "Building" build ninja -C "$meson_dir" "${targets[@]}"
}

ninja_targets() { ninja -C "$meson_dir" -t targets all | sed 's/: .*//'; }

installed_targets() {
  meson introspect --installed "$meson_dir" | grep -oE "\"$meson_dir/[^\"]*\": " | sed "s#^\"$meson_dir/##; s#\": \$##" |
    sort | comm -12 - <(ninja_targets | sort)
}

# As dh_auto_configure(1) would, so that the package can be made of it; with fewer debugging symbols, which
# saves a fifth of the time, and several sources at once, which saves half of the rest.
configure_package_tree() {
  local flags
  flags=$(cd "$top" && DEB_BUILD_MAINT_OPTIONS=hardening=+all dpkg-buildflags --export=cmdline)
  flags=${flags//=\"-g /=\"-g1 }
  configure_tree "$meson_dir" "$flags" --buildtype=plain -Dunity=on -Dunity_size=100 --sysconfdir=/etc --localstatedir=/var -Dwerror=true
}

# configure_tree DIRECTORY FLAGS OPTION...: FLAGS are assignments of the environment.
configure_tree() {
  local dir=$1 flags=$2
  shift 2
  [[ ! -e $dir/build.ninja ]] || return 0
  rm -rf "$dir"
  step "Configuring" "configure-${dir##*/}" eval "env $flags meson setup --prefix=/usr ${*@Q} ${dir@Q} ${top@Q}"
}

# build_package: sets $deb to the package, made anew only if its sources changed.
build_package() {
  local stamp sources
  deb=
  build_programs || return
  mapfile -t sources < <(package_sources)
  stamp=$(cd "$top" && hash_of "${sources[@]}" | sha256sum | cut -d ' ' -f 1)
  if [[ $(cat "$deb_dir/stamp" 2>/dev/null) == "$stamp" ]]; then
    deb=$(latest_deb)
    return
  fi
  step "Making the Debian package" package make_package || return
  deb=$(latest_deb)
  echo "$stamp" >"$deb_dir/stamp"
}

# What the package is made of: all but the tests, the tools and the pages for developers.
package_sources() {
  (cd "$top" && find . -mindepth 1 -maxdepth 1 ! -name '.*' ! -name 'build*' ! -name tests ! -name tools \
    ! -name ARCHITECTURE.md ! -name HACKING.md -printf '%P\n' | sort)
}

latest_deb() {
  find "$deb_dir" -maxdepth 1 -name 'mailqueue_*.deb' 2>/dev/null
}

# In a copy, because dpkg-buildpackage puts its artefacts into the folder above.
make_package() {
  rm -rf "$deb_dir"
  mkdir -p "$deb_dir/mailqueue"
  cp -a "$top/debian" "$top/README.md" "$deb_dir/mailqueue/"
  cd "$deb_dir/mailqueue"
  MAILQUEUE_BUILT=$meson_dir DEB_BUILD_OPTIONS="nocheck noautodbgsym" dpkg-buildpackage -b -us -uc
}
