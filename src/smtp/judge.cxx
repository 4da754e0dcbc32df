// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/judge.hxx"

namespace smtp {

namespace {

using mail::Outcome;

bool IsPermanent(const Reply& reply, Place place) {
  if (reply.Class() != 5 || reply.code == 530) return false;
  if (place == Place::Rcpt && reply.EnhancedStatus() == "5.5.3") return false;
  return place == Place::Mail || place == Place::Rcpt || place == Place::Data || place == Place::Text;
}

Outcome OutcomeOf(const Reply& reply, Place place) {
  // 2xx to DATA itself promises nothing: the text has not been sent.
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
std::string_view DetailOf(int code, Place place) {
  switch (code) {
    case 421:
    case 521:
      return "3.2";
    case 450:
      return "2.0";
    case 451:
      return "3.0";
    case 452:
      return "3.1";
    case 454:
    case 530:
      return "7.0";
    case 500:
      return "5.2";
    case 502:
    case 503:
      return "5.1";
    case 455:
    case 501:
    case 504:
    case 555:
      return "5.4";
    case 534:
      return "7.9";
    case 535:
      return "7.8";
    case 538:
      return "7.11";
    case 550:
      return place == Place::Rcpt ? "1.1" : place == Place::Mail ? "1.0" : "0.0";
    case 551:
      return "1.6";
    case 552:
      return place == Place::Rcpt ? "2.2" : "3.4";
    case 553:
      return place == Place::Mail ? "1.7" : "1.3";
    case 556:
      return "1.10";
    default:
      if (place == Place::StartTls || place == Place::Auth) return "7.0";
      return place == Place::Rcpt && code / 100 == 2 ? "1.5" : "0.0";
  }
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
  status += given.empty() ? DetailOf(reply.code, place) : given.substr(2);
  return {outcome, std::move(status), reply.ToString(), {}};
}

}  // namespace smtp
