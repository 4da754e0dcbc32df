# SPDX-License-Identifier: BSD-2-Clause
# The programs that systemd starts, with ASan and UBSan, in the place of the package's in a container; and what they report.

asan_reports=/var/log/mailqueue-asan

# build_asan_programs: all that is installed in libexec.
build_asan_programs() {
  local targets
  configure_asan_tree || return
  step "Configuring" configure ninja -C "$asan_dir" build.ninja || return
  mapfile -t targets < <(asan_programs)
  step "Building the programs with ASan and UBSan" build-asan ninja -C "$asan_dir" "${targets[@]}"
}

asan_programs() {
  meson introspect --installed "$asan_dir" | grep -oE "\"$asan_dir/[^\"]*\": \"/usr/libexec/" | sed "s#^\"$asan_dir/##; s#\": .*##"
}

# install_asan_programs: after the package, whose files keep their modes.
install_asan_programs() {
  local program root=$scratch/root
  while read -r program; do
    cp --no-preserve=mode "$asan_dir/$program" "$root/usr/libexec/mailqueue/${program##*/}.new"
    chmod --reference="$root/usr/libexec/mailqueue/${program##*/}" "$root/usr/libexec/mailqueue/${program##*/}.new"
    mv "$root/usr/libexec/mailqueue/${program##*/}.new" "$root/usr/libexec/mailqueue/${program##*/}"
  done < <(asan_programs)
  install -d -m 1777 "$root$asan_reports"
  write_asan_drop_ins "$root"
  in_container systemctl daemon-reload
}

# Each service of the package gets the same, after all other drop-ins; those that the launcher starts have a folder only.
write_asan_drop_ins() {
  local unit
  for unit in "$1"/usr/lib/systemd/system/mailqueue*.service{,.d}; do
    unit=$1/etc/systemd/system/$(basename "${unit%.d}").d
    mkdir -p "$unit"
    asan_drop_in >"$unit/zz-asan.conf"
  done
}

# Leaks are not looked for: that needs ptrace(2), which a program that must not be traced can't have. Besides its shadow memory, ASan
# keeps what was freed (quarantine).
asan_drop_in() {
  cat <<END
[Service]
Environment=ASAN_OPTIONS=detect_leaks=0:handle_abort=1:symbolize=0:log_exe_name=1:log_path=$asan_reports/report
Environment=UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:symbolize=0:log_exe_name=1:log_path=$asan_reports/report
Environment=MAILQUEUE_SYSCALL_FILTER=no
LimitAS=infinity
MemoryDenyWriteExecute=no
MemoryMax=infinity
ReadWritePaths=$asan_reports
SystemCallFilter=
END
}

# check_asan_reports: prints those of the container, with the lines of the sources, and keeps them in build/log/asan. Status 1 if
# there is one.
check_asan_reports() {
  local report found=0
  # Whatever still runs ends here, and reports what it finds at its end.
  in_container systemctl stop 'mailqueue*.path' 'mailqueue*.socket' 'mailqueue*.service' || :
  rm -rf "$logs/asan"
  mkdir -p "$logs/asan"
  for report in "$scratch/root$asan_reports"/*; do
    [[ -f $report ]] || continue
    found=$((found + 1))
    symbolize_report <"$report" | tee "$logs/asan/${report##*/}" >&2
  done
  if ((found > 0)); then warn "$found reports of ASan and UBSan: see $logs/asan"; return 1; fi
  say "ASan and UBSan have reported nothing."
}

symbolize_report() {
  "asan_symbolize-$clang" -d -s "$scratch/root" "$top/"
}
