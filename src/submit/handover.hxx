// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/queue_id.hxx"
#include "spool/drop_format.hxx"
#include "submit/drop_file.hxx"
#include "submit/message_buffer.hxx"
#include "submit/site.hxx"
#include "submit/submit_socket.hxx"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace submit {

/// The part before the body, which depends on the queue ID.
struct Front {
  std::string envelope;
  std::string header;
};

/// Hands one message to the queue as drop_format.hxx says. It is written to a drop file. When that fails, now
/// or later, it is collected in a MessageBuffer, and sent to the submit socket when it is whole: a sender may
/// be silent for hours, and the runner start anew meanwhile. Where it can't be collected either, what there
/// is goes to the socket, and the rest follows it as it comes.
class Handover {
 public:
  /// Makes the front for an ID; always of the same length.
  using MakeFront = std::function<Front(mail::QueueId)>;

  /// Throws Refusal if no way is open.
  Handover(const Site& site, MakeFront make_front);

  /// The next octets of the body. Throws Refusal.
  /// @param origin where they stand in a file
  void Write(std::string_view data, std::optional<FileOrigin> origin = {});

  /// The body is whole. Throws Refusal.
  /// @return the message's queue ID; it is on stable storage
  [[nodiscard]] mail::QueueId Commit();

 private:
  // Why there was no reply.
  struct Broken {
    std::string why;
    bool may_pass;  // another try in a while may succeed
  };
  using Outcome = std::variant<spool::SubmitReply, Broken>;

  void Put(std::string_view data);
  void RefuseWithoutRoom() const;
  void LeaveDrop(int error);
  void LeaveBuffer(int error);
  void Stream(std::string_view data);
  [[noreturn]] void RefuseStream(int error);
  [[nodiscard]] int CommitDrop();
  [[nodiscard]] int LinkUnderFreshId(const std::string& head);
  [[nodiscard]] mail::QueueId SendBuffer();
  [[nodiscard]] Outcome TrySend(std::chrono::seconds limit) const;
  [[nodiscard]] mail::QueueId FinishStream();
  [[nodiscard]] mail::QueueId Accept(const spool::SubmitReply& reply) const;
  [[noreturn]] void RefuseForLack(const std::string& socket_problem) const;
  [[nodiscard]] std::string FinishedHead() const;

  const Site& site_;
  MakeFront make_front_;
  mail::QueueId id_;
  std::size_t envelope_size_ = 0;
  std::uint64_t message_size_ = 0;
  int drop_error_ = 0;  // why drop/ was left
  // One of these is set.
  std::unique_ptr<DropFile> drop_;
  std::optional<MessageBuffer> buffer_;
  std::optional<SubmitSocket> stream_;
};

}  // namespace submit
