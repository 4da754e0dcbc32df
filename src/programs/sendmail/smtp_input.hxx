// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "smtp/server/data_decoder.hxx"
#include "submit/source.hxx"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

/// The input of an SMTP client: commands with messages between them, of which each may have come in the same
/// read(2).
class SmtpInput {
 public:
  explicit SmtpInput(FdRef fd) noexcept : fd_(fd) {}

  /// The octets that were read and not taken; reads more if there are none. Empty at the end of the file.
  /// Throws submit::Refusal if it can't be read.
  [[nodiscard]] std::string_view Peek();
  void Take(std::size_t size) noexcept { begin_ += size; }

 private:
  FdRef fd_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, 64 * 1024> buffer_;
};

/// The message behind DATA. An end of the file before its dot is a Refusal.
class SmtpDataSource final : public submit::MessageSource {
 public:
  /// @param strict as smtp::server::DataDecoder has it
  SmtpDataSource(SmtpInput& input, bool strict) noexcept : input_(input), decoder_(strict) {}

  [[nodiscard]] std::string_view Next() override;
  /// Reads on to the dot, after a message that was refused half-way. False: the file has ended first.
  [[nodiscard]] bool SkipRest();

 private:
  [[nodiscard]] bool Fill();

  SmtpInput& input_;
  smtp::server::DataDecoder decoder_;
  std::string text_;
};
