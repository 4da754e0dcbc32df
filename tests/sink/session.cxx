// SPDX-License-Identifier: BSD-2-Clause
#include "session.hxx"

#include "base/text.hxx"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace sink {

namespace {

constexpr const char* kLastOfGroup[] = {"EHLO", "HELO", "LHLO", "STARTTLS", "AUTH", "DATA", "QUIT"};

std::string ToUpper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  return upper;
}

// The address of "FROM:<a@b> SIZE=1" and "TO:<a@b>".
std::string AddressOf(std::string_view argument) {
  const auto from = argument.find('<');
  const auto to = argument.rfind('>');
  if (from == argument.npos || to == argument.npos || to < from) return {};
  return std::string(argument.substr(from + 1, to - from - 1));
}

// The value of a parameter of MAIL, or empty.
std::string_view ParameterOf(std::string_view argument, std::string_view key) {
  argument.remove_prefix(std::min(argument.rfind('>'), argument.size() - 1));
  for (std::size_t at = 0; (at = argument.find(' ', at)) != argument.npos; ++at) {
    const auto word = argument.substr(at + 1, argument.find(' ', at + 1) - at - 1);
    if (StartsWithIgnoreCase(word, key) && word.substr(key.size()).starts_with('='))
      return word.substr(key.size() + 1);
  }
  return {};
}

}  // namespace

Session::Session(Connection connection, const Shared& shared)
    : connection_(std::move(connection)), shared_(shared), number_(shared.store.CountConnection()) {
  connection_.SetDelay(static_cast<std::size_t>(shared.options.delay.count()));
  transaction_.connection = number_;
}

Session::~Session() {
  shared_.store.CountEndOfConnection();
}

asio::awaitable<void> Session::Run() {
  if (shared_.options.tls == Tls::Implicit) {
    co_await connection_.StartTls(shared_.tls);
    encrypted_ = true;
  }
  shared_.rules.Refresh();
  connection_.SetLimit(shared_.rules.Cut());
  const bool refused = co_await Misbehave("CONNECT", {});
  if (!refused) Reply("220 sink.example ready");
  co_await Dialog();
  co_await connection_.Shutdown();
}

asio::awaitable<void> Session::Dialog() {
  while (!closing_) {
    const auto line = co_await connection_.ReadLine();
    if (!line) co_return;
    if (shared_.options.verbose) fmt::print(stderr, "{} C: {}\n", number_, Quote(*line));
    co_await OnLine(*line);
  }
}

Session::Handler Session::FindHandler(std::string_view verb) {
  static constexpr std::pair<std::string_view, Handler> kHandlers[] = {
      {"EHLO", &Session::OnHello}, {"HELO", &Session::OnHello}, {"LHLO", &Session::OnHello},
      {"MAIL", &Session::OnMail},  {"RCPT", &Session::OnRcpt},  {"DATA", &Session::OnData},
      {"BDAT", &Session::OnChunk}, {"RSET", &Session::OnReset}, {"STARTTLS", &Session::OnStartTls},
      {"AUTH", &Session::OnAuth},  {"NOOP", &Session::OnNoop},  {"QUIT", &Session::OnQuit},
  };
  for (const auto& [name, handler] : kHandlers)
    if (name == verb) return handler;
  return nullptr;
}

asio::awaitable<void> Session::OnLine(std::string_view line) {
  const auto space = std::min(line.find(' '), line.size());
  verb_ = ToUpper(line.substr(0, space));
  const auto argument = Trim(line.substr(space));
  shared_.rules.Refresh();
  connection_.SetLimit(shared_.rules.Cut());
  const bool is_chunk = verb_ == "BDAT";
  if (is_chunk) co_await ReadChunk(argument);
  CheckPipelining(verb_);
  const auto rule_name = is_chunk ? "DATA" : verb_;
  const bool answered = co_await Misbehave(rule_name, SubjectOf(rule_name, argument));
  if (answered) co_return;
  const Handler handler = FindHandler(verb_);
  if (!handler || (verb_.ends_with("HLO") && (verb_ == "LHLO") != shared_.options.lmtp))
    Reply("500 5.5.1 Command not known");
  else
    co_await (this->*handler)(argument);
}

std::string Session::SubjectOf(std::string_view verb, std::string_view argument) const {
  if (verb == "MAIL" || verb == "RCPT") return AddressOf(argument);
  if (verb == "AUTH") return std::string(argument.substr(0, argument.find(' ')));
  if (verb == "DATA") return AddressOf(transaction_.sender);
  return std::string(argument);
}

