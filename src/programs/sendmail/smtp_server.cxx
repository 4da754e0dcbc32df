// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/smtp_server.hxx"

#include "base/file.hxx"
#include "programs/sendmail/smtp_input.hxx"
#include "smtp/server/line_reader.hxx"
#include "smtp/server/session.hxx"
#include "submit/refusal.hxx"
#include "submit/submit.hxx"

#include <sysexits.h>

#include <string>
#include <string_view>

namespace {

using smtp::server::LineReader;
using smtp::server::Session;
using Next = Session::Next;

submit::Request ToRequest(const smtp::server::Transaction& transaction) {
  submit::Request request;
  request.sender = transaction.sender;
  for (const auto& recipient : transaction.recipients)
    request.destinations.push_back({recipient.address, recipient.notify, recipient.original, true});
  request.body = transaction.body;
  request.ret = transaction.ret;
  request.envid = transaction.envid;
  request.size = transaction.size;
  request.require_tls = transaction.require_tls;
  return request;
}

// The beginning of the reply for an exit status of sysexits(3).
std::string_view ReplyCode(int status) noexcept {
  switch (status) {
    case EX_DATAERR:
      return "554 5.6.0 ";
    case EX_UNAVAILABLE:
      return "552 5.3.4 ";
    case EX_USAGE:
    case EX_NOPERM:
      return "554 5.7.1 ";
    default:
      return "451 4.3.0 ";
  }
}

class Server {
 public:
  Server(FdRef in, FdRef out, const submit::Site& site)
      : input_(in), out_(out), site_(site), session_(site.hostname, site.max_message_size) {}

  int Run() {
    auto next = Send(session_.Start());
    while (next == Next::Command) {
      if (!ReadLine()) return EX_OK;
      next = Send(lines_.IsTooLong() ? Session::OnLongLine() : session_.OnLine(lines_.Line()));
      if (next == Next::Message) next = TakeMessage();
    }
    return EX_OK;
  }

 private:
  // False at the end of the input. A command without its line end is not a command.
  bool ReadLine() {
    do {
      const auto octets = input_.Peek();
      if (octets.empty()) return false;
      input_.Take(lines_.Take(octets));
    } while (!lines_.IsComplete());
    return true;
  }

  // The client is the user who started it, so there is nothing to decide, and MAIL FROM counts as -f does.
  Next Send(Session::Reply reply) {
    if (reply.next == Next::Decide) reply = session_.Proceed();
    WriteAll(out_, reply.text);
    return reply.next;
  }

  Next Refuse(const submit::Refusal& refusal) {
    return Send(session_.Refuse(std::string(ReplyCode(refusal.Status())) + refusal.what()));
  }

  // A refused message does not end the dialog. A message that is too large may never end: the client gets the
  // reply at once, and only once.
  Next TakeMessage() {
    SmtpDataSource source(input_, lines_.EndedInCrLf());
    try {
      const auto id = submit::Submit(ToRequest(session_.GetTransaction()), site_, source);
      return Send(session_.OnQueued(id.View()));
    } catch (const submit::Refusal& refusal) {
      const bool at_once = refusal.Status() == EX_UNAVAILABLE;
      if (at_once) (void)Refuse(refusal);
      if (!source.SkipRest()) throw;
      return at_once ? Next::Command : Refuse(refusal);
    }
  }

  SmtpInput input_;
  FdRef out_;
  const submit::Site& site_;
  Session session_;
  LineReader lines_{Session::kMaxLine};
};

}  // namespace

int ServeSmtp(FdRef in, FdRef out, const submit::Site& site) {
  return Server(in, out, site).Run();
}
