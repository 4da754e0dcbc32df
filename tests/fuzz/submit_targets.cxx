// SPDX-License-Identifier: BSD-2-Clause
#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"
#include "mail/address.hxx"
#include "mail/header.hxx"
#include "programs/sendmail/options.hxx"
#include "smtp/client/command.hxx"
#include "smtp/dsn.hxx"
#include "smtp/server/data_decoder.hxx"
#include "smtp/server/line_reader.hxx"
#include "smtp/server/session.hxx"
#include "spool/drop_format.hxx"
#include "submit/envelope_maker.hxx"
#include "submit/refusal.hxx"
#include "submit/source.hxx"
#include "target.hxx"
#include "targets.hxx"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <variant>

namespace fuzz {

namespace {

constexpr std::uint64_t kMaxSize = 100000;  // octets of a message

// A file in memory whose offset is at its start.
UniqueFd FileOf(std::string_view content) {
  UniqueFd file(::memfd_create("fuzz", MFD_CLOEXEC));
  if (!file) ThrowErrno("Failed to make a file in memory");
  WriteAll(file, content);
  ::lseek(file.Get(), 0, SEEK_SET);
  return file;
}

std::string ReadSource(submit::MessageSource& source) {
  std::string text;
  for (auto part = source.Next(); !part.empty(); part = source.Next()) text += part;
  return text;
}

submit::Site MakeSite() {
  submit::Site site;
  site.domain = "d.example";
  site.identify = [](uid_t) { return submit::Identity{"alice", ""}; };
  site.is_user = [](const std::string& name) { return name.starts_with("AD\\"); };
  site.address_names = [] { return std::set<std::string>{"ann@example.org"}; };
  return site;
}

void CheckRecipients(const submit::Request& request, std::span<const mail::HeaderField> fields) {
  const auto site = MakeSite();
  submit::User user(1000, site.identify);
  std::set<std::string> seen;
  for (const auto& recipient : submit::MakeRecipients(request, site, user, fields)) {
    const auto& address = recipient.address;
    Require(!address.empty() && address.size() <= mail::Address::kMaxLength && IsPrintable(address), address);
    Require(seen.insert(recipient.address).second, recipient.address);
  }
  Require(!seen.empty() && seen.size() <= mail::Envelope::kMaxRecipients);
}

void CheckSender(const submit::Request& request) {
  const auto site = MakeSite();
  submit::User user(1000, site.identify);
  const auto sender = submit::MakeSender(request, site, user);
  Require(sender.empty() || mail::Address::Parse(sender), sender);
}

// What an SMTP client is told: whole lines, the code the same on each, a space behind the last one's.
void CheckServerReply(std::string_view text) {
  Require(text.ends_with("\r\n") && text.size() > 5, text);
  const auto code = text.substr(0, 3);
  while (!text.empty()) {
    const auto line = text.substr(0, text.find("\r\n"));
    text.remove_prefix(line.size() + 2);
    Require(IsPrintable(line) && line.starts_with(code), line);
    Require(line.substr(3).starts_with(text.empty() ? ' ' : '-'), line);
  }
}

/// A dialog with a client that sends whatever the input has, and may do whatever it wants.
class ServerDialog {
 public:
  explicit ServerDialog(std::string_view input) : input_(input) {}

  void Run() {
    auto next = Check(session_.Start());
    while (next == Next::Command && ReadLine()) {
      next = Check(lines_.IsTooLong() ? smtp::server::Session::OnLongLine() : session_.OnLine(lines_.Line()));
      if (next == Next::Message && !TakeMessage()) return;
      if (next == Next::Message) next = Next::Command;
    }
  }

 private:
  using Next = smtp::server::Session::Next;

  Next Check(smtp::server::Session::Reply reply) {
    const bool is_hello = reply.next == Next::Decide && session_.GetWish().step == smtp::server::Step::Hello;
    if (reply.next == Next::Decide) reply = session_.Proceed();
    CheckServerReply(reply.text);
    Require(is_hello || std::ranges::count(reply.text, '\n') == 1, reply.text);
    return reply.next;
  }

  bool ReadLine() {
    while (!input_.empty()) {
      input_.remove_prefix(lines_.Take(input_));
      if (lines_.IsComplete()) return true;
    }
    return false;
  }

