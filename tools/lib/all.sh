# SPDX-License-Identifier: BSD-2-Clause
# Sourced by every tool.

for part in common packages build root suite container prepare count unit coverage asan lint system; do
  . "$(dirname "${BASH_SOURCE[0]}")/$part.sh"
done
unset part
