// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "smtp/server/command.hxx"
#include "smtp/server/transaction.hxx"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smtp::server {

/// What a client can want. Each step is decided by whoever runs the dialog; see Session.
enum class Step { Connect, Hello, Sender, Recipient, Data };

/// A step that a client wants to take. Its command is understood, and allowed at this point of the dialog.
struct Wish {
  Step step;
  std::string name{};         ///< with Hello: of the client, as it says
  Transaction transaction{};  ///< with Sender: what MAIL has said
  Recipient recipient{};      ///< with Recipient
};

/// The server's side of an SMTP dialog: RFC 5321 with PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN, REQUIRETLS
/// and ENHANCEDSTATUSCODES. Pure: lines in, replies out; who calls it reads, writes, and takes messages.
///
/// The session checks form and order of the commands. Whether a client may do what it wants is not for the
/// session to say: with Next::Decide the caller looks at GetWish(), asks whomever it likes for as long as it
/// takes, and calls Proceed or Refuse.
class Session {
 public:
  static constexpr std::size_t kMaxLine = 8192;  ///< octets of a command

  enum class Next {
    Command,  ///< read another line, and call OnLine or OnLongLine
    Decide,   ///< there is nothing to write yet: call Proceed or Refuse
    Message,  ///< read the message (DataDecoder), take it or not, and call OnQueued or Refuse
    Close,
  };
  struct Reply {
    std::string text;  ///< to be written: whole lines, ended by CR LF
    Next next = Next::Command;
  };

  /// @param hostname for the greeting
  /// @param max_size of a message, in octets
  Session(std::string hostname, std::uint64_t max_size)
      : hostname_(std::move(hostname)), max_size_(max_size) {}

  /// The client has connected. Its greeting is a step, too.
  [[nodiscard]] Reply Start();
  /// @param line without its end
  [[nodiscard]] Reply OnLine(std::string_view line);
  /// The reply to a line longer than kMaxLine.
  [[nodiscard]] static Reply OnLongLine();

  /// What is to be decided.
  [[nodiscard]] const Wish& GetWish() const noexcept { return *wish_; }
  /// The client may take the step.
  [[nodiscard]] Reply Proceed();
  /// It may not, or its message is not taken. A client that may not connect is told so, and that is all.
  /// @param reply code, enhanced status code and text, as in "550 5.7.1 no"; control characters become spaces
  [[nodiscard]] Reply Refuse(std::string_view reply);

  /// What the client has said since MAIL. Whole when a reply has said Message.
  [[nodiscard]] const Transaction& GetTransaction() const noexcept { return transaction_; }
  /// The message is in the queue.
  [[nodiscard]] Reply OnQueued(std::string_view queue_id);

 private:
  using Handler = Reply (Session::*)(const std::string& argument);
  struct Verb {
    std::string_view name;
    Handler handler;
  };
  static const Verb kVerbs[];

  Reply OnHelo(const std::string& argument);
  Reply OnEhlo(const std::string& argument);
  Reply OnMail(const std::string& argument);
  Reply OnRcpt(const std::string& argument);
  Reply OnData(const std::string& argument);
  Reply OnRset(const std::string& argument);
  Reply OnNoop(const std::string& argument);
  Reply OnVrfy(const std::string& argument);
  Reply OnHelp(const std::string& argument);
  Reply OnQuit(const std::string& argument);

  Reply Ask(Wish wish, Reply granted);
  [[nodiscard]] Reply HangUp();
  void Reset() { transaction_ = {}; }

  std::string hostname_;
  std::uint64_t max_size_;
  Transaction transaction_;
  std::optional<Wish> wish_;   // that is being decided, and
  Reply granted_;              // the reply if it is granted
  bool expects_text_ = false;  // DATA was refused last
};

}  // namespace smtp::server
