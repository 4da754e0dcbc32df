// SPDX-License-Identifier: BSD-2-Clause
#include "rules.hxx"

#include "base/text.hxx"

#include <fmt/core.h>

#include <sys/stat.h>

#include <algorithm>
#include <fnmatch.h>
#include <fstream>
#include <limits>
#include <stdexcept>

namespace sink {

namespace {

using Action = Rule::Action;

std::string_view TakeWord(std::string_view& text) {
  text = Trim(text);
  const auto word = text.substr(0, text.find(' '));
  text = Trim(text.substr(word.size()));
  return word;
}

bool IsCode(std::string_view word) {
  return word.size() == 3 && word[0] >= '2' && word[0] <= '5' && ParseNumber<int>(word);
}

bool IsAction(std::string_view word) {
  return IsCode(word) || word == "DROP" || word == "SLOW";
}

bool ReadNumber(Rule& rule, Action action, std::string_view text) {
  const auto number = ParseNumber<std::size_t>(text);
  rule.action = action;
  rule.number = number.value_or(0);
  return number.has_value();
}

// A rule for the whole connection; empty if @p word opens none.
std::optional<Rule> ParseGlobal(std::string_view word, std::string_view rest) {
  Rule rule;
  rule.text = rest;
  rule.action = word == "HIDE" ? Action::Hide : Action::Inject;
  if (word == "HIDE" || word == "INJECT") return rest.empty() ? std::nullopt : std::optional(rule);
  if (word == "CUT" && ReadNumber(rule, Action::Cut, rest)) return rule;
  return std::nullopt;
}

std::string FingerprintOf(const std::string& file) {
  struct stat status;
  if (file.empty() || ::stat(file.c_str(), &status) < 0) return {};
  return fmt::format("{} {} {}.{}", status.st_ino, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec);
}

Rule ParseOrThrow(std::string_view line) {
  auto rule = Rule::Parse(line);
  if (!rule) throw std::runtime_error("not a rule: " + Quote(line));
  return std::move(*rule);
}

}  // namespace

std::optional<Rule> Rule::Parse(std::string_view line) {
  const auto first = TakeWord(line);
  if (first == "HIDE" || first == "INJECT" || first == "CUT") return ParseGlobal(first, line);
  Rule rule;
  rule.command = first;
  auto word = TakeWord(line);
  if (!IsAction(word)) {
    rule.pattern = word;
    word = TakeWord(line);
  }
  if (IsCode(word)) {
    rule.text = std::string(word) + " " + std::string(line.empty() ? "as told" : line);
    return rule;
  }
  if (word == "SLOW") return ReadNumber(rule, Action::Slow, line) ? std::optional(rule) : std::nullopt;
  rule.action = Action::Drop;
  return word == "DROP" && line.empty() ? std::optional(rule) : std::nullopt;
}

bool Rule::Fits(std::string_view command_name, const std::string& subject) const {
  if (command != "*" && !EqualsIgnoreCase(command, command_name)) return false;
  return pattern == "*" || ::fnmatch(pattern.c_str(), subject.c_str(), FNM_CASEFOLD) == 0;
}

Rules::Rules(const std::vector<std::string>& lines, std::string file) : file_(std::move(file)) {
  for (const auto& line : lines) rules_.push_back(ParseOrThrow(line));
  fixed_ = rules_.size();
  Refresh();
}

void Rules::Refresh() {
  if (file_.empty()) return;
  std::string fingerprint = FingerprintOf(file_);
  if (fingerprint == fingerprint_) return;
  fingerprint_ = std::move(fingerprint);
  rules_.resize(fixed_);
  std::ifstream stream(file_);
  for (std::string line; std::getline(stream, line);)
    if (!Trim(line).empty() && line[0] != '#') rules_.push_back(ParseOrThrow(line));
}

Verdict Rules::Judge(std::string_view command, const std::string& subject) const {
  Verdict verdict;
  for (const auto& rule : rules_) {
    if (!rule.Fits(command, subject)) continue;
    if (rule.action == Action::Slow) {
      verdict.wait += std::chrono::milliseconds(rule.number);
      continue;
    }
    verdict.drop = rule.action == Action::Drop;
    verdict.reply = rule.text;
    break;
  }
  return verdict;
}

bool Rules::Hides(std::string_view extension) const {
  return std::ranges::any_of(rules_, [extension](const Rule& rule) {
    return rule.action == Action::Hide && EqualsIgnoreCase(rule.text, extension);
  });
}

const Rule* Rules::Find(Action action) const {
  const auto at = std::ranges::find(rules_, action, &Rule::action);
  return at == rules_.end() ? nullptr : &*at;
}

std::string Rules::Injected() const {
  const Rule* rule = Find(Action::Inject);
  return rule ? rule->text + "\r\n" : std::string();
}

std::size_t Rules::Cut() const {
  const Rule* rule = Find(Action::Cut);
  return rule ? rule->number : std::numeric_limits<std::size_t>::max();
}

}  // namespace sink
