// SPDX-License-Identifier: BSD-2-Clause
#include "sandbox/syscall_filter.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <functional>
#include <sched.h>
#include <thread>

namespace {

// The error of a call that a process makes behind the filter; 0: none.
int ErrorBehindFilter(const std::function<long()>& call) {
  const pid_t child = ::fork();
  if (child == 0) {
    sandbox::ForbidSystemCalls();
    errno = 0;
    const int error = call() < 0 ? errno : 0;
    ::_exit(error);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(ForbidSystemCalls, LeavesWhatAProgramNeeds) {
  EXPECT_EQ(ErrorBehindFilter([] { return ::open("/", O_RDONLY | O_DIRECTORY); }), 0);
  EXPECT_EQ(ErrorBehindFilter([] { return ::memfd_create("test", MFD_CLOEXEC); }), 0);
  EXPECT_EQ(ErrorBehindFilter([] { return ::open("/nowhere", O_RDONLY); }), ENOENT);
  EXPECT_EQ(ErrorBehindFilter([] {
              int result = -1;
              std::thread([&result] { result = 0; }).join();
              return result;
            }),
            0)
      << "a plugin may have threads";
}

TEST(ForbidSystemCalls, RefusesWhatItDoesNot) {
  struct RefusedCall {
    const char* name;
    std::function<long()> call;
    int error;
  };
  const RefusedCall kRefusedCalls[] = {
      {"unshare", [] { return ::unshare(CLONE_NEWUSER); }, EPERM},
      {"fork", [] { return ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr); }, EPERM},
      {"clone into a namespace",
       [] { return ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr); },
       EPERM},
      {"execve",
       [] {
         char* const words[] = {nullptr};
         return ::execve("/bin/true", words, words);
       },
       EPERM},
      {"personality", [] { return ::personality(0xffffffff); }, EPERM},
      {"setuid", [] { return ::syscall(SYS_setuid, 0); }, EPERM},
      {"mount", [] { return ::syscall(SYS_mount, nullptr, nullptr, nullptr, 0, nullptr); }, EPERM},
      {"ptrace", [] { return ::syscall(SYS_ptrace, 0, 0, 0, 0); }, EPERM},
      {"userfaultfd", [] { return ::syscall(SYS_userfaultfd, 1); }, EPERM},
      {"keyctl", [] { return ::syscall(SYS_keyctl, 0, 0, 0, 0, 0); }, EPERM},
      {"bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0); }, EPERM},
      {"perf_event_open", [] { return ::syscall(SYS_perf_event_open, nullptr, 0, 0, 0, 0); }, EPERM},
      {"process_vm_readv", [] { return ::syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0); },
       EPERM},
      {"execveat", [] { return ::syscall(SYS_execveat, -1, "/bin/true", nullptr, nullptr, 0); }, EPERM},
      {"vfork", [] { return ::syscall(SYS_clone, CLONE_VFORK | CLONE_VM | SIGCHLD, 0, 0, 0, 0); }, EPERM},
      {"io_uring_setup", [] { return ::syscall(SYS_io_uring_setup, 1, nullptr); }, EPERM},
      {"clone3", [] { return ::syscall(SYS_clone3, nullptr, 0); }, ENOSYS},
      {"one that does not exist yet", [] { return ::syscall(2000); }, ENOSYS},
      {"the largest number", [] { return ::syscall(INT_MAX); }, ENOSYS},
  };
  for (const auto& expected : kRefusedCalls)
    EXPECT_EQ(ErrorBehindFilter(expected.call), expected.error) << expected.name;
}

TEST(Enter, IsLeftOutWhereTheEnvironmentSaysSo) {
  const auto fork_behind = [](const char* value) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::setenv("MAILQUEUE_SYSCALL_FILTER", value, 1);
      sandbox::Enter();
      const pid_t grandchild = ::fork();
      if (grandchild == 0) ::_exit(0);
      ::_exit(grandchild < 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status) == 0;
  };
  EXPECT_TRUE(fork_behind("no"));
  EXPECT_FALSE(fork_behind("yes"));
  EXPECT_FALSE(fork_behind(""));
}

}  // namespace
