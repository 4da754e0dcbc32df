// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/base64_text.hxx"
#include "mail/mime_plan.hxx"
#include "mail/mime_reader.hxx"
#include "mail/quoted_printable.hxx"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mail {

/// Makes a message fit for a channel that takes no octets over 127 (RFC 6152 section 3), or, like all
/// channels but those with BINARYMIME, no lines over 998 octets, no bare CR and no NUL: the parts that have
/// any of these become quoted-printable, all others stay as they are. A reader that decodes the message finds
/// the contents that went in, octet for octet. What is not understood stays as well (see MimePlan). Works
/// block by block in constant memory.
///
/// A DKIM signature over the encoded form does not survive it: the alternative is that the server refuses the
/// message.
class MimeConverter : private MimeReader::Handler {
 public:
  /// @param plan of the same message, which CanBeSent; outlives this
  explicit MimeConverter(const MimePlan& plan) : plan_(plan), reader_(*this) {}
  MimeConverter(const MimeConverter&) = delete;
  MimeConverter& operator=(const MimeConverter&) = delete;

  /// Appends to @p out what can be said of the message so far. Its lines end in LF.
  void Add(std::string_view block, std::string& out);
  void Finish(std::string& out);

 private:
  void OnField(std::string_view field) override;
  void OnHeaderEnd(const MimePart& part, std::string_view empty_line) override;
  void OnContent(std::string_view octets) override;
  void OnContentEnd() override;
  void OnFrame(std::string_view octets) override { *out_ += octets; }
  void AddFields(const MimePart& part, MimePlan::Step step);
  void BeginContent(const MimePart& part, MimePlan::Step step);

  const MimePlan& plan_;
  MimeReader reader_;
  std::string* out_ = nullptr;
  std::size_t part_ = 0;  // whose header section is read, or will be
  // What the content goes through, if anything.
  std::optional<QuotedPrintable> quoted_printable_;
  std::optional<Base64Folder> base64_;
};

}  // namespace mail