  // @return false if it has no end
  bool TakeMessage() {
    const auto& transaction = session_.GetTransaction();
    Require(transaction.sender && !transaction.recipients.empty());
    Require(IsPrintable(transaction.envid), transaction.envid);
    submit::Request request;
    for (const auto& recipient : transaction.recipients)
      request.destinations.push_back({recipient.address, recipient.notify, recipient.original, true});
    try {
      CheckRecipients(request, {});
    } catch (const submit::Refusal& refusal) {
      (void)Check(session_.Refuse("554 5.6.0 " + std::string(refusal.what())));
      return false;
    }
    smtp::server::DataDecoder decoder(lines_.EndedInCrLf());
    std::string text;
    input_.remove_prefix(decoder.Take(input_, text));
    if (!decoder.IsEnded()) return false;
    Require(text.empty() || text.ends_with('\n'), text);
    return Check(session_.OnQueued("0123456789ABCDEF")) == Next::Command;
  }

  std::string_view input_;
  smtp::server::Session session_{"host.example", kMaxSize};
  smtp::server::LineReader lines_{smtp::server::Session::kMaxLine};
};

}  // namespace

void Drop(std::string_view input) {
  if (const auto head = spool::DropHead::Parse(input)) Require(head->ToText() == input, input);
  Require(!spool::DropHead::Parse(spool::UnfinishedHead()));
  const auto reply = spool::SubmitReply::Parse(input);
  if (!reply) return;
  const auto again = spool::SubmitReply::Parse(reply->ToText());
  Require(again && again->status == reply->status && again->text == reply->text, input);
}

// The first part is a message with recipients in its header, the next one a sender, all others are operands.
void HeaderRecipients(std::string_view input) {
  const auto parts = Parts(input);
  if (parts.empty()) return;
  mail::HeaderReader reader;
  if (reader.Add(parts[0]) == mail::HeaderReader::State::Reading) reader.Finish();
  submit::Request request;
  request.header_recipients = true;
  request.header_notify = "NEVER";
  for (std::size_t i = 2; i < parts.size(); ++i)
    request.destinations.push_back({parts[i], {}, {}, i % 2 == 0});
  try {
    CheckRecipients(request, reader.Fields());
  } catch (const submit::Refusal& refusal) {
    Require(IsPrintable(refusal.what()), refusal.what());
  }
  if (parts.size() < 2) return;
  request.sender = parts[1];
  try {
    CheckSender(request);
  } catch (const submit::Refusal& refusal) {
    Require(IsPrintable(refusal.what()), refusal.what());
  }
}

// Each part is a word of the command line.
void SendmailOptions(std::string_view input) {
  const auto words = Parts(input);
  for (const char* name : {"sendmail", "mailq", "newaliases"}) {
    const auto parsed = ParseCommandLine(name, words);
    if (const auto* error = std::get_if<UsageError>(&parsed)) {
      Require(IsPrintable(error->text) && error->status != 0, error->text);
      continue;
    }
    const auto& options = std::get<Options>(parsed);
    Require(IsPrintable(options.full_name + options.envid + options.notify + options.ret + options.body),
            options.full_name + options.envid);
    Require(options.full_name.size() <= submit::kMaxFullName, options.full_name);
  }
}

void SmtpServer(std::string_view input) {
  ServerDialog(input).Run();
}

void Source(std::string_view input) {
  std::string plain;
  for (std::size_t i = 0; i < input.size(); ++i)
    if (input[i] != '\r' || i + 1 == input.size() || input[i + 1] != '\n') plain += input[i];
  std::string removed(input);
  removed.resize(submit::RemoveCarriageReturns(removed.data(), removed.size()));
  Require(removed == plain, input);
  if (!plain.empty() && !plain.ends_with('\n')) plain += '\n';

  const auto file = FileOf(input);
  submit::FdSource whole(file, submit::EndOfMessage::EndOfFile);
  Require(ReadSource(whole) == plain, input);
  ::lseek(file.Get(), 0, SEEK_SET);
  submit::FdSource dotted(file, submit::EndOfMessage::LoneDot);
  const auto text = ReadSource(dotted);
  Require(plain.starts_with(text) && ("\n" + text).find("\n.\n") == std::string::npos, input);
  Require(text == plain || ("\n" + plain).substr(text.size()).starts_with("\n.\n"), input);
}

void Xtext(std::string_view input) {
  const auto written = smtp::ToXtext(input);
  Require(written.find_first_of(" =") == written.npos && IsPrintable(written) && IsAscii(written), input);
  Require(smtp::DecodeXtext(written) == input, input);
  if (const auto decoded = smtp::DecodeXtext(input))
    Require(smtp::DecodeXtext(smtp::ToXtext(*decoded)) == decoded, input);
  if (const auto envid = smtp::ParseEnvid(input)) Require(IsPrintable(*envid) && envid->size() <= 100, input);
  if (const auto notify = smtp::ParseNotify(input)) Require(smtp::ParseNotify(*notify) == notify, input);
  if (const auto ret = smtp::ParseRet(input)) Require(smtp::ParseRet(*ret) == ret, input);
}

}  // namespace fuzz
