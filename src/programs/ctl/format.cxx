// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/format.hxx"

#include "base/text.hxx"
#include "base/utf8.hxx"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace ctl {

namespace {

constexpr std::uint64_t kKilo = 1024;

unsigned Octet(char c) noexcept {
  return static_cast<unsigned char>(c);
}

std::string FormatTime(mail::Time time, const char* format) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  struct tm local = {};
  ::localtime_r(&seconds, &local);
  std::array<char, 64> text{};
  return {text.data(), ::strftime(text.data(), text.size(), format, &local)};
}

std::string FormatSize(std::uint64_t octets) {
  if (octets < kKilo) return fmt::format("{}B", octets);
  const double kilo = static_cast<double>(octets) / kKilo;
  if (kilo < 10) return fmt::format("{:.1f}K", kilo);
  if (kilo < kKilo) return fmt::format("{:.0f}K", kilo);
  return fmt::format("{:.1f}M", kilo / kKilo);
}

std::string DescribeAttempts(const bus::MessageStatus& message) {
  if (!message.reason.empty()) return message.state + ": " + Escape(message.reason);
  if (message.state != "deferred") return message.state;
  const char* const plural = message.attempts == 1 ? "" : "s";
  if (message.next_attempt == mail::Time{})
    return fmt::format("deferred ({} attempt{})", message.attempts, plural);
  return fmt::format("deferred ({} attempt{}, next {})", message.attempts, plural,
                     FormatTime(message.next_attempt, "%F %T"));
}

std::string Reason(const bus::RecipientStatus& recipient) {
  std::string reason = recipient.status;
  if (!reason.empty() && !recipient.text.empty()) reason += ' ';
  return Escape(reason + recipient.text);
}

std::string DescribeRest(const bus::MessageStatus& message) {
  const auto listed = message.recipients.size();
  if (message.open_recipients <= listed) return {};
  return fmt::format("(and {} more recipients)", message.open_recipients - listed);
}

// As Postfix's mailq(1) has it.
char MailqMark(const bus::MessageStatus& message) noexcept {
  if (message.state == "held") return '!';
  return message.state == "active" ? '*' : ' ';
}

std::string FormatMailqMessage(const bus::MessageStatus& message) {
  auto text = fmt::format("{}{} {:>8} {:>20} {}\n", message.id, MailqMark(message), message.size,
                          FormatTime(message.created, "%a %b %e %H:%M:%S"),
                          message.sender.empty() ? "MAILER-DAEMON" : Escape(message.sender));
  if (!message.reason.empty()) text += "(" + message.state + ": " + Escape(message.reason) + ")\n";
  const std::string* last = nullptr;  // recipients with one reason share its line
  for (const auto& recipient : message.recipients) {
    if (!recipient.text.empty() && (!last || *last != recipient.text))
      text += "(" + Escape(recipient.text) + ")\n";
    last = &recipient.text;
    text += fmt::format("{:41}{}\n", "", Escape(recipient.address));
  }
  if (const auto rest = DescribeRest(message); !rest.empty()) text += rest + "\n";
  return text + "\n";
}

std::string JsonString(std::string_view text) {
  std::string json = "\"";
  for (const char c : ReplaceInvalidUtf8(text)) {
    if (c == '"' || c == '\\')
      json += {'\\', c};
    else if (IsControl(c))
      json += fmt::format("\\u{:04x}", Octet(c));
    else
      json += c;
  }
  return json + "\"";
}

std::string JsonRecipient(const bus::RecipientStatus& recipient) {
  return fmt::format(R"({{"address":{},"state":{},"status":{},"text":{}}})", JsonString(recipient.address),
                     JsonString(recipient.state), JsonString(recipient.status), JsonString(recipient.text));
}

}  // namespace

std::string Escape(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned octet = Octet(text[i]);
    const bool second_set = octet == 0xc2 && i + 1 < text.size() && Octet(text[i + 1]) < 0xa0;
    if (octet >= 0x20 && octet != 0x7f && !second_set) {
      escaped += text[i];
      continue;
    }
    escaped += fmt::format("\\x{:02x}", octet);
    if (second_set) escaped += fmt::format("\\x{:02x}", Octet(text[++i]));
  }
  return escaped;
}

std::string FormatTable(const Messages& messages, std::size_t length) {
  const auto others = length > messages.size() ? length - messages.size() : 0;
  const auto rest = fmt::format("{} message{} of other users.\n", others, others == 1 ? "" : "s");
  if (messages.empty()) return others > 0 ? rest : "No mail is waiting.\n";
  auto text = fmt::format("{:<16}  {:<16}  {:>6}  {}\n", "ID", "SUBMITTED", "SIZE", "SENDER, STATE");
  for (const auto& message : messages) {
    text += fmt::format("{:<16}  {}  {:>6}  <{}> {}\n", message.id, FormatTime(message.created, "%F %H:%M"),
                        FormatSize(message.size), Escape(message.sender), DescribeAttempts(message));
    for (const auto& recipient : message.recipients) {
      const auto reason = Reason(recipient);
      text += fmt::format("    {}{}{}\n", Escape(recipient.address), reason.empty() ? "" : ": ", reason);
    }
    if (const auto more = DescribeRest(message); !more.empty()) text += "    " + more + "\n";
  }
  text += fmt::format("{} message{}.\n", messages.size(), messages.size() == 1 ? "" : "s");
  return others > 0 ? text + rest : text;
}

std::string FormatMailq(const Messages& messages, std::size_t length) {
  const auto requests = std::max(length, messages.size());
  if (requests == 0) return "Mail queue is empty\n";
  std::string text = "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n";
  std::uint64_t total = 0;
  for (const auto& message : messages) {
    text += FormatMailqMessage(message);
    total += message.size;
  }
  return text + fmt::format("-- {} Kbytes in {} Request{}.\n", (total + kKilo - 1) / kKilo, requests,
                            requests == 1 ? "" : "s");
}

std::string FormatJson(const Messages& messages) {
  std::string text;
  for (const auto& m : messages) {
    std::string recipients;
    for (const auto& recipient : m.recipients)
      recipients += (recipients.empty() ? "" : ",") + JsonRecipient(recipient);
    text += fmt::format(
        R"({{"id":{},"created":{},"size":{},"sender":{},"submitter":{},"attempts":{},"next_attempt":{},"state":{},)"
        R"("reason":{},"open_recipients":{},"recipients":[{}]}})"
        "\n",
        JsonString(m.id), mail::ToMicroseconds(m.created), m.size, JsonString(m.sender), m.submitter,
        m.attempts, mail::ToMicroseconds(m.next_attempt), JsonString(m.state), JsonString(m.reason),
        m.open_recipients, recipients);
  }
  return text;
}

std::string FormatRoute(const std::vector<bus::RouteLine>& lines) {
  std::string text;
  for (const auto& line : lines) {
    text += std::string(std::size_t{2} * line.depth, ' ') + Escape(line.what);
    if (!line.where.empty()) text += " (" + Escape(line.where) + ")";
    text += line.end.empty() ? ":\n" : " -> " + Escape(line.end) + "\n";
  }
  return text;
}

std::string FormatReports(const std::vector<mail::RelayReport>& reports) {
  std::string text;
  for (const auto& report : reports) {
    const bool good = report.status.starts_with('2');
    text +=
        Escape(report.relay) + (good ? ": takes mail" : ": takes no mail, " + Escape(report.status)) + "\n";
    for (const auto& line : report.lines) text += "  " + Escape(line) + "\n";
  }
  return text;
}

}  // namespace ctl
