// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/smtp_server.hxx"

#include "base/file.hxx"
#include "programs/sendmail/smtp_input.hxx"
#include "programs/sendmail/smtp_session.hxx"
#include "submit/refusal.hxx"
#include "submit/submit.hxx"

#include <sysexits.h>

namespace {

using Next = SmtpSession::Next;

class Server {
 public:
  Server(FdRef in, FdRef out, const submit::Site& site)
      : input_(in), out_(out), site_(site), session_(site.hostname, site.max_message_size) {}

  int Run() {
    auto next = Send(session_.Greeting());
    while (next == Next::Command) {
      const auto status = input_.ReadLine(line_, SmtpSession::kMaxLine);
      if (status == SmtpInput::Status::End) return EX_OK;
      next = Send(status == SmtpInput::Status::TooLong ? SmtpSession::OnLongLine() : session_.OnLine(line_));
      if (next == Next::Message) next = TakeMessage();
    }
    return EX_OK;
  }

 private:
  Next Send(const SmtpSession::Reply& reply) {
    WriteAll(out_, reply.text);
    return reply.next;
  }

  // A refused message does not end the dialog. A message that is too large may never end: the client gets the
  // reply at once, and only once.
  Next TakeMessage() {
    SmtpDataSource source(input_);
    try {
      const auto id = submit::Submit(session_.Request(), site_, source);
      return Send(session_.OnAccepted(id.View()));
    } catch (const submit::Refusal& refusal) {
      const bool at_once = refusal.Status() == EX_UNAVAILABLE;
      if (at_once) (void)Send(session_.OnRefused(refusal.Status(), refusal.what()));
      if (!source.SkipRest()) throw;
      return at_once ? Next::Command : Send(session_.OnRefused(refusal.Status(), refusal.what()));
    }
  }

  SmtpInput input_;
  FdRef out_;
  const submit::Site& site_;
  SmtpSession session_;
  std::string line_;
};

}  // namespace

int ServeSmtp(FdRef in, FdRef out, const submit::Site& site) {
  return Server(in, out, site).Run();
}
