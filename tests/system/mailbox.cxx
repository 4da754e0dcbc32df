// SPDX-License-Identifier: BSD-2-Clause
#include "mailbox.hxx"

#include "base/text.hxx"
#include "events.hxx"
#include "queue.hxx"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace machine {

namespace {

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1);
    lines.emplace_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return lines;
}

// mboxrd: one ">" of ">From ", ">>From " … was put there.
std::string Unquote(const std::string& line) {
  const bool quoted = line.starts_with('>') && line.compare(line.find_first_not_of('>'), 5, "From ") == 0;
  return quoted ? line.substr(1) : line;
}

void FinishLetter(Letter& letter, const std::string& text) {
  if (!text.ends_with("\n\n"))
    throw std::runtime_error("A letter in a mailbox does not end in an empty line");
  const auto separator = letter.separator;
  letter = ParseLetter(std::string_view(text).substr(0, text.size() - 1));
  letter.separator = separator;
}

}  // namespace

std::string Letter::Field(std::string_view name) const {
  std::string value;
  bool inside = false;
  for (const auto& line : LinesOf(head)) {
    if (inside && (line[0] == ' ' || line[0] == '\t')) {
      value += " " + std::string(Trim(line));
      continue;
    }
    if (inside) break;
    inside = StartsWithIgnoreCase(line, std::string(name) + ":");
    if (inside) value = Trim(std::string_view(line).substr(name.size() + 1));
  }
  return value;
}

std::size_t Letter::Count(std::string_view name) const {
  const auto lines = LinesOf(head);
  return static_cast<std::size_t>(std::ranges::count_if(
      lines, [&](const auto& line) { return StartsWithIgnoreCase(line, std::string(name) + ":"); }));
}

Letter ParseLetter(std::string_view text) {
  std::string plain(text);
  std::erase(plain, '\r');
  const auto end = plain.find("\n\n");
  if (end == plain.npos) return {{}, plain, {}};
  return {{}, plain.substr(0, end + 1), plain.substr(end + 2)};
}

std::string MailboxPath(const std::string& user) {
  return "/var/mail/" + user;
}

std::string TextOf(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string MailboxText(const std::string& user) {
  return TextOf(MailboxPath(user));
}

std::vector<Letter> ReadMailbox(const std::string& user) {
  std::vector<Letter> letters;
  std::string text;
  for (const auto& line : LinesOf(MailboxText(user))) {
    if (!line.starts_with("From ")) {
      text += Unquote(line);
      continue;
    }
    if (!letters.empty()) FinishLetter(letters.back(), text);
    letters.push_back({std::string(Trim(line)), {}, {}});
    text.clear();
  }
  if (letters.empty() && !text.empty()) throw std::runtime_error("A mailbox does not begin with \"From \"");
  if (!letters.empty()) FinishLetter(letters.back(), text);
  return letters;
}

std::vector<Letter> FindLetters(const std::string& user, std::string_view subject) {
  auto letters = ReadMailbox(user);
  std::erase_if(letters, [&](const auto& letter) { return letter.Field("Subject") != subject; });
  return letters;
}

Letter WaitForLetter(const std::string& user, const std::string& subject, std::chrono::milliseconds limit) {
  std::vector<Letter> found;
  const auto there = [&] {
    // An unfinished letter is in the mailbox while the agent writes.
    if (MailboxText(user).find("Subject: " + subject + "\n") == std::string::npos) return false;
    try {
      found = FindLetters(user, subject);
    } catch (const std::runtime_error&) {
      return false;
    }
    return !found.empty();
  };
  if (!WaitUntil(there, limit))
    throw std::runtime_error(fmt::format("No letter {} for {} within {} ms. {}", Quote(subject), user,
                                         limit.count(), DescribeQueue()));
  return found[0];
}

std::string MakeSubject() {
  static int number = 0;
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  return fmt::format("{} {}.{}", test ? test->name() : "letter", ::getpid(), ++number);
}

std::string MakeMessage(const std::string& subject, const std::string& body) {
  return "Subject: " + subject + "\n\n" + body;
}

}  // namespace machine
