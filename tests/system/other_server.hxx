// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mailbox.hxx"
#include "queue.hxx"

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace machine {

/// A mail server that others wrote, in a unit of its own. It keeps what it gets for whoever it knows,
/// alice@remote.example among them, in one Maildir, and knows no gone@remote.example.
class OtherServer {
 public:
  /// What there is to know of one. The files belong to the machine's set-up.
  struct Kind {
    std::string name;
    std::string scheme;  ///< of the URL
    std::uint16_t port;
    std::vector<std::string> words;  ///< its command, which stays in the foreground
    struct File {
      std::string path;
      std::string text;
    };
    std::vector<File> files;
    std::vector<std::string> directories;  ///< "USER:PATH": made before it starts
    bool may_defer = false;                ///< busy@remote.example with 4xx

    friend void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }
  };

  /// Starts it, and returns when it listens. Throws std::runtime_error.
  explicit OtherServer(const Kind& kind);
  ~OtherServer();
  OtherServer(const OtherServer&) = delete;
  OtherServer& operator=(const OtherServer&) = delete;

  void Start();
  void Stop();
  /// Empties the Maildir.
  void Forget();

  [[nodiscard]] std::string Url() const;
  [[nodiscard]] std::vector<Letter> All() const;
  [[nodiscard]] std::vector<Letter> WithSubject(const std::string& subject) const;
  /// Waits until so many letters are there. @return false if the time was not enough
  [[nodiscard]] bool WaitForCount(std::size_t number) const;
  /// The Maildir.
  [[nodiscard]] std::string Box() const { return "/tmp/servers/" + kind_.name; }
  /// What it has logged.
  [[nodiscard]] std::string Log() const;

 private:
  [[nodiscard]] std::string Unit() const { return "other-" + kind_.name + ".service"; }

  const Kind kind_;
  std::vector<std::unique_ptr<SetupFile>> files_;
};

/// How each is set up.
[[nodiscard]] OtherServer::Kind Postfix();
[[nodiscard]] OtherServer::Kind Exim();
[[nodiscard]] OtherServer::Kind OpenSmtpd();
[[nodiscard]] OtherServer::Kind DovecotLmtp();
[[nodiscard]] OtherServer::Kind Aiosmtpd();
/// Takes mail of who shows a certificate of the authority (PEM), over TLS.
[[nodiscard]] OtherServer::Kind PostfixForCertificates(const std::string& certificate, const std::string& key,
                                                       const std::string& authority);
/// Hands on what it gets to a server on that port, for who logs in as alice with the password "secret" over
/// TLS.
[[nodiscard]] OtherServer::Kind DovecotSubmission(std::uint16_t port, const std::string& certificate,
                                                  const std::string& key);

}  // namespace machine
