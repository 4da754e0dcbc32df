// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string_view>

namespace deliver {

/// Takes a stream of octets: a file that is written, or one that is compared.
class Sink {
 public:
  virtual ~Sink() = default;
  /// @return false if no more is wanted
  [[nodiscard]] virtual bool Put(std::string_view data) = 0;
};

}  // namespace deliver
