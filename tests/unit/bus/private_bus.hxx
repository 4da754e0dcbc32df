// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <string>

/// A dbus-daemon of the test's own, which stands in for the system bus of this process while the object
/// lives.
class PrivateBus {
 public:
  PrivateBus();
  ~PrivateBus();
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;

 private:
  std::string directory_;
  pid_t daemon_ = -1;
};
