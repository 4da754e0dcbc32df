// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/smtp_session.hxx"

#include "base/text.hxx"
#include "mail/envelope.hxx"
#include "mail/header_text.hxx"
#include "programs/sendmail/dsn_options.hxx"

#include <sysexits.h>

#include <algorithm>

namespace {

using Reply = SmtpSession::Reply;

constexpr std::size_t kMaxOriginal = 500;  // RFC 3461 section 4.2

Reply Say(std::string_view text) {
  return {std::string(text) + "\r\n", SmtpSession::Next::Command};
}

// Parameters: empty if it is taken, else the reply that refuses it.
std::string TakeSize(submit::Request& request, const std::string& value) {
  const auto size = ParseNumber<std::uint64_t>(value);
  request.size = size.value_or(0);
  return size ? "" : "501 5.5.4 SIZE takes a number";
}

std::string TakeBody(submit::Request& request, const std::string& value) {
  if (!EqualsIgnoreCase(value, "7BIT") && !EqualsIgnoreCase(value, "8BITMIME"))
    return "501 5.5.4 BODY takes 7BIT or 8BITMIME";
  request.body = EqualsIgnoreCase(value, "7BIT") ? "7BIT" : "8BITMIME";
  return "";
}

std::string TakeUtf8(submit::Request&, const std::string& value) {
  return value.empty() ? "" : "501 5.5.4 SMTPUTF8 takes no value";
}

std::string TakeRequireTls(submit::Request& request, const std::string& value) {
  request.require_tls = value.empty();
  return value.empty() ? "" : "501 5.5.4 REQUIRETLS takes no value";
}

std::string TakeRet(submit::Request& request, const std::string& value) {
  const auto ret = ParseRet(value);
  request.ret = ret.value_or("");
  return ret ? "" : "501 5.5.4 RET takes FULL or HDRS";
}

std::string TakeEnvid(submit::Request& request, const std::string& value) {
  const auto envid = DecodeXtext(value) ? ParseEnvid(value) : std::nullopt;
  request.envid = envid.value_or("");
  return envid ? "" : "501 5.5.4 ENVID takes xtext of up to 100 characters";
}

std::string TakeNotify(submit::Destination& destination, const std::string& value) {
  const auto notify = ParseNotify(value);
  destination.notify = notify.value_or("");
  return notify ? "" : "501 5.5.4 NOTIFY takes NEVER, or SUCCESS, FAILURE and DELAY";
}

std::string TakeOriginal(submit::Destination& destination, const std::string& value) {
  const auto semicolon = value.find(';');
  const bool good = value.size() <= kMaxOriginal && semicolon != value.npos && semicolon > 0 &&
                    DecodeXtext(value.substr(semicolon + 1));
  if (!good) return "501 5.5.4 ORCPT takes TYPE;ADDRESS";
  destination.original = value;
  return "";
}

template <typename Target>
struct Parameter {
  std::string_view name;
  std::string (*take)(Target& target, const std::string& value);
};

constexpr Parameter<submit::Request> kMailParameters[] = {
    {"SIZE", TakeSize}, {"BODY", TakeBody},   {"SMTPUTF8", TakeUtf8},
    {"RET", TakeRet},   {"ENVID", TakeEnvid}, {"REQUIRETLS", TakeRequireTls}};
constexpr Parameter<submit::Destination> kRcptParameters[] = {{"NOTIFY", TakeNotify},
                                                              {"ORCPT", TakeOriginal}};

template <typename Target>
std::string TakeParameters(const SmtpPath& path, std::span<const Parameter<Target>> known, Target& target) {
  for (const auto& parameter : path.parameters) {
    const auto found = std::ranges::find(known, parameter.name, &Parameter<Target>::name);
    if (found == known.end()) return "555 5.5.4 unknown parameter " + Quote(parameter.name);
    if (auto refusal = found->take(target, parameter.value); !refusal.empty()) return refusal;
  }
  return "";
}

// The SMTP reply for an exit status.
std::string_view ReplyCode(int status) noexcept {
  switch (status) {
    case EX_DATAERR:
      return "554 5.6.0";
    case EX_UNAVAILABLE:
      return "552 5.3.4";
    case EX_USAGE:
    case EX_NOPERM:
      return "554 5.7.1";
    default:
      return "451 4.3.0";
  }
}

}  // namespace

