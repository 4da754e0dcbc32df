#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tidy-one.sh "UNIT SOURCE-OR-HEADER...": clang-tidy of one unit of compilation, unless it passed before with the same content.

set -euo pipefail
cd "$(dirname "$0")/../.."
read -ra files <<<"$1"
stamp=build/tidy/$(sha256sum .clang-tidy meson.build "${files[@]}" | sha256sum | cut -c 1-32)
[[ ! -e $stamp ]] || exit 0
echo "clang-tidy ${files[0]#build/meson/}"
# The warning options are g++'s.
clang-tidy-16 --quiet -p build/meson --extra-arg=-Wno-unknown-warning-option "${files[0]}"
touch "$stamp"
