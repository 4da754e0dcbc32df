// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/queue_id.hxx"
#include "spool/drop_format.hxx"
#include "submit/drop_file.hxx"
#include "submit/site.hxx"
#include "submit/submit_socket.hxx"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace submit {

/// What stands before the body, which depends on the queue ID.
struct Front {
  std::string envelope;
  std::string header;
};

/// Hands one message to the queue as drop_format.hxx says. It begins with a drop file; when that fails, now
/// or later, what is written goes to the submit socket instead and the rest follows it.
class Handover {
 public:
  /// Makes the front for an ID; always of the same length.
  using MakeFront = std::function<Front(mail::QueueId)>;

  /// Throws Refusal if neither way is open.
  Handover(const Site& site, MakeFront make_front);

  /// The next octets of the body. Throws Refusal.
  /// @param origin where they stand in a file
  void Write(std::string_view data, std::optional<FileOrigin> origin = {});

  /// The body is whole. Throws Refusal.
  /// @return the message's queue ID; it is on stable storage
  [[nodiscard]] mail::QueueId Commit();

 private:
  void Put(std::string_view data);
  void Send(std::string_view data);
  void TakeSocket(int drop_error);
  [[nodiscard]] int CommitDrop();
  [[nodiscard]] int LinkUnderFreshId(const std::string& head);
  [[nodiscard]] mail::QueueId CommitSocket();
  [[nodiscard]] std::string FinishedHead() const;

  const Site& site_;
  MakeFront make_front_;
  mail::QueueId id_;
  std::size_t envelope_size_ = 0;
  std::uint64_t message_size_ = 0;
  std::optional<DropFile> drop_;
  std::optional<SubmitSocket> socket_;
};

}  // namespace submit
