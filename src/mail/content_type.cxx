// SPDX-License-Identifier: BSD-2-Clause
#include "mail/content_type.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

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
    return rest_.starts_with('"') ? QuotedString() : Token();
  }

  std::string Token() {
    SkipBlanks();
    const auto is_token = [](char c) { return c > 0x20 && c != 0x7f && kSpecials.find(c) == kSpecials.npos; };
    const auto end = std::ranges::find_if_not(rest_, is_token);
    return std::string(Take(static_cast<std::size_t>(end - rest_.begin())));
  }

  /// What a parameter is set to: what a quoted string says, or all up to white space or ";".
  std::string Value() {
    SkipBlanks();
    if (rest_.starts_with('"')) return QuotedString();
    return std::string(Take(std::min(rest_.find_first_of(" \t\r\n;"), rest_.size())));
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

/// Collects what a field says of one parameter, in whatever form (RFC 2231).
class ParameterReader {
 public:
  explicit ParameterReader(std::string_view name) : name_(name) {}

  void Take(const std::string& name, std::string value) {
    if (name == name_) {
      if (!plain_) plain_ = std::move(value);
      return;
    }
    if (!name.starts_with(name_ + "*")) return;
    auto section = std::string_view(name).substr(name_.size() + 1);
    const bool is_extended = section.empty() || section.ends_with('*');
    if (section.ends_with('*')) section.remove_suffix(1);
    if (section.empty()) section = "0";
    sections_.try_emplace(std::string(section), Section{std::move(value), is_extended});
  }

  /// A plain value counts before one in sections; those are joined from 0 up to the first that is missing.
  [[nodiscard]] std::string Join() const {
    if (plain_) return *plain_;
    std::string joined;
    for (unsigned number = 0;; ++number) {
      const auto section = sections_.find(std::to_string(number));
      if (section == sections_.end()) return joined;
      const auto& [text, is_extended] = section->second;
      joined += is_extended ? Decode(number == 0 ? WithoutCharset(text) : text) : text;
    }
  }

 private:
  struct Section {
    std::string text;
    bool is_extended;
  };

  // "utf-8'en'text"
  static std::string_view WithoutCharset(std::string_view text) {
    const auto language = text.find('\'');
    const auto end = language == text.npos ? text.npos : text.find('\'', language + 1);
    return end == text.npos ? text : text.substr(end + 1);
  }

  static std::string Decode(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
      unsigned octet = 0;
      const auto digits = text.substr(i, 3);
      const bool is_encoded =
          digits.size() == 3 && digits[0] == '%' &&
          std::from_chars(digits.data() + 1, digits.data() + 3, octet, 16).ptr == digits.data() + 3;
      decoded += is_encoded ? static_cast<char>(octet) : text[i];
      if (is_encoded) i += 2;
    }
    return decoded;
  }

  const std::string name_;
  std::optional<std::string> plain_;
  std::map<std::string, Section> sections_;
};

// White space cannot end a boundary (RFC 2046 section 5.1.1).
std::string WithoutTrailingBlanks(std::string text) {
  text.erase(text.find_last_not_of(kFoldingBlanks) + 1);
  return text;
}

// A parenthesis within a value that is not in quotes begins a comment for some readers only.
std::vector<std::string> Readings(std::string boundary) {
  boundary = WithoutTrailingBlanks(std::move(boundary));
  if (boundary.empty()) return {};
  const auto comment = boundary.find('(');
  std::vector<std::string> readings{boundary};
  if (comment != boundary.npos && comment > 0) readings.push_back(boundary.substr(0, comment));
  return readings;
}

}  // namespace

ContentType ContentType::Parse(std::string_view body) {
  Scanner scanner(body);
  ContentType content;
  content.type = ToLower(scanner.Token());
  if (scanner.Accept('/')) content.subtype = ToLower(scanner.Token());
  ParameterReader boundary("boundary");
  while (scanner.NextParameter()) {
    const auto name = ToLower(scanner.Word());
    if (scanner.Accept('=')) boundary.Take(name, scanner.Value());
  }
  content.boundaries = Readings(boundary.Join());
  return content;
}

std::string ParseToken(std::string_view body) {
  return ToLower(Scanner(body).Word());
}

}  // namespace mail
