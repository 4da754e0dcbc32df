# SPDX-License-Identifier: BSD-2-Clause
# The measurement of tools/bench: a container for each mailer, and the tables of what was measured in it.

bench_mailers=(mailqueue dma msmtp nullmailer opensmtpd postfix)
bench_failures=0
bench_seconds=3600
declare -A mailer_layer

# The package that has the sendmail of a mailer.
mailer_package() {
  case $1 in
    msmtp) echo msmtp-mta ;;
    *) echo "$1" ;;
  esac
}

# install_mailer PACKAGE ROOT
install_mailer() {
  local policy=$2/usr/sbin/policy-rc.d
  # Nothing is to be started outside of the container.
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  install_in "$2" "$1"
  rm "$policy"
}

# A mailer that can't be installed is missing in the tables, and the others are measured all the same.
make_mailer_layers() {
  local mailer programs=$layer
  for mailer in "${bench_mailers[@]}"; do
    if [[ $mailer == mailqueue ]]; then
      mailer_layer[$mailer]=$programs
    elif (make_layer "$mailer" install_mailer "$(mailer_package "$mailer")"); then
      make_layer "$mailer" install_mailer "$(mailer_package "$mailer")"
      # The layer below has the libraries of the receiving server.
      mailer_layer[$mailer]="$layer $programs"
    else
      bench_failures=$((bench_failures + 1))
    fi
  done
}

# measure_mailer MAILER DIVISOR PART...
measure_mailer() {
  local mailer=$1
  shift
  mkdir -p "$logs/bench/$mailer"
  [[ -n ${mailer_layer[$mailer]:-} ]] || return 0
  step "Measuring $mailer" "bench-$mailer" measure_in_container "$mailer" "$@" ||
    bench_failures=$((bench_failures + 1))
}

measure_in_container() {
  local mailer=$1 layers status=0
  read -r -a layers <<<"${mailer_layer[$mailer]}"
  start_container "${layers[@]}"
  install_sink
  install -m 755 "$meson_dir"/tests/{bench/mailqueue-bench,system/others_test} "$scratch/root/usr/local/bin/"
  cp "$top"/tools/lib/bench-{mail,mailers.sh} "$scratch/share/"
  if [[ $mailer == mailqueue ]]; then install_in_container "$deb"; fi
  run_in_container "$bench_seconds" /run/host-share/bench-mail "$@" \
    2> >(tee "$logs/bench/$mailer/errors" >&2) >"$logs/bench/$mailer/results" || status=$?
  save_journal "$logs/bench/$mailer/journal"
  stop_container
  return "$status"
}

# result MAILER MEASUREMENT COLUMN: "-" where the mailer does not do such a thing.
result() {
  awk -v what="$2" -v column="$3" '
    BEGIN { missing = "-" }
    $2 == "failed" { missing = "failed" }
    $1 == what { value = $(column + 1) }
    END { print value == "" ? missing : value }' "$logs/bench/$1/results" 2>/dev/null || echo failed
}

row() {
  printf '%-46s' "$1"
  shift
  printf '%12s' "$@"
  printf '\n'
}

heading() {
  say
  say "$1"
  row "" "${bench_mailers[@]}"
}

# table_row TITLE MEASUREMENT COLUMN
table_row() {
  local mailer values=()
  for mailer in "${bench_mailers[@]}"; do values+=("$(result "$mailer" "$2" "$3")"); done
  row "$1" "${values[@]}"
}

# differences MEASUREMENT MEASUREMENT: of their first columns, one a mailer.
differences() {
  local mailer
  for mailer in "${bench_mailers[@]}"; do
    echo "$(result "$mailer" "$1" 1)" "$(result "$mailer" "$2" 1)"
  done | awk '{ if ($1 + 0 > 0 && $2 + 0 > 0) printf "%.2f\n", $1 - $2; else print $1 }'
}

# The columns that every measurement of bench-mail has: see there.
report_submit() {
  local size processes name
  for size in 2kB 10MB; do
    heading "Submission, $size, from the start of sendmail to its exit"
    for processes in 1 4; do
      name=submit-$size-$processes
      table_row "$processes at once: messages a second" "$name" 4
      table_row "  median, ms" "$name" 5
      table_row "  99th percentile, ms" "$name" 6
      table_row "  processors busy with other things" "$name" 2
    done
  done
}

# report_relayed TITLE MEASUREMENT
report_relayed() {
  table_row "$1: seconds" "$2" 7
  table_row "  connections" "$2" 8
  table_row "  of them open at once" "$2" 9
  table_row "  processor time of all, ms a message" "$2" 1
  table_row "  processors busy with other things" "$2" 2
}

report_relay() {
  heading "Relaying, from the first submission to the last message received"
  report_relayed "500 messages" relay-500-0
  report_relayed "1 message to 1,000 recipients" relay-recipients
}

report_relay_full() {
  local count delay
  for delay in 0 20; do
    heading "Relaying, a relay that waits $delay ms before each reply"
    for count in 500 5000; do report_relayed "$count messages" "relay-$count-$delay"; done
  done
  heading "Memory that was needed for it"
  table_row "5,000 messages, 20 ms: mailqueue-relay, MB" relay-5000-20 3
}

report_connections() {
  local limit
  heading "15 messages for each connection that is allowed, to a relay that waits 3 s before each reply"
  for limit in 20 200; do
    table_row "Connections=$limit: open at once" "connections-$limit" 9
    table_row "  seconds" "connections-$limit" 7
    table_row "  memory of mailqueue-relay at most, MB" "connections-$limit" 3
  done
}

# report_local_row TITLE MEASUREMENT
report_local_row() {
  table_row "$1: seconds" "$2" 7
  table_row "  processor time of all, ms a message" "$2" 1
  table_row "  processors busy with other things" "$2" 2
}

report_local() {
  local values
  heading "Local delivery, from the first submission to the last in its mailbox"
  report_local_row "500 messages to one user" local-one
  report_local_row "500 messages to 500 users" local-many
  mapfile -t values < <(differences local-many local-one)
  row "  more of it than for one user, ms a user" "${values[@]}"
}

report_memory() {
  heading "300 messages held, the relay being down"
  table_row "all processes, MB (PSS)" memory 1
  table_row "  how many processes" memory 2
  table_row "the runner alone, MB (VmRSS)" memory 3
}

report_others() {
  local way
  heading "Mail of one user, in seconds until it is there, one message after the other"
  for way in local relay; do
    table_row "$way: another keeps the processors busy, median" "others-busy-$way" 1
    table_row "  worst" "others-busy-$way" 2
    table_row "$way: another plays all tricks, median" "others-tricks-$way" 1
    table_row "  worst" "others-tricks-$way" 2
  done
}

report_surroundings() {
  heading "For scale"
  table_row "/bin/true: processor time, ms" scale 1
  table_row "a unit of it that has a user, ms" unit 1
  say
  say "$(nproc) processors, $(uname -sr), the spool on $(stat -f -c %T "$build"); load average now $(cut -d ' ' -f 1-3 /proc/loadavg)."
  say "Processor time is that of the whole container, the sending programs, the receiving server and PID 1 included."
}
