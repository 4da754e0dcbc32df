// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/tls.hxx"

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace relay {

/// The contexts, each shared by all identities that have the same options. They are kept, for what they load.
class TlsContexts {
 public:
  static constexpr std::size_t kMax = 16;  ///< from then on those that nobody uses go

  /// Throws std::system_error.
  [[nodiscard]] std::shared_ptr<TlsContext> Find(TlsContext::Verify verify, const TlsOptions& options) {
    const auto key = std::to_string(static_cast<int>(verify)) + " " + options.Key();
    const auto known = contexts_.find(key);
    if (known != contexts_.end()) return known->second;
    if (contexts_.size() >= kMax)
      std::erase_if(contexts_, [](const auto& entry) { return entry.second.use_count() == 1; });
    return contexts_[key] = std::make_shared<TlsContext>(verify, options);
  }

 private:
  std::map<std::string, std::shared_ptr<TlsContext>> contexts_;
};

}  // namespace relay
