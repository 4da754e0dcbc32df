# SPDX-License-Identifier: BSD-2-Clause
# What the unit tests run of each folder of src, counted by g++ and gcov(1).

coverage_dir=$build/coverage

# measure_coverage FOLDER...: by the tests of these folders of tests/unit; without any, by all.
measure_coverage() {
  local targets names status=0
  configure_tree "$coverage_dir" "CC=gcc CXX=g++ CXXFLAGS=" -Ddebug=false -Doptimization=0 -Dunity=on -Dunity_size=100 \
    -Db_coverage=true || return
  step "Configuring" configure ninja -C "$coverage_dir" build.ninja || return
  mapfile -t targets < <(unit_tests_of '.cmd[0] | ltrimstr($dir + "/")' "$@")
  mapfile -t names < <(unit_tests_of .name "$@")
  ((${#names[@]} > 0)) || { warn "there are no tests in ${*/#/tests/unit/}" && return 1; }
  step "Building the unit tests" build-coverage ninja -C "$coverage_dir" "${targets[@]}" || return
  find "$coverage_dir" -name '*.gcda' -delete
  step "Unit tests" coverage meson test -C "$coverage_dir" --no-rebuild --timeout-multiplier 4 --print-errorlogs "${names[@]}" ||
    status=1
  print_coverage
  return "$status"
}

# unit_tests_of FIELD FOLDER...: what jq makes of FIELD for each test of these folders.
unit_tests_of() {
  local field=$1
  shift
  meson introspect --tests "$coverage_dir" | jq -r --arg dir "$coverage_dir" --args \
    '.[] | select(.cmd[0] | startswith($dir + "/tests/unit/")) |
     select($ARGS.positional == [] or (.cmd[0] | split("/")[-2] | IN($ARGS.positional[]))) | '"$field" "$@"
}

# A row for each line that gcov(1) knows: FOLDER FILE:LINE RUN BRANCHES, with a 1 for each branch that was taken. Meson names sources
# relative to the build tree, and in unity builds by their whole path.
read_coverage() {
  local gcov=(gcov --json-format --stdout --relative-only --source-prefix "$top" --branch-probabilities)
  find "$coverage_dir" -name '*.gcda' -print0 | (cd "$coverage_dir" && xargs -0 "${gcov[@]}") |
    jq -r '.files[] | (.file | capture("(^|/)(?<path>src/(?<folder>programs/[^/]+|[^/]+)/.*)")) as $file |
      .lines[] | [$file.folder, "\($file.path):\(.line_number)", (if .count > 0 then 1 else 0 end),
        ([.branches[] | select(.throw | not) | if .count > 0 then "1" else "0" end] | add // "-")] | join(" ")'
}

# Sums up: one line of a header, or of a template, is in many of the rows.
print_coverage() {
  read_coverage | awk '
    {
      folder[$2] = $1
      run[$2] = run[$2] || $3
      if ($4 == "-") next
      for (i = length($4); i > 0; --i)
        if (substr($4, i, 1) == "1") taken[$2, i] = 1
      if (length($4) > branches[$2]) branches[$2] = length($4)
    }
    END {
      for (line in folder) {
        split(folder[line] "\nall", names, "\n")
        for (i in names) {
          name = names[i]
          ++lines[name]
          lines_run[name] += run[line]
          all[name] += branches[line]
          for (b = branches[line]; b > 0; --b) all_taken[name] += (line, b) in taken
        }
      }
      for (name in lines)
        printf "%-20s %7d %6.1f %% %9d %6.1f %%\n", name, lines[name], 100 * lines_run[name] / lines[name], all[name],
          all[name] ? 100 * all_taken[name] / all[name] : 100
    }' | sort >"$logs/coverage.txt"
  printf '%-20s %7s %8s %9s %8s\n' folder lines run branches taken
  grep -v '^all ' "$logs/coverage.txt"
  grep '^all ' "$logs/coverage.txt"
}
