// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/judge.hxx"

namespace smtp {

namespace {

using mail::Outcome;

bool IsPermanent(const Reply& reply, Place place) {
  if (reply.Class() != 5 || reply.code == 530) return false;
  if (place == Place::Rcpt && reply.EnhancedStatus() == "5.5.3") return false;
  return place == Place::Mail || place == Place::Rcpt || place == Place::Data || place == Place::Text;
}

Outcome OutcomeOf(const Reply& reply, Place place) {
  // 2xx to DATA itself is not a success: the text has not been sent.
  if (reply.Class() == 2 && place != Place::Data) return Outcome::Delivered;
  return IsPermanent(reply, place) ? Outcome::Failed : Outcome::Deferred;
}

char ClassOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::Delivered:
      return '2';
    case Outcome::Failed:
      return '5';
    case Outcome::Deferred:
      break;
  }
  return '4';
}

// Subject and detail (RFC 3463) for servers that give no enhanced status code.
struct Detail {
  int code;
  std::string_view text;
};

struct DetailAt {
  Place place;
  Detail detail;
};

constexpr DetailAt kDetailsAt[] = {
    {Place::Mail, {550, "1.0"}}, {Place::Rcpt, {550, "1.1"}}, {Place::Rcpt, {552, "2.2"}},
    {Place::Mail, {553, "1.7"}}, {Place::Rcpt, {250, "1.5"}}, {Place::Rcpt, {251, "1.5"}},
};

constexpr Detail kDetails[] = {
    {421, "3.2"}, {450, "2.0"},  {451, "3.0"}, {452, "3.1"}, {454, "7.0"}, {455, "5.4"}, {500, "5.2"},
    {501, "5.4"}, {502, "5.1"},  {503, "5.1"}, {504, "5.4"}, {521, "3.2"}, {530, "7.0"}, {534, "7.9"},
    {535, "7.8"}, {538, "7.11"}, {551, "1.6"}, {552, "3.4"}, {553, "1.3"}, {555, "5.4"}, {556, "1.10"},
};

std::string_view DetailOf(int code, Place place) {
  for (const auto& at : kDetailsAt)
    if (at.place == place && at.detail.code == code) return at.detail.text;
  for (const auto& detail : kDetails)
    if (detail.code == code) return detail.text;
  return place == Place::StartTls || place == Place::Auth ? "7.0" : "0.0";
}

}  // namespace

std::string_view ToString(Place place) noexcept {
  switch (place) {
    case Place::Greeting:
      return "greeting";
    case Place::Hello:
      return "EHLO";
    case Place::StartTls:
      return "STARTTLS";
    case Place::Auth:
      return "AUTH";
    case Place::Mail:
      return "MAIL";
    case Place::Rcpt:
      return "RCPT";
    case Place::Data:
      return "DATA";
    case Place::Text:
      return "end of data";
    case Place::Reset:
      return "RSET";
    case Place::Quit:
      break;
  }
  return "QUIT";
}

mail::DeliveryResult Judge(const Reply& reply, Place place) {
  const Outcome outcome = OutcomeOf(reply, place);
  const auto given = reply.EnhancedStatus();
  std::string status(1, ClassOf(outcome));
  status += '.';
  const auto detail = given.empty() ? DetailOf(reply.code, place) : given.substr(2);
  status += detail == "7.8" && place != Place::Auth ? "7.0" : detail;
  return {outcome, std::move(status), reply.ToString(), {}};
}

bool IsTooManyRecipients(const Reply& reply) noexcept {
  const auto status = reply.EnhancedStatus();
  if (!status.empty()) return status.substr(1) == ".5.3";
  return reply.code == 452 || reply.code == 552;
}

}  // namespace smtp
