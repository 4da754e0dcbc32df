// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "spool/drop_directory.hxx"
#include "spool/drop_format.hxx"
#include "spool/queue.hxx"

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <string>
#include <vector>

namespace runner {

/// Brings what was submitted, as files of drop/ or over the submit socket, into the queue: all that waits
/// in one group commit.
class Intake {
 public:
  /// @param on_taken called with the new entries of each commit, durable and no longer in drop/
  Intake(asio::io_context& context, const spool::DropDirectory& drops, const spool::Queue& queue,
         std::function<void(std::vector<mail::Envelope>)> on_taken);

  /// Watches drop/ and takes in what is there.
  void Start();

  using Reply = std::function<void(const spool::SubmitReply&)>;
  /// Takes in a message from the submit socket with the next commit, then replies.
  void TakeStream(spool::Drop drop, Reply reply);

  /// Nothing is waiting that could not be taken in at once.
  [[nodiscard]] bool IsIdle() const noexcept { return streams_.empty() && !retrying_; }

 private:
  struct Stream {
    spool::Drop drop;
    Reply reply;
  };

  void WaitForChange();
  void Schedule();
  void TakeAll();
  void RetryLater(const std::string& why);
  void TakeDrops();
  void TakeSome(const std::vector<std::string>& names);
  [[nodiscard]] bool AddDrop(spool::QueueBatch& batch, const std::string& name);
  void Refuse(const std::string& name, const spool::Refusal& refusal);
  void TakeStreams();

  asio::io_context& context_;
  const spool::DropDirectory& drops_;
  const spool::Queue& queue_;
  std::function<void(std::vector<mail::Envelope>)> on_taken_;
  asio::posix::stream_descriptor changes_;  ///< inotify(7)
  asio::steady_timer retry_;
  std::vector<Stream> streams_;
  bool scheduled_ = false;
  bool retrying_ = false;
};

}  // namespace runner
