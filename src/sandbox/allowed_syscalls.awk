# SPDX-License-Identifier: BSD-2-Clause
# Makes elements of an array of the names in allowed_syscalls.txt.
!/^#/ { for (i = 1; i <= NF; ++i) printf "#ifdef SYS_%s\nSYS_%s,\n#endif\n", $i, $i }
