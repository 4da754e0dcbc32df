// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/resource.h>

#include <atomic>

/// While it lives, this process may not have another descriptor (EMFILE), until somebody in it waits for one
/// with nanosleep(2). One at a time.
class NoDescriptors {
 public:
  NoDescriptors();
  ~NoDescriptors();
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

  /// How often nanosleep(2) was called meanwhile.
  [[nodiscard]] unsigned Waits() const noexcept { return waits_; }
  void OnWait() noexcept;

 private:
  void Lift() noexcept;

  rlimit old_{};
  std::atomic<unsigned> waits_ = 0;
};
