// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/content_type.hxx"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mail {

/// The properties of the content of a message, or of a part of one, that its header section declares.
struct MimePart {
  enum class Kind {
    Leaf,       ///< content
    Multipart,  ///< parts between delimiters
    Message,    ///< another message
    Opaque,     ///< content whose structure is not understood, or must stay as it is: a signed multipart
  };
  enum class Encoding { Identity, Binary, QuotedPrintable, Base64, Other };

  Kind kind = Kind::Leaf;
  Encoding encoding = Encoding::Identity;
  bool has_encoding = false;  ///< the field Content-Transfer-Encoding is there
  bool has_type = false;      ///< Content-Type
  bool has_version = false;   ///< MIME-Version
  bool is_message = false;    ///< the section is that of a message, not of a body part
};

/// Tells the pieces of a MIME message (RFC 2045, RFC 2046) apart as it passes, in constant memory: fields,
/// contents, and the frame around them. Lines end in LF or CRLF; all octets come out again, in their order.
class MimeReader {
 public:
  static constexpr std::size_t kMaxDepth = 50;       ///< multiparts in one another; deeper ones are opaque
  static constexpr std::size_t kMaxBoundary = 200;   ///< octets; RFC 2046 allows 70
  static constexpr std::size_t kMaxField = 1 << 18;  ///< octets; a longer one comes in pieces

  class Handler {
   public:
    virtual ~Handler() = default;
    /// A field with all of its lines; or a line that opens an mbox entry.
    virtual void OnField(std::string_view field) = 0;
    /// @param empty_line what ended the section; empty where something else did
    virtual void OnHeaderEnd(const MimePart& part, std::string_view empty_line) = 0;
    /// Content of the leaf or opaque part whose header section has ended last, in pieces of any size.
    virtual void OnContent(std::string_view octets) = 0;
    virtual void OnContentEnd() = 0;
    /// Delimiters, and what stands before the first and behind the last of them.
    virtual void OnFrame(std::string_view octets) = 0;
  };

  /// @param handler outlives this
  explicit MimeReader(Handler& handler) noexcept : handler_(handler) {}

  void Add(std::string_view block);
  void Finish();

 private:
  enum class State { Header, Content, Frame };
  struct Level {
    std::vector<std::string> boundaries;  // one, once a delimiter has come
    bool digest;
  };

  void AddToLine(std::string_view& block);
  void TakeLine(std::string_view line);
  void TakeHeaderLine(std::string_view line);
  bool TakeDelimiter(std::string_view line);
  bool TakeDelimiterOf(std::size_t level, std::string_view line);
  void OnOverlongLine();
  void PassOn(std::string_view octets);
  void BeginHeader(MimePart part);
  void EndField();
  void NoteField();
  void NoteEncoding(std::string_view body);
  void NoteType(std::string_view body);
  [[nodiscard]] MimePart::Kind KindOf(const ContentType& content) const noexcept;
  void EndHeader(std::string_view empty_line);
  void EndPart();

  Handler& handler_;
  State state_ = State::Header;
  std::vector<Level> levels_;  // multiparts that are open, the innermost last
  std::string line_;           // the start of a line that is not whole yet
  bool passing_ = false;       // what is left of the line is known to be no delimiter
  std::string field_;
  bool first_line_ = true;  // of the message
  MimePart part_{.is_message = true};
  ContentType content_;  // of part_
};

}  // namespace mail
