# SPDX-License-Identifier: BSD-2-Clause
# The system tests: each program of tests/system in a freshly booted container with the package installed.

system_test_seconds=300

# They wait more than they work, so several containers run side by side.
system_tests_at_once=5

# check_system_tests [PROGRAM...]: all, if none is named. Their reports, output and the containers' journals are kept in
# build/log/system.
check_system_tests() {
  local program name running=0 pids=() programs=("$@")
  if (($# == 0)); then mapfile -t programs < <(system_test_programs); fi
  prepare_container
  rm -rf "$logs/system"
  choose_layers
  for program in "${programs[@]}"; do
    mkdir -p "$logs/system/${program##*/}"
    if ((running >= system_tests_at_once)); then wait -n || :; else running=$((running + 1)); fi
    run_system_test "$program" "$logs/system/${program##*/}" &
    pids+=($!)
  done
  wait "${pids[@]}" || :
  for program in "${programs[@]}"; do
    name=${program##*/}
    count_reports "$logs/system/$name" "$(cat "$logs/system/$name/status" || echo 1)"
    count_slow_handlers "$name"
  done
}

# The journal has each handler that takes longer than 20 ms. Five containers and clang-tidy share the disk, so one call of the
# spool can take that long. What fails a test is more than 20 ms of processor time, which is the program's own doing, and
# more than 250 ms in all.
handler_work_ms=20
handler_ms=250

# count_slow_handlers NAME: that no handler has kept an event loop is one more case of each test.
count_slow_handlers() {
  local lines
  lines=$(slow_handlers <"$logs/system/$1/journal")
  if [[ -n $lines ]]; then
    say "  failed: handlers of $1" "$lines" >&2
    failed=$((failed + 1))
  else
    passed=$((passed + 1))
  fi
}

# Lines of a journal, from standard input.
slow_handlers() {
  awk -v max_work="$handler_work_ms" -v max="$handler_ms" '
    match($0, /kept the event loop for [0-9]+ ms, more than [0-9]+, with [0-9]+ ms/) {
      split(substr($0, RSTART, RLENGTH), words, " ")
      if (words[6] > max || words[12] > max_work) print
    }'
}

# Those that take longest first, so that none of them is the last.
system_test_programs() {
  local dir=$meson_dir/tests/system
  { printf "$dir/%s_test\n" servers faults relay tls others hostile callers forward mx && printf '%s\n' "$dir"/*_test; } | awk '!seen[$0]++'
}

# needs_clients PROGRAM: it uses programs that others wrote.
needs_clients() { [[ ${1##*/} == @(callers|mda|mx|servers)_test ]]; }

# Sets plain_layers and clients_layers to what lies over the plain Debian; $layer stays.
choose_layers() {
  local plain=$layer
  make_package_layer package "$deb"
  plain_layers=("$package_layer" "$layer")
  make_clients_layer "$deb"
  make_package_layer clients-package "$deb"
  clients_layers=("$package_layer" "$layer")
  layer=$plain
}

# run_system_test PROGRAM RESULTS
run_system_test() {
  local name=${1##*/} status=0
  step "System tests: $name" "system/$name/output" system_test "$1" "$2" || status=1
  echo "$status" >"$2/status"
}

system_test() {
  local status=0 layers=("${plain_layers[@]}")
  if needs_clients "$1"; then layers=("${clients_layers[@]}"); fi
  start_container "${layers[@]}"
  watch_handlers "$1"
  install_sink
  install -D -m 755 "$1" "$scratch/share/tests/${1##*/}"
  run_in_container "$system_test_seconds" env GTEST_OUTPUT=xml:/run/host-share/report.xml \
    "/run/host-share/tests/${1##*/}" || status=$?
  save_journal "$2/journal"
  cp "$scratch/share/report.xml" "$2/" || :
  stop_container
  return "$status"
}

# What others' mail would wait for is logged, except where each system call takes long because it is traced.
watch_handlers() {
  local unit dir
  [[ ${1##*/} != faults_test ]] || return 0
  for unit in mailqueue mailqueue-relay; do
    dir=$scratch/root/etc/systemd/system/$unit.service.d
    mkdir -p "$dir"
    printf '[Service]\nEnvironment=MAILQUEUE_HANDLER_LIMIT=20\n' >"$dir/handlers.conf"
  done
  in_container systemctl daemon-reload
}

# The receiving server, where programs find it.
install_sink() {
  install -m 755 "$meson_dir/tests/sink/mailqueue-sink" "$scratch/root/usr/local/bin/"
}

# What the package's maintainer scripts do.
package_test() {
  prepare_container
  start_container "$layer"
  cp "$deb" "$scratch/share/mailqueue.deb"
  cp "$top/tools/lib/test-package" "$scratch/share/"
  run_in_container "$system_test_seconds" /run/host-share/test-package /run/host-share/mailqueue.deb
}
