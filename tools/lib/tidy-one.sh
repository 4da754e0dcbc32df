#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tidy-one.sh "SOURCE HEADER...": clang-tidy of one source, unless it passed before with the same content.

set -euo pipefail
cd "$(dirname "$0")/../.."
read -ra files <<<"$1"
stamp=build/tidy/$(sha256sum .clang-tidy meson.build "${files[@]}" | sha256sum | cut -c 1-32)
[[ ! -e $stamp ]] || exit 0
echo "clang-tidy ${files[0]}"
clang-tidy-16 --quiet -p build/meson "${files[0]}"
touch "$stamp"
