// SPDX-License-Identifier: BSD-2-Clause
#include "check.hxx"

#include "base/text.hxx"
#include "match.hxx"

#include <unistd.h>

#include <algorithm>
#include <set>

namespace {

using Problems = std::vector<std::string>;
using Values = std::vector<std::string>;

struct Parts {
  std::vector<std::pair<std::string, std::string>> fields;  // values with their folding, without the last LF
  std::string header;
  std::string body;
};

Parts Split(const std::string& text) {
  Parts parts;
  const auto end = text.starts_with("\n") ? 0 : text.find("\n\n");
  parts.header = text.substr(0, end == text.npos ? end : end + 1);
  if (end != text.npos) parts.body = text.substr(end + (end ? 2 : 1));
  for (std::size_t begin = 0; begin < parts.header.size();) {
    const auto stop = std::min(parts.header.find('\n', begin), parts.header.size());
    const auto line = parts.header.substr(begin, stop - begin);
    if ((line[0] == ' ' || line[0] == '\t') && !parts.fields.empty())
      parts.fields.back().second += "\n" + line;
    else if (const auto colon = line.find(':'); colon != line.npos)
      parts.fields.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    begin = stop + 1;
  }
  return parts;
}

std::string Unfold(std::string text) {
  std::erase(text, '\n');
  return std::string(Trim(text));
}

std::string Squeeze(const std::string& text) {
  std::string squeezed;
  for (const auto& word : SplitList(text, " \t\n")) squeezed += (squeezed.empty() ? "" : " ") + word;
  return squeezed;
}

std::string WithoutSpace(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\n'; });
  return text;
}

std::string DecodeQuotedPrintable(const std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=' || i + 2 > text.size()) {
      decoded += text[i];
    } else if (text[i + 1] == '\n') {
      ++i;
    } else {
      decoded += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
  }
  return decoded;
}

Values Find(const Parts& parts, const std::string& name) {
  Values values;
  for (const auto& [other, value] : parts.fields)
    if (EqualsIgnoreCase(Trim(other), name)) values.push_back(value);
  return values;
}

bool CheckBody(const std::string& kind, const std::string& wanted, const Parts& parts) {
  if (kind == "rawnot") return !Matches(parts.header, wanted);
  if (kind == "bodyre") return Matches(parts.body, wanted);
  if (kind == "bodylen") return parts.body.size() == std::stoul(wanted);
  const bool encoded = std::ranges::any_of(Find(parts, "Content-Transfer-Encoding"), [](const auto& value) {
    return EqualsIgnoreCase(Trim(value), "quoted-printable");
  });
  const auto body = encoded ? DecodeQuotedPrintable(parts.body) : parts.body;
  return Trim(body) == Trim(wanted);
}

bool CheckValue(const std::string& kind, const std::string& wanted, const Values& values) {
  const auto any = [&values](const auto& fits) { return std::ranges::any_of(values, fits); };
  if (kind == "eq") return any([&](const auto& value) { return Unfold(value) == wanted; });
  if (kind == "ws") return any([&](const auto& value) { return Squeeze(value) == Squeeze(wanted); });
  if (kind == "re") return any([&](const auto& value) { return Matches(Unfold(value), wanted); });
  if (kind == "unfold") return any([&](const auto& value) { return WithoutSpace(value) == wanted; });
  if (kind == "count") return values.size() == std::stoul(wanted);
  if (kind == "countge") return values.size() >= std::stoul(wanted);
  if (kind == "has") return values.size() == 1;
  if (kind == "not") return values.empty();
  return kind == "notval" && !any([](const auto& value) { return !Trim(value).empty(); });
}

bool CheckHeader(const std::string& check, const Parts& parts) {
  const auto colon = check.find(':');
  const auto kind = check.substr(0, colon);
  const auto rest = check.substr(std::min(colon + 1, check.size()));
  if (kind == "nodup" || kind == "msgs") return true;  // not of one message alone
  if (kind == "rawnot" || kind == "bodyre" || kind == "bodylen" || kind == "qpbody")
    return CheckBody(kind, rest, parts);
  const auto equals = rest.find('=');
  return CheckValue(kind, rest.substr(std::min(rest.size(), equals + 1)),
                    Find(parts, rest.substr(0, equals)));
}

// Only a domain's case means nothing.
std::string Normal(const std::string& address) {
  const auto at = std::min(address.rfind('@'), address.size());
  return address.substr(0, at) + ToLower(address.substr(at));
}

void CheckRecipients(const Case& c, const Caught& message, Problems& problems) {
  if (c.recipients == Values{"any"}) return;
  std::multiset<std::string> wanted, got;
  for (const auto& address : c.recipients) wanted.insert(Normal(address));
  for (const auto& address : message.recipients) got.insert(Normal(address));
  if (wanted == got) return;
  problems.push_back("wrong recipients:");
  for (const auto& address : got) problems.back() += " " + address;
}

void CheckMessage(const Case& c, const Caught& message, Problems& problems) {
  const bool any_sender = c.sender == "any" || c.sender == "any_but_relayed";
  if (!any_sender && Normal("<" + message.sender + ">") != Normal(c.sender))
    problems.push_back("sender is <" + message.sender + ">");
  CheckRecipients(c, message, problems);
  for (const auto& parameter : c.parameters)
    if (std::ranges::find(message.parameters, parameter) == message.parameters.end())
      problems.push_back("no parameter " + parameter);
  const auto parts = Split(message.text);
  for (const auto& check : c.headers)
    if (!CheckHeader(check, parts)) problems.push_back("header: not " + check + "\n" + parts.header);
  if (c.checks_body && parts.body != c.body) problems.push_back("wrong body:\n" + parts.body);
}

void CheckExit(const Case& c, const Run& run, Problems& problems) {
  const auto status = std::to_string(run.status);
  if (c.exit == "any" ? run.status >= 0 : c.exit == "nonzero" ? run.status > 0 : false) return;
  if (std::ranges::count(SplitList(c.exit, " "), status)) return;
  problems.push_back("exit status " + status + ", standard error: " + run.err);
}

void CheckOutput(const std::string& name, const std::string& wanted, const std::string& got,
                 Problems& problems) {
  if (wanted.empty()) return;
  if (wanted == "silent" ? !got.empty() : !Matches(got, wanted)) problems.push_back(name + ": " + got);
}

std::size_t WantedMessages(const Case& c) {
  for (const auto& check : c.headers)
    if (check.starts_with("msgs:")) return std::stoul(check.substr(5));
  return 1;
}

}  // namespace

Problems CheckCase(const Case& c, const Run& run, const std::vector<Caught>& messages) {
  Problems problems;
  CheckExit(c, run, problems);
  CheckOutput("standard output", c.out, run.out, problems);
  CheckOutput("standard error", c.err, run.err, problems);
  for (const auto& path : c.absent)
    if (::access(path.c_str(), F_OK) == 0) problems.push_back(path + " is there");
  const bool maybe = c.sender.starts_with("any");
  const auto wanted = c.sender == "none" ? 0 : WantedMessages(c);
  if (messages.size() != wanted && !(maybe && messages.empty()))
    problems.push_back(std::to_string(messages.size()) + " messages instead of " + std::to_string(wanted));
  for (const auto& message : messages) CheckMessage(c, message, problems);
  return problems;
}
