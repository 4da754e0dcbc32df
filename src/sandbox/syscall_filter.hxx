// SPDX-License-Identifier: BSD-2-Clause
#pragma once

/// The system calls that a program gives up at its start, in case an attacker takes it over later.
namespace sandbox {

/// Takes away from this process, and from what it loads, every system call but those for files, sockets,
/// memory, threads, signals and time (seccomp(2)). What is refused fails with EPERM, what is newer than this
/// program with ENOSYS; so do programs and processes of its own: execve(2), fork(2). To be called while there
/// is one thread.
///
/// It does what SystemCallFilter= in a unit would do, and more: systemd's has to leave execve(2) to the
/// program that it starts. It costs less, too, since systemd compiles its filter anew for each start. Throws
/// std::system_error if the kernel refuses it for another reason than that it has no seccomp.
void ForbidSystemCalls();

/// ForbidSystemCalls, unless the environment says MAILQUEUE_SYSCALL_FILTER=no: an administrator whose plugin
/// or name service needs more says so in a drop-in, and may have a SystemCallFilter= there.
void Enter();

}  // namespace sandbox
