// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "tls/options.hxx"

#include <asio/ssl/context.hpp>

#include <atomic>
#include <string>
#include <vector>

namespace tls {

/// How TLS is done with the servers of one kind: TLS 1.2 at least, and the certificate verified or not.
class Context {
 public:
  enum class Verify {
    No,
    Yes,  ///< its key is one of those that the options pin, or, if they pin none, its chain and name are good
    Dane,  ///< it is one that TLSA records name
  };

  /// Throws std::system_error where a file of the options can't be used.
  Context(Verify verify, Options options);
  /// Loads the store of authorities at its first call, for the system's takes a megabyte and some 30 ms: that
  /// call may be made in any thread, with no other one beside it. Throws std::system_error.
  [[nodiscard]] asio::ssl::context& Get();
  /// Get() is quick. In any thread.
  [[nodiscard]] bool IsLoaded() const noexcept { return !VerifiesChain() || loaded_; }
  [[nodiscard]] Verify GetVerify() const noexcept { return verify_; }
  /// The chain and the name are verified in the handshake.
  [[nodiscard]] bool VerifiesChain() const noexcept {
    return verify_ == Verify::Yes && options_.pins.empty();
  }
  /// Keys of which the server must have one; empty: any.
  [[nodiscard]] const std::vector<std::string>& Pins() const noexcept { return options_.pins; }

 private:
  void LoadAuthorities();

  const Verify verify_;
  Options options_;
  asio::ssl::context context_;
  std::atomic<bool> loaded_ = false;
};

}  // namespace tls
