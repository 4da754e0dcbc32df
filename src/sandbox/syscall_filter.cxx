// SPDX-License-Identifier: BSD-2-Clause
#include "sandbox/syscall_filter.hxx"

#include "base/error.hxx"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sched.h>
#include <string_view>
#include <vector>

namespace sandbox {

namespace {

// Of seccomp(2): what the numbers mean depends on it. 0: SystemCallArchitectures= of the unit has to do.
#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__i386__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_I386;
#elif defined(__aarch64__) && defined(__AARCH64EL__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__arm__) && defined(__ARMEL__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_ARM;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_RISCV64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_PPC64LE;
#elif defined(__s390x__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_S390X;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

// By number, made of allowed_syscalls.txt.
constexpr std::uint32_t kAllowed[] = {
#include "allowed_syscalls.inc"
};

// Where the flags of clone(2) are.
#ifdef __s390x__
constexpr std::size_t kCloneFlags = offsetof(seccomp_data, args[1]);
#else
constexpr std::size_t kCloneFlags = offsetof(seccomp_data, args[0]);
#endif
constexpr std::size_t kLowerHalf = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(std::uint32_t) : 0;

constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kUnknown = SECCOMP_RET_ERRNO | ENOSYS;

// The program of bpf(2), classic: each step falls through to the next one unless it returns.
class Program {
 public:
  void Load(std::size_t offset) { Add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
  void Return(std::uint32_t action) { Add(BPF_RET | BPF_K, action); }
  void ReturnUnless(std::uint16_t comparison, std::uint32_t value, std::uint32_t action) {
    Add(BPF_JMP | comparison | BPF_K, value, 1, 0);
    Return(action);
  }
  void ReturnWithin(std::uint32_t first, std::uint32_t last, std::uint32_t action) {
    Add(BPF_JMP | BPF_JGE | BPF_K, first, 0, 2);
    Add(BPF_JMP | BPF_JGT | BPF_K, last, 1, 0);
    Return(action);
  }
  // Skips the @p steps that follow unless the value is this one.
  void Only(std::uint32_t value, std::uint8_t steps) { Add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, steps); }

  [[nodiscard]] std::vector<sock_filter>& Steps() noexcept { return steps_; }

 private:
  void Add(int code, std::uint32_t value, std::uint8_t if_true = 0, std::uint8_t if_false = 0) {
    steps_.push_back({static_cast<std::uint16_t>(code), if_true, if_false, value});
  }

  std::vector<sock_filter> steps_;
};

// Numbers that follow one another are one comparison.
void Allow(Program& program, std::vector<std::uint32_t> numbers) {
  std::ranges::sort(numbers);
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] <= numbers[last] + 1) ++last;
    program.ReturnWithin(numbers[i], numbers[last], SECCOMP_RET_ALLOW);
    i = last + 1;
  }
}

Program MakeProgram() {
  Program program;
  if (kArchitecture) {
    program.Load(offsetof(seccomp_data, arch));
    program.ReturnUnless(BPF_JEQ, kArchitecture, kRefused);
  }
  program.Load(offsetof(seccomp_data, nr));
  Allow(program, {std::begin(kAllowed), std::end(kAllowed)});
  // clone3(2) has its flags in memory, where a filter does not see them; without it clone(2) is called.
  program.ReturnWithin(SYS_clone3, SYS_clone3, kUnknown);
  program.Only(SYS_clone, 4);
  program.Load(kCloneFlags + kLowerHalf);
  program.ReturnUnless(BPF_JSET, CLONE_THREAD, kRefused);
  program.Return(SECCOMP_RET_ALLOW);
  program.ReturnWithin(std::ranges::max(kAllowed) + 1, UINT32_MAX, kUnknown);
  program.Return(kRefused);
  return program;
}

}  // namespace

void ForbidSystemCalls() {
  auto program = MakeProgram();
  auto& steps = program.Steps();
  const sock_fprog filter{static_cast<unsigned short>(steps.size()), steps.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) ThrowErrno("Failed to give up new privileges");
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0 && errno != EINVAL)
    ThrowErrno("Failed to forbid system calls");
}

void Enter() {
  const char* const value = std::getenv("MAILQUEUE_SYSCALL_FILTER");
  if (!value || std::string_view(value) != "no") ForbidSystemCalls();
}

}  // namespace sandbox
