// SPDX-License-Identifier: BSD-2-Clause
#include "no_descriptors.hxx"

#include "base/error.hxx"

#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

namespace {

constexpr rlim_t kStandardOnes = 3;

std::atomic<NoDescriptors*> living = nullptr;

}  // namespace

NoDescriptors::NoDescriptors() {
  if (::getrlimit(RLIMIT_NOFILE, &old_) < 0) ThrowErrno("Failed to learn the limit of descriptors");
  const rlimit none{kStandardOnes, old_.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &none) < 0) ThrowErrno("Failed to set the limit of descriptors");
  living = this;
}

NoDescriptors::~NoDescriptors() {
  Lift();
  living = nullptr;
}

void NoDescriptors::Lift() noexcept {
  ::setrlimit(RLIMIT_NOFILE, &old_);
}

void NoDescriptors::OnWait() noexcept {
  ++waits_;
  Lift();
}

// It stands in for that of the C library in a test.
extern "C" int nanosleep(const timespec* duration, timespec* left) {
  if (auto* const none = living.load()) none->OnWait();
  return static_cast<int>(::syscall(SYS_nanosleep, duration, left));
}
