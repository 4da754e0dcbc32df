// SPDX-License-Identifier: BSD-2-Clause
#include "mail/content_type.hxx"

#include "base/text.hxx"

#include <algorithm>

namespace mail {

namespace {

constexpr std::string_view kFoldingBlanks = " \t\r\n";
constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?=";

/// Reads the parts of a structured field (RFC 2045 section 5.1), comments and white space left out.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : rest_(text) {}

  /// A token or what a quoted string says; empty if there is neither.
  std::string Word() {
    SkipBlanks();
    if (rest_.starts_with('"')) return QuotedString();
    const auto is_token = [](char c) { return c > 0x20 && c != 0x7f && kSpecials.find(c) == kSpecials.npos; };
    const auto end = std::ranges::find_if_not(rest_, is_token);
    return std::string(Take(static_cast<std::size_t>(end - rest_.begin())));
  }

  bool Accept(char c) {
    SkipBlanks();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Up to the next parameter; false if there is none.
  bool NextParameter() {
    while (!rest_.empty()) {
      if (Accept(';')) return true;
      if (Word().empty() && !rest_.empty()) rest_.remove_prefix(1);
    }
    return false;
  }

 private:
  std::string_view Take(std::size_t size) {
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  void SkipBlanks() {
    for (;;) {
      rest_.remove_prefix(std::min(rest_.find_first_not_of(kFoldingBlanks), rest_.size()));
      if (!rest_.starts_with('(')) return;
      SkipComment();
    }
  }

  void SkipComment() {
    int depth = 0;
    std::size_t i = 0;
    for (; i < rest_.size(); ++i) {
      if (rest_[i] == '\\')
        ++i;
      else if (rest_[i] == '(')
        ++depth;
      else if (rest_[i] == ')' && --depth == 0)
        break;
    }
    rest_.remove_prefix(std::min(i + 1, rest_.size()));
  }

  std::string QuotedString() {
    std::string text;
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      if (rest_[i] != '\r' && rest_[i] != '\n') text += rest_[i];
    }
    rest_.remove_prefix(std::min(i + 1, rest_.size()));
    return text;
  }

  std::string_view rest_;
};

// White space cannot end a boundary (RFC 2046 section 5.1.1).
std::string WithoutTrailingBlanks(std::string text) {
  text.erase(text.find_last_not_of(kFoldingBlanks) + 1);
  return text;
}

}  // namespace

ContentType ContentType::Parse(std::string_view body) {
  Scanner scanner(body);
  ContentType content;
  content.type = ToLower(scanner.Word());
  if (!scanner.Accept('/')) return {};
  content.subtype = ToLower(scanner.Word());
  while (scanner.NextParameter()) {
    const auto name = ToLower(scanner.Word());
    if (!scanner.Accept('=')) continue;
    auto value = scanner.Word();
    if (name == "boundary" && content.boundary.empty())
      content.boundary = WithoutTrailingBlanks(std::move(value));
  }
  return content;
}

std::string ParseToken(std::string_view body) {
  return ToLower(Scanner(body).Word());
}

}  // namespace mail
