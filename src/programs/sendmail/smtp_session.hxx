// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/sendmail/smtp_command.hxx"
#include "submit/submit.hxx"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// The server's side of an SMTP dialog with a local program (sendmail -bs): RFC 5321 with PIPELINING, SIZE,
/// 8BITMIME, SMTPUTF8, DSN and ENHANCEDSTATUSCODES. Pure: lines in, replies out; who calls it reads, writes
/// and submits. The client is the user who started it, so there is nothing to authenticate and MAIL FROM
/// counts as -f does.
class SmtpSession {
 public:
  static constexpr std::size_t kMaxLine = 8192;  ///< octets of a command

  enum class Next {
    Command,  ///< read another line
    Message,  ///< read the message, submit Request() and call OnMessage
    Close,
  };
  struct Reply {
    std::string text;  ///< whole lines, ended by CR LF
    Next next = Next::Command;
  };

  /// @param hostname for the greeting
  /// @param max_size of a message, in octets
  SmtpSession(std::string hostname, std::uint64_t max_size)
      : hostname_(std::move(hostname)), max_size_(max_size) {}

  [[nodiscard]] Reply Greeting() const;
  /// @param line without its end
  [[nodiscard]] Reply OnLine(std::string_view line);
  /// The reply to a line longer than kMaxLine.
  [[nodiscard]] static Reply OnLongLine();
  /// The message is in the queue.
  [[nodiscard]] Reply OnAccepted(std::string_view queue_id);
  /// It is not.
  /// @param status of sysexits(3)
  [[nodiscard]] Reply OnRefused(int status, std::string_view why);

  /// The transaction, when a reply has said Message.
  [[nodiscard]] const submit::Request& Request() const noexcept { return request_; }

 private:
  using Handler = Reply (SmtpSession::*)(const std::string& argument);
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

  void Reset() { request_ = {}; }

  std::string hostname_;
  std::uint64_t max_size_;
  submit::Request request_;  // its sender is set when MAIL has been accepted
};
