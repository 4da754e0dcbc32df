// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <exception>

namespace relay {

/// The end of a coroutine of its own. An exception there is a fault of the program, or of its memory: it ends
/// the process, the runner finds its requests unanswered, and systemd starts another.
inline void RethrowFault(const std::exception_ptr& fault) {
  if (fault) std::rethrow_exception(fault);
}

}  // namespace relay
