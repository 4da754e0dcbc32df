// SPDX-License-Identifier: BSD-2-Clause
#include "mail/destination.hxx"

#include "base/text.hxx"
#include "base/utf8.hxx"
#include "mail/command_word.hxx"

#include <algorithm>
#include <optional>

namespace mail {

namespace {

// What means nothing to ParseDestinations, wherever it stands.
bool IsPlain(char c) noexcept {
  const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("._-+@=%").find(c) != std::string_view::npos;
}

bool IsPlainPath(std::string_view path) noexcept {
  return std::ranges::all_of(path, [](char c) { return IsPlain(c) || c == '/' || c == '~'; });
}

std::string InQuotes(std::string_view entry) {
  std::string quoted = "\"";
  for (const char c : entry) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

// At the beginning of a file nobody would see the mark.
std::string AddressToString(const std::string& address) {
  const bool is_plain = std::ranges::all_of(address, IsPlain) && !address.starts_with(kByteOrderMark);
  return is_plain ? address : "<" + address + ">";
}

std::string UserToString(const std::string& name) {
  if (name.empty()) return "!";
  const auto entry = "\\" + name;
  return std::ranges::all_of(name, IsPlain) ? entry : InQuotes(entry);
}

std::string PathToString(const std::string& entry, const std::string& path) {
  return IsPlainPath(path) ? entry : InQuotes(entry);
}

}  // namespace

std::string Destination::ToString() const {
  switch (kind) {
    case Kind::Address:
      return AddressToString(text);
    case Kind::User:
      return UserToString(text);
    case Kind::File:
      return PathToString(text, text);
    case Kind::Command:
      return InQuotes("|" + text);
    case Kind::Include:
      return PathToString(":include:" + text, text);
    case Kind::Error:
    case Kind::Fault:
      return InQuotes("error:" + text);
  }
  return {};
}

std::vector<std::string> SplitCommand(std::string_view line) {
  std::vector<std::string> words;
  CommandWordReader reader(line);
  while (auto word = reader.Next()) words.push_back(std::move(*word));
  if (reader.Bad()) words.clear();
  return words;
}

std::string_view FindShellSyntax(std::string_view line) {
  CommandWordReader reader(line);
  while (reader.Next()) {
  }
  return reader.ShellSyntax();
}

std::string FaultOfCommand(std::string_view line) {
  if (line.empty()) return "has no command; write |/path/of/command";
  const auto words = SplitCommand(line);
  if (words.empty()) return "has a quote or brace that is not closed";
  if (!words.front().starts_with('/'))
    return "has no absolute path and runs in no shell; write |/path/of/command, or |/bin/sh -c '…'";
  const auto syntax = FindShellSyntax(line);
  if (syntax.empty()) return {};
  return "runs in no shell, so " + Quote(syntax) +
         " would mean nothing; write |/bin/sh -c '…', or put it in single quotes";
}

}  // namespace mail