void Session::CheckPipelining(std::string_view verb) {
  if (!connection_.HasInput()) return;
  const bool last = std::ranges::find(kLastOfGroup, verb) != std::end(kLastOfGroup);
  if (last || !extended_ || !Offers("PIPELINING"))
    shared_.store.CountViolation(number_, fmt::format("did not wait for the reply to {}", Quote(verb)));
}

asio::awaitable<bool> Session::Misbehave(std::string_view command, std::string subject) {
  const Verdict verdict = shared_.rules.Judge(command, subject);
  if (verdict.wait.count()) {
    co_await connection_.Flush();
    co_await connection_.Wait(static_cast<std::size_t>(verdict.wait.count()));
  }
  if (verdict.drop) closing_ = true;
  if (!verdict.reply.empty()) Reply(verdict.reply);
  co_return verdict.drop || !verdict.reply.empty();
}

void Session::Reply(std::string_view text) {
  const auto code = text.substr(0, 3);
  auto rest = text.substr(std::min<std::size_t>(4, text.size()));
  for (std::size_t end; (end = rest.find("\\n")) != rest.npos; rest.remove_prefix(end + 2))
    connection_.Put(fmt::format("{}-{}\r\n", code, rest.substr(0, end)));
  connection_.Put(fmt::format("{} {}\r\n", code, rest));
  if (code == "421") closing_ = true;
  if (shared_.options.verbose) fmt::print(stderr, "{} S: {}\n", number_, Quote(text));
}

bool Session::Offers(std::string_view extension) const {
  return !shared_.rules.Hides(extension);
}

std::string Session::Extensions() const {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view parameter = {}) {
    if (Offers(name)) text += "\\n" + std::string(name) + std::string(parameter);
  };
  for (const char* name : {"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8", "CHUNKING"})
    add(name);
  if (!shared_.options.limits.empty()) add("LIMITS", " " + shared_.options.limits);
  if (encrypted_) add("REQUIRETLS");
  add("SIZE", fmt::format(" {}", shared_.options.max_size));
  if (shared_.options.tls == Tls::StartTls && !encrypted_) add("STARTTLS");
  std::string mechanisms;
  for (const auto& mechanism : shared_.options.mechanisms) mechanisms += " " + mechanism;
  if (!mechanisms.empty()) add("AUTH", mechanisms);
  return text;
}

asio::awaitable<void> Session::OnHello(std::string_view name) {
  Reset();
  transaction_.hello = verb_ + " " + std::string(name);
  extended_ = verb_ != "HELO";
  if (name.empty())
    Reply("501 5.5.4 Who are you?");
  else
    Reply("250 sink.example" + (extended_ ? Extensions() : ""));
  co_return;
}

asio::awaitable<void> Session::OnStartTls(std::string_view) {
  if (encrypted_ || shared_.options.tls != Tls::StartTls) {
    Reply("502 5.5.1 No TLS here");
    co_return;
  }
  Reply("220 2.0.0 Go ahead");
  connection_.Put(shared_.rules.Injected());
  connection_.DiscardInput();  // what came in the clear must not be obeyed as if it were protected (RFC 3207)
  co_await connection_.StartTls(shared_.tls);
  encrypted_ = true;
  extended_ = false;
  transaction_.hello.clear();
  Reset();
}

asio::awaitable<void> Session::OnMail(std::string_view argument) {
  const auto size = ParseNumber<std::size_t>(ParameterOf(argument, "SIZE"));
  if (transaction_.hello.empty()) {
    Reply("503 5.5.1 Say hello first");
  } else if (!shared_.options.mechanisms.empty() && transaction_.auth.empty()) {
    Reply("530 5.7.0 Authentication required");
  } else if (in_transaction_) {
    Reply("503 5.5.1 One sender only");
  } else if (!StartsWithIgnoreCase(argument, "FROM:<") || argument.find('>') == argument.npos) {
    Reply("501 5.5.4 Not an address");
  } else if (size && *size > shared_.options.max_size) {
    Reply("552 5.3.4 Too large");
  } else {
    in_transaction_ = true;
    transaction_.sender = argument.substr(5);
    shared_.store.CountTransaction();
    Reply("250 2.1.0 Ok");
  }
  co_return;
}

