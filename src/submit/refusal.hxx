// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdexcept>
#include <string>

namespace submit {

/// Why a message was not accepted. Nothing of it is in the queue.
class Refusal : public std::runtime_error {
 public:
  /// @param status of sysexits(3)
  /// @param text for a person: what is wrong and, where there is one, the remedy
  Refusal(int status, const std::string& text) : std::runtime_error(text), status_(status) {}
  [[nodiscard]] int Status() const noexcept { return status_; }

 private:
  int status_;
};

}  // namespace submit
