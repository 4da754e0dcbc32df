# SPDX-License-Identifier: BSD-2-Clause
# How many test cases passed and failed.

passed=0
failed=0

# check_step TITLE LOG COMMAND...: a step that counts as one case.
check_step() {
  if step "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# beside COMMAND...: checks that run beside what follows; count_those_beside adds what they have counted.
beside() {
  local passed=0 failed=0  # the command's own
  rm -f "$logs/counted-$1"
  ("$@" && echo "$passed $failed" >"$logs/counted-$1") &
  beside[$!]=$1
}
declare -A beside=()  # the commands by process

# What has died without a word has failed.
count_those_beside() {
  local process good bad
  for process in "${!beside[@]}"; do
    wait "$process" || :
    good=0 bad=1
    read -r good bad 2>/dev/null <"$logs/counted-${beside[$process]}" || :
    passed=$((passed + good))
    failed=$((failed + bad))
  done
  beside=()
}

# count_reports FOLDER STATUS: the cases in GoogleTest's XML reports; and one that failed if the status of what
# wrote them says so but they don't: a program that crashed leaves no report.
count_reports() {
  local good bad
  read -r good bad < <(find "$1" -name '*.xml' -exec cat {} + | sum_reports)
  if (($2 != 0 && bad == 0)); then bad=1; fi
  find "$1" -name '*.xml' -exec cat {} + | print_failures >&2
  passed=$((passed + good))
  failed=$((failed + bad))
}

# Prints how many cases passed and failed; those that were skipped or disabled are neither.
sum_reports() {
  awk '/<testsuite / { bad += value("failures") + value("errors")
                       all += value("tests") - value("skipped") - value("disabled") }
       END { print all - bad, bad + 0 }
       function value(name) {
         return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3) + 0 : 0
       }'
}

# One line a case that failed.
print_failures() {
  awk '/<testcase / { match($0, / name="[^"]*"/); name = substr($0, RSTART + 7, RLENGTH - 8)
                      match($0, / classname="[^"]*"/); suite = substr($0, RSTART + 12, RLENGTH - 13); told = 0 }
       /<failure / && !told { print "  failed: " suite "." name; told = 1 }'
}
