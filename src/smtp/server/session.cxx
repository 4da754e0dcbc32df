// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/server/session.hxx"

#include "base/text.hxx"
#include "mail/envelope.hxx"
#include "mail/header.hxx"
#include "smtp/dsn.hxx"

#include <algorithm>
#include <span>
#include <utility>

namespace smtp::server {

namespace {

using Reply = Session::Reply;

constexpr std::size_t kMaxOriginal = 500;  // RFC 3461 section 4.2

Reply Say(std::string_view text) {
  return {std::string(text) + "\r\n", Session::Next::Command};
}

// Parameters: empty if it is taken, else the reply that refuses it.
std::string TakeSize(Transaction& transaction, const std::string& value) {
  const auto size = ParseNumber<std::uint64_t>(value);
  transaction.size = size.value_or(0);
  return size ? "" : "501 5.5.4 SIZE takes a number";
}

std::string TakeBody(Transaction& transaction, const std::string& value) {
  if (!EqualsIgnoreCase(value, "7BIT") && !EqualsIgnoreCase(value, "8BITMIME"))
    return "501 5.5.4 BODY takes 7BIT or 8BITMIME";
  transaction.body = EqualsIgnoreCase(value, "7BIT") ? "7BIT" : "8BITMIME";
  return "";
}

std::string TakeUtf8(Transaction&, const std::string& value) {
  return value.empty() ? "" : "501 5.5.4 SMTPUTF8 takes no value";
}

std::string TakeRequireTls(Transaction& transaction, const std::string& value) {
  transaction.require_tls = value.empty();
  return value.empty() ? "" : "501 5.5.4 REQUIRETLS takes no value";
}

std::string TakeRet(Transaction& transaction, const std::string& value) {
  const auto ret = ParseRet(value);
  transaction.ret = ret.value_or("");
  return ret ? "" : "501 5.5.4 RET takes FULL or HDRS";
}

std::string TakeEnvid(Transaction& transaction, const std::string& value) {
  const auto envid = DecodeXtext(value) ? ParseEnvid(value) : std::nullopt;
  transaction.envid = envid.value_or("");
  return envid ? "" : "501 5.5.4 ENVID takes xtext of up to 100 characters";
}

std::string TakeNotify(Recipient& recipient, const std::string& value) {
  const auto notify = ParseNotify(value);
  recipient.notify = notify.value_or("");
  return notify ? "" : "501 5.5.4 NOTIFY takes NEVER, or SUCCESS, FAILURE and DELAY";
}

std::string TakeOriginal(Recipient& recipient, const std::string& value) {
  const auto semicolon = value.find(';');
  const bool good = value.size() <= kMaxOriginal && semicolon != value.npos && semicolon > 0 &&
                    DecodeXtext(value.substr(semicolon + 1));
  if (!good) return "501 5.5.4 ORCPT takes TYPE;ADDRESS";
  recipient.original = value;
  return "";
}

template <typename Target>
struct KnownParameter {
  std::string_view name;
  std::string (*take)(Target& target, const std::string& value);
};

constexpr KnownParameter<Transaction> kMailParameters[] = {
    {"SIZE", TakeSize}, {"BODY", TakeBody},   {"SMTPUTF8", TakeUtf8},
    {"RET", TakeRet},   {"ENVID", TakeEnvid}, {"REQUIRETLS", TakeRequireTls}};
constexpr KnownParameter<Recipient> kRcptParameters[] = {{"NOTIFY", TakeNotify}, {"ORCPT", TakeOriginal}};

template <typename Target>
std::string TakeParameters(const Path& path, std::span<const KnownParameter<Target>> known, Target& target) {
  for (const auto& parameter : path.parameters) {
    const auto found = std::ranges::find(known, parameter.name, &KnownParameter<Target>::name);
    if (found == known.end()) return "555 5.5.4 unknown parameter " + Quote(parameter.name);
    if (auto refusal = found->take(target, parameter.value); !refusal.empty()) return refusal;
  }
  return "";
}

}  // namespace

const Session::Verb Session::kVerbs[] = {
    {"HELO", &Session::OnHelo}, {"EHLO", &Session::OnEhlo}, {"MAIL", &Session::OnMail},
    {"RCPT", &Session::OnRcpt}, {"DATA", &Session::OnData}, {"RSET", &Session::OnRset},
    {"NOOP", &Session::OnNoop}, {"VRFY", &Session::OnVrfy}, {"HELP", &Session::OnHelp},
    {"QUIT", &Session::OnQuit},
};

Reply Session::Start() {
  return Ask({.step = Step::Connect}, Say("220 " + hostname_ + " ESMTP mailqueue"));
}

Reply Session::OnLongLine() {
  return Say("500 5.5.2 line too long");
}

Reply Session::OnLine(std::string_view line) {
  if (HasControl(line)) return Say("500 5.5.2 control character in a command");
  const auto command = Command::Parse(line);
  const bool expects_text = std::exchange(expects_text_, false);
  for (const auto& verb : kVerbs)
    if (verb.name == command.verb) return (this->*verb.handler)(command.argument);
  if (expects_text || mail::FieldNameSize(line) > 0) return HangUp();
  return Say("500 5.5.1 unknown command");
}

// A client that waits for no replies sends its message, or somebody makes a client of another protocol send
// one: a line of it that reads as a command must not count.
Reply Session::HangUp() {
  Reset();
  return {"421 4.5.1 " + hostname_ + " expects a command and not a message, closing\r\n", Next::Close};
}

Reply Session::Ask(Wish wish, Reply granted) {
  wish_ = std::move(wish);
  granted_ = std::move(granted);
  return {{}, Next::Decide};
}

Reply Session::Proceed() {
  auto wish = std::exchange(wish_, std::nullopt).value();
  switch (wish.step) {
    case Step::Connect:
    case Step::Data:
      break;
    case Step::Hello:
      Reset();
      break;
    case Step::Sender:
      transaction_ = std::move(wish.transaction);
      break;
    case Step::Recipient:
      transaction_.recipients.push_back(std::move(wish.recipient));
      break;
  }
  return std::exchange(granted_, {});
}

Reply Session::Refuse(std::string_view reply) {
  const auto wish = std::exchange(wish_, std::nullopt);
  if (!wish) Reset();
  std::string line(reply);
  std::ranges::replace_if(line, IsControl, ' ');
  auto refusal = Say(line);
  expects_text_ = wish && wish->step == Step::Data;
  if (wish && wish->step == Step::Connect) refusal.next = Next::Close;
  return refusal;
}

Reply Session::OnHelo(const std::string& argument) {
  return Ask({.step = Step::Hello, .name = argument}, Say("250 " + hostname_));
}

Reply Session::OnEhlo(const std::string& argument) {
  return Ask({.step = Step::Hello, .name = argument},
             Say("250-" + hostname_ + "\r\n250-PIPELINING\r\n250-SIZE " + std::to_string(max_size_) +
                 "\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-REQUIRETLS\r\n"
                 "250 ENHANCEDSTATUSCODES"));
}

Reply Session::OnMail(const std::string& argument) {
  if (transaction_.sender) return Say("503 5.5.1 sender already given");
  const auto path = Path::Parse("FROM:", argument);
  if (!path) return Say("501 5.1.7 MAIL takes FROM:<address>");
  Transaction transaction;
  const auto refusal = TakeParameters<Transaction>(*path, kMailParameters, transaction);
  if (!refusal.empty()) return Say(refusal);
  if (transaction.size > max_size_)
    return Say("552 5.3.4 more than " + std::to_string(max_size_) + " octets (MessageSize=)");
  transaction.sender = path->address;
  return Ask({.step = Step::Sender, .transaction = std::move(transaction)}, Say("250 2.1.0 sender ok"));
}

Reply Session::OnRcpt(const std::string& argument) {
  if (!transaction_.sender) return Say("503 5.5.1 MAIL first");
  const auto path = Path::Parse("TO:", argument);
  if (!path || path->address.empty()) return Say("501 5.1.3 RCPT takes TO:<address>");
  if (transaction_.recipients.size() >= mail::Envelope::kMaxRecipients)
    return Say("452 4.5.3 too many recipients");
  Recipient recipient{path->address, {}, {}};
  const auto refusal = TakeParameters<Recipient>(*path, kRcptParameters, recipient);
  if (!refusal.empty()) return Say(refusal);
  return Ask({.step = Step::Recipient, .recipient = std::move(recipient)}, Say("250 2.1.5 recipient ok"));
}

Reply Session::OnData(const std::string& argument) {
  expects_text_ = !argument.empty() || transaction_.recipients.empty();
  if (!argument.empty()) return Say("501 5.5.4 DATA takes no argument");
  if (expects_text_) return Say("503 5.5.1 RCPT first");
  return Ask({.step = Step::Data}, {"354 end with a line that is a single dot\r\n", Next::Message});
}

Reply Session::OnRset(const std::string&) {
  Reset();
  return Say("250 2.0.0 ok");
}

Reply Session::OnNoop(const std::string&) {
  return Say("250 2.0.0 ok");
}

Reply Session::OnVrfy(const std::string&) {
  return Say("252 2.5.2 send some mail and see");
}

Reply Session::OnHelp(const std::string&) {
  return Say("214 2.0.0 see sendmail(8)");
}

Reply Session::OnQuit(const std::string&) {
  return {"221 2.0.0 " + hostname_ + " closing\r\n", Next::Close};
}

Reply Session::OnQueued(std::string_view queue_id) {
  Reset();
  return Say("250 2.0.0 queued as " + std::string(queue_id));
}

}  // namespace smtp::server
