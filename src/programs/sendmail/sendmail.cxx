// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/sendmail.hxx"

#include "base/text.hxx"
#include "mail/address_list.hxx"
#include "paths.h"
#include "programs/sendmail/options.hxx"
#include "programs/sendmail/smtp_server.hxx"
#include "submit/refusal.hxx"
#include "submit/submit.hxx"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

namespace {

int Complain(int status, const std::string& text) {
  const std::string line = "sendmail: " + text + "\n";
  [[maybe_unused]] const auto n = ::write(STDERR_FILENO, line.data(), line.size());
  return status;
}

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

// Descriptors that are opened later must not become standard output or error: a complaint would land in the
// message.
void FillStandardDescriptors() {
  for (;;) {
    const int fd = ::open("/dev/null", O_RDWR);
    if (fd < 0) return;
    if (fd > STDERR_FILENO) {
      ::close(fd);
      return;
    }
  }
}

submit::Request MakeRequest(const Options& options) {
  submit::Request request;
  request.sender = options.sender;
  for (const auto& operand : options.operands) request.destinations.push_back({operand, options.notify, {}});
  request.header_recipients = options.header_recipients;
  request.header_notify = options.notify;
  request.full_name = options.full_name.empty() ? Environment("NAME") : options.full_name;
  request.from_address = Environment("EMAIL");
  request.body = options.body;
  request.ret = options.ret;
  request.envid = options.envid;
  request.require_tls = options.require_tls;
  return request;
}

int SubmitMessage(const Options& options, const submit::Site& site) {
  const auto end = options.ignore_dots ? submit::EndOfMessage::EndOfFile : submit::EndOfMessage::LoneDot;
  submit::FdSource source(FdRef(STDIN_FILENO), end);
  (void)submit::Submit(MakeRequest(options), site, source);
  return EX_OK;
}

// mailqueuectl links what D-Bus needs; most calls of sendmail don't need it.
int RunCtl(std::vector<const char*> arguments) {
  constexpr const char* kProgram = MAILQUEUE_BINDIR "/mailqueuectl";
  arguments.insert(arguments.begin(), kProgram);
  arguments.push_back(nullptr);
  ::execv(kProgram, const_cast<char* const*>(arguments.data()));
  return Complain(EX_UNAVAILABLE,
                  std::string("failed to run " MAILQUEUE_BINDIR "/mailqueuectl: ") + std::strerror(errno));
}

int Print(const std::string& text) {
  return std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) ? EX_IOERR : EX_OK;
}

const char* const kHelp =
    "usage: sendmail [-ti] [-f SENDER] [-F NAME] [-N NOTIFY] [-R RET] [-V ENVID] [-B BODY] [--] "
    "[RECIPIENT...] <MESSAGE\n"
    "       sendmail -bs | -bv ADDRESS... | -bp | -q | -bi\n"
    "       mailq\n"
    "See sendmail(8).\n";

int Verify(const Options& options) {
  if (options.operands.empty()) return Complain(EX_USAGE, "-bv takes addresses");
  std::vector<std::string> addresses;
  for (const auto& operand : options.operands) {
    const auto list = mail::ParseAddressOperand(operand);
    if (!list.malformed.empty() || list.mailboxes.empty())
      return Complain(EX_DATAERR,
                      Quote(list.malformed.empty() ? operand : list.malformed.front()) + " is no address");
    for (const auto& mailbox : list.mailboxes) addresses.push_back(mailbox.address);
  }
  std::vector<const char*> arguments = {"route", "--"};
  for (const auto& address : addresses) arguments.push_back(address.c_str());
  return RunCtl(std::move(arguments));
}

int Run(const Options& options, const submit::Site& site, bool has_input) {
  switch (options.mode) {
    case Mode::ListQueue:
      return RunCtl({"list", "--mailq"});
    case Mode::Flush:
      if (options.flush_id.empty()) return RunCtl({"flush"});
      return RunCtl({"flush", options.flush_id.c_str()});
    case Mode::Newaliases:  // there is nothing to build: aliases are read when mail is routed
      return RunCtl({"check-aliases", "--warn"});
    case Mode::Help:
      return Print(kHelp);
    case Mode::Version:
      return Print("sendmail (mailqueue) " MAILQUEUE_VERSION "\n");
    case Mode::Verify:
      return Verify(options);
    case Mode::SmtpServer:
      return ServeSmtp(FdRef(STDIN_FILENO), FdRef(STDOUT_FILENO), site);
    case Mode::Submit:
      break;
  }
  if (options.operands.empty() && !options.header_recipients)
    return Complain(EX_USAGE,
                    "no recipients: name them as arguments, or in To, Cc or Bcc and call sendmail -t");
  if (!has_input) return Complain(EX_NOINPUT, "no message: standard input is closed");
  return SubmitMessage(options, site);
}

}  // namespace

int RunSendmail(std::span<const std::string> words, const submit::Site& site) try {
  const bool has_input = ::fcntl(STDIN_FILENO, F_GETFD) >= 0;
  FillStandardDescriptors();
  const std::string name = words.empty() ? "sendmail" : words[0];
  const auto parsed = ParseCommandLine(name, words.subspan(words.empty() ? 0 : 1));
  if (const auto* error = std::get_if<UsageError>(&parsed)) return Complain(error->status, error->text);
  return Run(std::get<Options>(parsed), site, has_input);
} catch (const submit::Refusal& refusal) {
  return Complain(refusal.Status(), refusal.what());
} catch (const std::exception& error) {
  return Complain(EX_OSERR, error.what());
}
