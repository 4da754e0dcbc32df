# SPDX-License-Identifier: BSD-2-Clause
# The unit tests, plain and with sanitizers.

asan_dir=$build/asan

check_unit_tests() {
  run_unit_tests "Unit tests" unit "$meson_dir"
}

# meson test builds just what the tests need.
check_unit_tests_sanitized() {
  # Not optimised and with few debugging symbols: it compiles three times as fast.
  configure_tree "$asan_dir" CXXFLAGS=-g1 -Ddebug=false -Doptimization=0 -Dwerror=true -Db_sanitize=address,undefined -Db_lundef=false ||
    { failed=$((failed + 1)) && return; }
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  run_unit_tests "Unit tests with ASan and UBSan" unit-asan "$asan_dir"
  unset UBSAN_OPTIONS
}

# run_unit_tests TITLE LOG DIRECTORY
run_unit_tests() {
  local reports=$logs/$2 status=0
  rm -rf "$reports"
  mkdir -p "$reports"
  step "$1" "$2" env GTEST_OUTPUT="xml:$reports/" meson test -C "$3" --print-errorlogs || status=1
  count_reports "$reports" "$status"
}
