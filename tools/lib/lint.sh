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

# Several sources at a time (Meson's "unity"), because most of the work is in the headers of libraries. They are examined anew
# only if one of them, a header, or the set of checks changed; the largest first, so that none of them is the last.
lint_tidy() {
  mkdir -p "$build/tidy"
  ninja -C "$meson_dir" -t deps | units_with_files | awk '{ print NF, $0 }' | sort -rn | cut -d ' ' -f 2- |
    xargs -rd '\n' -P "$(nproc)" -n 1 "$top/tools/lib/tidy-one.sh"
}

# From ninja's log of dependencies: a line for each unit of src, with the sources and headers of ours that it includes.
units_with_files() {
  awk -v "top=$top/" '
    /^[^ ].*: #deps/ { if (unit) print unit; unit = "" }
    /^    src\/.*-unity[0-9]+\.cpp$/ { unit = "build/meson/" $1 }
    unit && /^    \.\.\/\.\.\// { unit = unit " " substr($1, 7) }
    unit && index($1, top) == 1 { unit = unit " " substr($1, length(top) + 1) }
    END { if (unit) print unit }'
}
