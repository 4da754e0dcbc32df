// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <exception>

namespace relay {

/// The end of a coroutine of its own. An exception there is a fault of the program, or of its memory, and
/// left to service::EventLoop. What holds a request answers it before.
inline void RethrowFault(const std::exception_ptr& fault) {
  if (fault) std::rethrow_exception(fault);
}

}  // namespace relay
