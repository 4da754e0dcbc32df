// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/awaitable.hpp>
#include <asio/thread_pool.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace relay {

/// Does in threads what servers can make expensive: the rounds of SCRAM (RFC 5802 section 5.1). One at a time
/// for each user who has chosen servers of their own, so that nobody's servers keep others' logins waiting.
/// And what takes long besides: reading authorities. The threads are not there until there is something to
/// do.
class LoginWorker {
 public:
  static constexpr std::size_t kThreads = 2;

  LoginWorker();
  /// Waits for what runs.
  ~LoginWorker();
  LoginWorker(const LoginWorker&) = delete;
  LoginWorker& operator=(const LoginWorker&) = delete;

  /// @param owner Identity::owner, or what else is to be done one at a time
  /// @param work nothing else may touch what it touches until this returns; what it throws is thrown here
  [[nodiscard]] asio::awaitable<void> Run(std::string owner, std::function<void()> work);

 private:
  struct Turn;

  std::map<std::string, std::shared_ptr<Turn>> turns_;  // by owner
  std::unique_ptr<asio::thread_pool> threads_;
};

}  // namespace relay
