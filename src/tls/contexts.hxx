// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "tls/context.hxx"

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace tls {

/// The contexts, each shared by all identities that have the same options. They are kept, for what they load.
class Contexts {
 public:
  static constexpr std::size_t kMax = 16;  ///< from then on those that nobody uses go

  /// Throws std::system_error.
  [[nodiscard]] std::shared_ptr<Context> Find(Context::Verify verify, const Options& options) {
    const auto key = std::to_string(static_cast<int>(verify)) + " " + options.Key();
    const auto known = contexts_.find(key);
    if (known != contexts_.end()) return known->second;
    if (contexts_.size() >= kMax)
      std::erase_if(contexts_, [](const auto& entry) { return entry.second.use_count() == 1; });
    return contexts_[key] = std::make_shared<Context>(verify, options);
  }

 private:
  std::map<std::string, std::shared_ptr<Context>> contexts_;
};

}  // namespace tls
