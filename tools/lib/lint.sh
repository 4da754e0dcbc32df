# SPDX-License-Identifier: BSD-2-Clause
# What is judged without being run.

lint_format() {
  (cd "$top" && find src tests -name '*.[ch]xx' -print0 | xargs -0r clang-format-16 --dry-run --Werror)
}

lint_shell() {
  (cd "$top" && find .ci tools debian -type f \( -path '.ci/*' -o -path 'tools/*' -o -name '*.post*' -o -name '*.pre*' \) \
    ! -name '.*' -print0 | xargs -0 shellcheck)
}

lint_manuals() {
  find "$top/man" -name '*.[1-8]' -print0 | xargs -0r mandoc -T lint -W warning
}

lint_package() {
  lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$deb_dir"/*.changes
}

# Each source is examined anew only if it, a header that it includes, or the set of checks changed.
lint_tidy() {
  mkdir -p "$build/tidy"
  ninja -C "$meson_dir" -t deps | sources_with_headers |
    xargs -rd '\n' -P "$(nproc)" -n 1 "$top/tools/lib/tidy-one.sh"
}

# From ninja's log of dependencies: a line for each source of src, the source first, then its headers.
sources_with_headers() {
  awk '/^[^ ].*: #deps/ { if (line ~ /^src\/[^ ]*\.cxx/) print line; line = "" }
       /^    \.\.\/\.\.\// { line = line (line == "" ? "" : " ") substr($1, 7) }
       END { if (line ~ /^src\//) print line }'
}
