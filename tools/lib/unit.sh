# SPDX-License-Identifier: BSD-2-Clause
# The unit tests, with sanitizers.

asan_dir=$build/asan

# configure_asan_tree: for the unit tests, and for the programs of tools/shell --asan.
configure_asan_tree() {
  # Not optimised, with few debugging symbols, and by clang, which needs half of g++'s time for coroutines.
  configure_tree "$asan_dir" "CC=clang-$clang CXX=clang++-$clang CXXFLAGS=-g1" -Ddebug=false -Doptimization=0 -Dunity=on -Dunity_size=100 \
    -Dwerror=true -Db_sanitize=address,undefined -Db_lundef=false
}

# build_unit_tests: and no more than they need.
build_unit_tests() {
  configure_asan_tree || return
  step "Building the unit tests" build-unit ninja -C "$asan_dir" meson-test-prereq
}

check_unit_tests() {
  local reports=$logs/unit status=0
  rm -rf "$reports"
  mkdir -p "$reports"
  step "Unit tests with ASan and UBSan" unit env UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    GTEST_OUTPUT="xml:$reports/" meson test -C "$asan_dir" --timeout-multiplier 4 --print-errorlogs || status=1
  count_reports "$reports" "$status"
}
