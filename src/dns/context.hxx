// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "dns/answer.hxx"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct ub_ctx;
struct ub_result;

namespace dns {

class Question;

/// A set of name servers and what has been learned from them: a libunbound context, whose work is done in a
/// thread of its own. All calls and answers are in the executor's, which is one thread.
class Context : public std::enable_shared_from_this<Context> {
 public:
  struct Setup {
    std::vector<std::string> servers;  ///< numeric addresses of resolvers, which all questions go to
    std::uint16_t port = 53;           ///< theirs
    std::chrono::milliseconds limit = std::chrono::seconds(20);  ///< for one question
    std::string
        anchor;  ///< file with the keys of the root; empty: nothing is validated, so nothing is secure
  };

  /// Throws std::runtime_error if the library can't do that.
  Context(const asio::any_io_executor& executor, const Setup& setup);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// @param name without a dot at its end; "" is the root
  [[nodiscard]] std::unique_ptr<Question> Ask(const std::string& name, Type type);

 private:
  friend Question;
  struct Delete {
    void operator()(ub_ctx* context) const noexcept;
  };

  void Set(const char* option, const char* value);
  void SetUp(const Setup& setup);
  void Watch();

  const std::chrono::milliseconds limit_;
  std::unique_ptr<ub_ctx, Delete> context_;
  asio::posix::stream_descriptor readable_;  // borrowed from the context
  std::size_t open_ = 0;                     // questions without an answer
  bool watching_ = false;
};

/// A question under way; it is dropped with this.
class Question {
 public:
  Question(std::shared_ptr<Context> context, const std::string& name, Type type);
  ~Question();
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  /// Waits for the answer, once. It is Failed after Setup::limit.
  [[nodiscard]] asio::awaitable<Answer> Get();

 private:
  static void OnAnswer(void* self, int error, ub_result* result);

  std::shared_ptr<Context> context_;
  asio::steady_timer done_;
  int id_ = 0;
  std::optional<Answer> answer_;
};

}  // namespace dns
