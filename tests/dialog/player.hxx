// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "dialog/dialog.hxx"
#include "smtp/client/client.hxx"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Plays the server's part of a dialog to a client, and compares the client's part with the file.
class Player {
 public:
  explicit Player(const Dialog& dialog);

  /// What differs first, with its line number; empty if nothing does.
  [[nodiscard]] std::optional<std::string> Run();

 private:
  bool Play(const Dialog::Line& line);
  bool Hear(const Dialog::Line& line);
  bool Event(const Dialog::Line& line);
  bool Check(const Dialog::Line& line);
  bool SaysNothing(const Dialog::Line& line);
  void GiveWork(const Dialog::Line& line);
  void FlushInput();
  void Collect();
  bool Differ(const Dialog::Line& line, const std::string& text);

  const Dialog& dialog_;
  smtp::Message message_;
  std::unique_ptr<smtp::Authenticator> authenticator_;
  smtp::Client client_;
  std::string input_;   // of the server, not yet delivered
  std::string output_;  // of the client, not yet compared
  std::vector<std::string> results_;
  std::size_t checked_ = 0;  // of results_
  std::string difference_;
};
