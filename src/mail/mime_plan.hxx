// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/mime_reader.hxx"
#include "mail/text_survey.hxx"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mail {

/// What has to be done to each part of a message so that a channel can carry it, found by going through it
/// once: MimeConverter does it when the message goes through there.
///
/// Only what is understood is changed, and only in a way that no reader sees. Everything else is left as it
/// is, octets over 127 and long lines included: nearly every server takes them, and one that doesn't says so.
/// A NUL, or a CR that ends no line, can't be sent: a server may take it for the end of a line.
class MimePlan : private MimeReader::Handler {
 public:
  static constexpr std::size_t kMaxParts = 100000;  ///< what follows more of them stays as it is

  enum class Action : std::uint8_t {
    Keep,
    Encode,   ///< as quoted-printable
    Mend,     ///< the part is encoded already, but badly: keep its encoding, with lines as they must be
    Relabel,  ///< what is around other parts: call it what they have become
  };
  enum class Charset : std::uint8_t { Ascii, Utf8, Unknown };
  struct Step {
    Action action = Action::Keep;
    Charset charset = Charset::Ascii;  ///< of a part to be encoded
  };

  /// @param seven_bit the channel takes ASCII alone
  explicit MimePlan(bool seven_bit) noexcept : seven_bit_(seven_bit), reader_(*this) {}
  MimePlan(const MimePlan&) = delete;
  MimePlan& operator=(const MimePlan&) = delete;

  /// The message, in blocks; lines end in LF or CRLF.
  void Add(std::string_view block) { reader_.Add(block); }
  void Finish();

  [[nodiscard]] bool IsSevenBit() const noexcept { return seven_bit_; }
  /// False if the message has a NUL or bare CR where it can't be encoded.
  [[nodiscard]] bool CanBeSent() const noexcept { return can_be_sent_; }
  /// @param part of the message in the order of their header sections; 0: the message itself
  [[nodiscard]] Step At(std::size_t part) const noexcept;

 private:
  void OnField(std::string_view field) override;
  void OnHeaderEnd(const MimePart& part, std::string_view empty_line) override;
  void OnContent(std::string_view octets) override;
  void OnContentEnd() override;
  void OnFrame(std::string_view octets) override;
  void LeaveAsIs(const TextSurvey& survey) noexcept;
  [[nodiscard]] Step StepFor(const MimePart& part) const noexcept;

  const bool seven_bit_;
  MimeReader reader_;
  std::vector<Step> steps_;
  bool too_many_ = false;
  bool can_be_sent_ = true;
  bool relabels_ = true;   // false: something stays that a label may be about
  MimePart leaf_;          // the one that is read
  TextSurvey survey_;      // of it
  TextSurvey frame_;       // of all that is around parts
  std::string character_;  // of UTF-8, not whole yet
  bool is_utf8_ = true;
  bool is_base64_ = true;
};

}  // namespace mail
