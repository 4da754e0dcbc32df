// SPDX-License-Identifier: BSD-2-Clause
#include "case.hxx"

#include <algorithm>
#include <functional>
#include <map>
#include <ostream>
#include <stdexcept>

namespace {

// The file itself.
constexpr unsigned char kCases[] = {
#include "cases_text.hxx"
};

using Setter = std::function<void(Case&, const std::string&)>;

std::string Unescape(const std::string& text) {
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "\\x") == 0 && i + 3 < text.size()) {
      value += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
      i += 3;
    } else {
      value += text[i];
    }
  }
  return value;
}

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

Setter Set(std::string Case::*member) {
  return [member](Case& c, const std::string& value) { c.*member = value; };
}

Setter Append(std::vector<std::string> Case::*member) {
  return [member](Case& c, const std::string& value) { (c.*member).push_back(value); };
}

const std::map<std::string, Setter>& Setters() {
  static const std::map<std::string, Setter> setters = {
      {"title", Set(&Case::title)},
      {"priority", Set(&Case::priority)},
      {"user", Set(&Case::user)},
      {"program", Set(&Case::program)},
      {"exit", Set(&Case::exit)},
      {"sender", Set(&Case::sender)},
      {"stdout", Set(&Case::out)},
      {"stderr", Set(&Case::err)},
      {"argument", Append(&Case::arguments)},
      {"environment", Append(&Case::environment)},
      {"condition", Append(&Case::conditions)},
      {"recipient", Append(&Case::recipients)},
      {"parameter", Append(&Case::parameters)},
      {"header", Append(&Case::headers)},
      {"absent", Append(&Case::absent)},
      {"in", [](Case& c, const std::string& value) { c.input += value + "\n"; }},
      {"in-end", [](Case& c, const std::string& value) { c.input += value; }},
      {"send",
       [](Case& c, const std::string& value) {
         c.dialog.push_back({value, {}});
       }},
      {"await", [](Case& c, const std::string& value) { c.dialog.at(c.dialog.size() - 1).await = value; }},
      {"body-empty", [](Case& c, const std::string&) { c.checks_body = true; }},
      {"body",
       [](Case& c, const std::string& value) {
         c.checks_body = true;
         c.body += value + "\n";
       }},
  };
  return setters;
}

void TakeLine(std::vector<Case>& cases, const std::string& line, const std::string& mail_name) {
  const auto colon = line.find(':');
  const auto key = line.substr(0, colon);
  if (colon == line.npos) throw std::runtime_error("cases: no key in '" + line + "'");
  const bool has_value = line.compare(colon, 2, ": ") == 0;
  const auto value = has_value ? Replace(Unescape(line.substr(colon + 2)), "{M}", mail_name) : std::string();
  if (key == "case") {
    cases.emplace_back().id = value;
    return;
  }
  const auto setter = Setters().find(key);
  if (setter == Setters().end() || cases.empty())
    throw std::runtime_error("cases: unknown key '" + key + "'");
  setter->second(cases.back(), value);
}

}  // namespace

bool Case::Has(const std::string& condition) const {
  return std::ranges::find(conditions, condition) != conditions.end();
}

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.id << ", " << c.title;
}

std::vector<Case> LoadCases(const std::string& mail_name) {
  const std::string text(std::begin(kCases), std::end(kCases));
  std::vector<Case> cases;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    const auto line = text.substr(begin, end - begin);
    if (!line.empty() && line[0] != '#') TakeLine(cases, line, mail_name);
    begin = end == text.npos ? text.size() : end + 1;
  }
  return cases;
}