const SmtpSession::Verb SmtpSession::kVerbs[] = {
    {"HELO", &SmtpSession::OnHelo}, {"EHLO", &SmtpSession::OnEhlo}, {"MAIL", &SmtpSession::OnMail},
    {"RCPT", &SmtpSession::OnRcpt}, {"DATA", &SmtpSession::OnData}, {"RSET", &SmtpSession::OnRset},
    {"NOOP", &SmtpSession::OnNoop}, {"VRFY", &SmtpSession::OnVrfy}, {"HELP", &SmtpSession::OnHelp},
    {"QUIT", &SmtpSession::OnQuit},
};

Reply SmtpSession::Greeting() const {
  return Say("220 " + hostname_ + " ESMTP mailqueue");
}

Reply SmtpSession::OnLongLine() {
  return Say("500 5.5.2 line too long");
}

Reply SmtpSession::OnLine(std::string_view line) {
  if (mail::HasControl(line)) return Say("500 5.5.2 control character in a command");
  const auto command = SmtpCommand::Parse(line);
  for (const auto& verb : kVerbs)
    if (verb.name == command.verb) return (this->*verb.handler)(command.argument);
  return Say("500 5.5.1 unknown command");
}

Reply SmtpSession::OnHelo(const std::string&) {
  Reset();
  return Say("250 " + hostname_);
}

Reply SmtpSession::OnEhlo(const std::string&) {
  Reset();
  return Say("250-" + hostname_ + "\r\n250-PIPELINING\r\n250-SIZE " + std::to_string(max_size_) +
             "\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-REQUIRETLS\r\n250 ENHANCEDSTATUSCODES");
}

Reply SmtpSession::OnMail(const std::string& argument) {
  if (request_.sender) return Say("503 5.5.1 sender already given");
  const auto path = SmtpPath::Parse("FROM:", argument);
  if (!path) return Say("501 5.1.7 MAIL takes FROM:<address>");
  submit::Request request;
  const auto refusal = TakeParameters<submit::Request>(*path, kMailParameters, request);
  if (!refusal.empty()) return Say(refusal);
  if (request.size > max_size_)
    return Say("552 5.3.4 more than " + std::to_string(max_size_) + " octets (MessageSize=)");
  request_ = std::move(request);
  request_.sender = path->address;
  return Say("250 2.1.0 sender ok");
}

Reply SmtpSession::OnRcpt(const std::string& argument) {
  if (!request_.sender) return Say("503 5.5.1 MAIL first");
  const auto path = SmtpPath::Parse("TO:", argument);
  if (!path || path->address.empty()) return Say("501 5.1.3 RCPT takes TO:<address>");
  if (request_.destinations.size() >= mail::Envelope::kMaxRecipients)
    return Say("452 4.5.3 too many recipients");
  submit::Destination destination{path->address, {}, {}, true};
  const auto refusal = TakeParameters<submit::Destination>(*path, kRcptParameters, destination);
  if (!refusal.empty()) return Say(refusal);
  request_.destinations.push_back(std::move(destination));
  return Say("250 2.1.5 recipient ok");
}

Reply SmtpSession::OnData(const std::string&) {
  if (request_.destinations.empty()) return Say("503 5.5.1 RCPT first");
  return {"354 end with a line that is a single dot\r\n", Next::Message};
}

Reply SmtpSession::OnRset(const std::string&) {
  Reset();
  return Say("250 2.0.0 ok");
}

Reply SmtpSession::OnNoop(const std::string&) {
  return Say("250 2.0.0 ok");
}

Reply SmtpSession::OnVrfy(const std::string&) {
  return Say("252 2.5.2 send some mail and see");
}

Reply SmtpSession::OnHelp(const std::string&) {
  return Say("214 2.0.0 see sendmail(8)");
}

Reply SmtpSession::OnQuit(const std::string&) {
  return {"221 2.0.0 " + hostname_ + " closing\r\n", Next::Close};
}

Reply SmtpSession::OnAccepted(std::string_view queue_id) {
  Reset();
  return Say("250 2.0.0 queued as " + std::string(queue_id));
}

Reply SmtpSession::OnRefused(int status, std::string_view why) {
  Reset();
  std::string line = std::string(ReplyCode(status)) + " " + std::string(why);
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return Say(line);
}