asio::awaitable<void> Session::OnRcpt(std::string_view argument) {
  if (!in_transaction_) {
    Reply("503 5.5.1 No sender");
  } else if (!StartsWithIgnoreCase(argument, "TO:<") || AddressOf(argument).empty()) {
    Reply("501 5.5.4 Not an address");
  } else {
    transaction_.recipients.emplace_back(argument.substr(3));
    Reply("250 2.1.5 Ok");
  }
  co_return;
}

asio::awaitable<void> Session::OnData(std::string_view) {
  if (transaction_.recipients.empty()) {
    Reply(in_transaction_ ? "554 5.5.1 No valid recipients" : "503 5.5.1 No sender");
    co_return;
  }
  Reply("354 End with a dot");
  const bool whole = co_await ReadMessage();
  if (!whole) {
    closing_ = true;
    co_return;
  }
  if (connection_.HasInput() && !Offers("PIPELINING")) CheckPipelining("DATA");
  shared_.rules.Refresh();
  if (shared_.options.lmtp)
    co_await AnswerRecipients();
  else
    co_await AnswerMessage();
  Reset();
}

// The octets of a chunk are read even where it is refused (RFC 3030 section 2).
asio::awaitable<void> Session::ReadChunk(std::string_view argument) {
  const auto size = ParseNumber<std::size_t>(argument.substr(0, argument.find(' ')));
  chunk_.reset();
  if (!size) co_return;
  chunk_ = co_await connection_.ReadOctets(*size);
  if (!chunk_) closing_ = true;
}

asio::awaitable<void> Session::OnChunk(std::string_view argument) {
  if (!chunk_) {
    Reply("501 5.5.4 No chunk");
    co_return;
  }
  if (transaction_.recipients.empty()) {
    Reply(in_transaction_ ? "554 5.5.1 No valid recipients" : "503 5.5.1 No sender");
    co_return;
  }
  CheckLines(*chunk_);
  transaction_.message += *chunk_;
  if (!StartsWithIgnoreCase(argument.substr(std::min(argument.find(' '), argument.size())), " LAST")) {
    Reply("250 2.0.0 Go on");
    co_return;
  }
  co_await AnswerMessage();
  Reset();
}

void Session::CheckLines(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool cr = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    const bool lf = text[i] == '\n' && (i == 0 || text[i - 1] != '\r');
    if (cr || lf) return shared_.store.CountViolation(number_, "bare CR or LF in a chunk");
  }
}

asio::awaitable<bool> Session::ReadMessage() {
  for (;;) {
    const auto line = co_await connection_.ReadLine();
    if (!line) co_return false;
    if (*line == ".") co_return true;
    if (line->find_first_of("\r\n") != line->npos)
      shared_.store.CountViolation(number_, "bare CR or LF in the message");
    if (transaction_.message.size() > shared_.options.max_size) continue;
    transaction_.message.append(*line, line->starts_with('.') ? 1 : 0);
    transaction_.message += "\r\n";
  }
}

asio::awaitable<void> Session::AnswerMessage() {
  const bool answered = co_await Misbehave("DOT", AddressOf(transaction_.sender));
  if (answered) co_return;
  if (transaction_.message.size() > shared_.options.max_size) {
    Reply("552 5.3.4 Too large");
    co_return;
  }
  Keep();
  Reply(fmt::format("250 2.0.0 Kept from connection {}", number_));
}

asio::awaitable<void> Session::AnswerRecipients() {
  const auto all = std::exchange(transaction_.recipients, {});
  for (const auto& recipient : all) {
    const bool answered = co_await Misbehave("DOT", AddressOf(recipient));
    if (closing_) co_return;
    if (answered) continue;
    transaction_.recipients.push_back(recipient);
    Reply("250 2.0.0 Kept");
  }
  if (!transaction_.recipients.empty()) Keep();
}

void Session::Keep() {
  transaction_.peer = connection_.Peer();
  transaction_.tls = connection_.TlsVersion();
  transaction_.server_name = connection_.ServerName();
  shared_.store.Keep(transaction_);
}

void Session::Reset() {
  in_transaction_ = false;
  transaction_.sender.clear();
  transaction_.recipients.clear();
  transaction_.message.clear();
}

asio::awaitable<void> Session::OnReset(std::string_view) {
  Reset();
  Reply("250 2.0.0 Ok");
  co_return;
}

asio::awaitable<void> Session::OnNoop(std::string_view) {
  Reply("250 2.0.0 Ok");
  co_return;
}

asio::awaitable<void> Session::OnQuit(std::string_view) {
  Reply("221 2.0.0 Bye");
  closing_ = true;
  co_return;
}

}  // namespace sink
