// SPDX-License-Identifier: BSD-2-Clause
#pragma once

namespace deliver {

/// Takes away from this process, and from what it loads, every system call but those for files, sockets,
/// memory, threads, signals and time (seccomp(2)). What is refused fails with EPERM, what is newer than this
/// program with ENOSYS; so do programs and processes of its own: execve(2), fork(2).
///
/// It does what SystemCallFilter= in the unit would do; but systemd compiles its filter anew for each unit,
/// which takes longer than all that the agent does. Throws std::system_error if the kernel refuses it for
/// another reason than that it has no seccomp.
void ForbidSystemCalls();

}  // namespace deliver
