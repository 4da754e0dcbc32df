// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"

#include <string>
#include <vector>

/// A drop/ of a test's own, removed with all that is in it.
class PrivateDrop {
 public:
  struct Message {
    std::string name;
    mail::Envelope envelope;
    std::string text;
  };

  PrivateDrop();
  PrivateDrop(const PrivateDrop&) = delete;
  PrivateDrop& operator=(const PrivateDrop&) = delete;
  ~PrivateDrop();

  [[nodiscard]] const std::string& Path() const noexcept { return path_; }

  /// What was dropped, by name; a file that isn't as drop_format.hxx says is a test failure.
  [[nodiscard]] std::vector<Message> Messages() const;

  /// All names, those with a leading dot included.
  [[nodiscard]] std::vector<std::string> Names() const;

 private:
  std::string path_;
};
