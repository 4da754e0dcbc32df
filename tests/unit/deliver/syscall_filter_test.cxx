// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/syscall_filter.hxx"

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
    deliver::ForbidSystemCalls();
    errno = 0;
    const int error = call() < 0 ? errno : 0;
    ::_exit(error);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(ForbidSystemCalls, LeavesWhatADeliveryNeeds) {
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
      {"io_uring_setup", [] { return ::syscall(SYS_io_uring_setup, 1, nullptr); }, EPERM},
      {"clone3", [] { return ::syscall(SYS_clone3, nullptr, 0); }, ENOSYS},
      {"one that does not exist yet", [] { return ::syscall(2000); }, ENOSYS},
      {"the largest number", [] { return ::syscall(INT_MAX); }, ENOSYS},
  };
  for (const auto& expected : kRefusedCalls)
    EXPECT_EQ(ErrorBehindFilter(expected.call), expected.error) << expected.name;
}

}  // namespace
