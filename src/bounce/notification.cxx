// SPDX-License-Identifier: BSD-2-Clause
#include "bounce/notification.hxx"

#include "base/text.hxx"
#include "mail/address.hxx"
#include "mail/header_text.hxx"

#include <fmt/format.h>

#include <algorithm>

namespace bounce {

namespace {

constexpr std::size_t kMaxLine = 900;  // RFC 5322 section 2.1.1 allows 998

std::string_view HeadersOf(std::string_view message) noexcept {
  const auto end = message.find("\n\n");
  return end == message.npos ? message : message.substr(0, end + 1);
}

// A reply may hold anything; in a field it has to stay one line of printable ASCII.
std::string ToPrintableLine(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kMaxLine)) line += c >= 0x20 && c < 0x7f ? c : '?';
  return line;
}

// RFC 2045 section 6.4: what a part needs, the whole needs as well.
std::string EncodingOf(std::string_view content) {
  return IsAscii(content) ? "" : "Content-Transfer-Encoding: 8bit\n";
}

std::string Headers(const Report& report, const std::string& boundary, std::string_view parts) {
  return fmt::format(
      "From: Mail Delivery System <MAILER-DAEMON@{}>\n"
      "To: {}\n"
      "Subject: Undelivered mail returned to sender\n"
      "Date: {}\n"
      "Message-ID: <{}@{}>\n"
      "Auto-Submitted: auto-replied\n"
      "MIME-Version: 1.0\n"
      "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"{}\"\n{}",
      report.domain, mail::Qualify(report.sender, report.domain), mail::FormatDate(report.now, 0),
      report.id.View(), report.hostname, boundary, EncodingOf(parts));
}

std::string Explanation(const Report& report) {
  std::string text = fmt::format(
      "This is the mail system of {}.\n\n"
      "Your message of {} could not be delivered to:\n\n",
      report.hostname, mail::FormatDate(report.envelope.created, 0));
  for (const auto& recipient : report.failed)
    text += fmt::format("  <{}>\n      {}\n", ToPrintableLine(recipient.address),
                        ToPrintableLine(recipient.result->text));
  return text + (report.cut ? "\nIts headers follow.\n" : "\nIt follows.\n");
}

std::string RecipientFields(const mail::Recipient& recipient, const std::string& domain) {
  const auto& result = *recipient.result;
  std::string fields = "\n";
  if (!recipient.original.empty())
    fields += fmt::format("Original-Recipient: {}\n", ToPrintableLine(recipient.original));
  fields += fmt::format("Final-Recipient: rfc822; {}\nAction: failed\nStatus: {}\n",
                        ToPrintableLine(mail::Qualify(recipient.address, domain)), result.status);
  if (!result.remote.empty())
    fields += fmt::format("Remote-MTA: dns; {}\nDiagnostic-Code: smtp; {}\n", ToPrintableLine(result.remote),
                          ToPrintableLine(result.text));
  else
    fields += fmt::format("Diagnostic-Code: X-Mailqueue; {}\n", ToPrintableLine(result.text));
  return fields;
}

std::string StatusFields(const Report& report) {
  std::string fields = fmt::format("Reporting-MTA: dns; {}\n", report.hostname);
  if (!report.envelope.envid.empty())
    fields += fmt::format("Original-Envelope-Id: {}\n", ToPrintableLine(report.envelope.envid));
  fields += fmt::format("X-Mailqueue-ID: {}\nArrival-Date: {}\n", report.envelope.id.View(),
                        mail::FormatDate(report.envelope.created, 0));
  for (const auto& recipient : report.failed) fields += RecipientFields(recipient, report.domain);
  return fields;
}

std::string Part(const std::string& boundary, std::string_view type, std::string_view content) {
  return fmt::format("\n--{}\nContent-Type: {}\n{}\n{}", boundary, type, EncodingOf(content), content);
}

}  // namespace

bool WantsReport(const mail::Recipient& recipient) {
  if (recipient.notify.empty()) return true;
  const auto wanted = SplitList(recipient.notify, ",");
  return std::ranges::any_of(wanted, [](const auto& word) { return EqualsIgnoreCase(word, "FAILURE"); });
}

std::string MakeNotification(const Report& report) {
  // A message that demanded TLS is not returned whole over a connection that may lack it (RFC 8689 section
  // 5).
  const bool secret = report.envelope.tls == mail::TlsDemand::Required;
  const bool headers_only = report.cut || secret || EqualsIgnoreCase(report.envelope.ret, "HDRS");
  const auto returned = headers_only ? HeadersOf(report.original) : report.original;
  const std::string boundary = fmt::format("=_{}", report.id.View());
  const auto parts = Part(boundary, "text/plain; charset=utf-8", Explanation(report)) +
                     Part(boundary, "message/delivery-status", StatusFields(report)) +
                     Part(boundary, headers_only ? "text/rfc822-headers" : "message/rfc822", returned) +
                     fmt::format("\n--{}--\n", boundary);
  return Headers(report, boundary, parts) + parts;
}

mail::Envelope MakeEnvelope(const Report& report) {
  mail::Envelope envelope;
  envelope.id = report.id;
  envelope.submitter = report.envelope.submitter;
  envelope.created = report.now;
  if (!IsAscii(report.original)) envelope.body = "8BITMIME";
  if (report.envelope.tls == mail::TlsDemand::Required) envelope.tls = mail::TlsDemand::Required;
  envelope.recipients.emplace_back().address = report.sender;
  return envelope;
}

}  // namespace bounce
