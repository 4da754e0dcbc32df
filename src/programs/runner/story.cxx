// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/story.hxx"

#include "base/text.hxx"
#include "service/journal.hxx"

#include <fmt/format.h>

#include <syslog.h>

namespace runner {

namespace {

int PriorityOf(mail::Outcome outcome) noexcept {
  switch (outcome) {
    case mail::Outcome::Delivered:
      return LOG_INFO;
    case mail::Outcome::Failed:
      return LOG_WARNING;
    case mail::Outcome::Deferred:
      break;
  }
  return LOG_NOTICE;
}

}  // namespace

void LogTaken(const mail::Envelope& envelope) {
  service::Log(LOG_INFO,
               fmt::format("{}: queued, from {} (uid {}), {} octets, {} recipient{}", envelope.id.View(),
                           Quote(envelope.sender), envelope.submitter, envelope.message_size,
                           envelope.recipients.size(), envelope.recipients.size() == 1 ? "" : "s"),
               {{"MAILQUEUE_ID", envelope.id.View()},
                {"MAILQUEUE_SENDER", envelope.sender},
                {"MAILQUEUE_UID", std::to_string(envelope.submitter)}});
}

void LogResult(const mail::Envelope& envelope, const std::string& recipient, const std::string& end,
               const mail::DeliveryResult& result) {
  service::Log(
      PriorityOf(result.outcome),
      fmt::format("{}: to {}{}{}: {} {} {}{}{}", envelope.id.View(), Quote(recipient),
                  end == recipient ? "" : " as ", end == recipient ? "" : Quote(end),
                  ToString(result.outcome), result.status, Quote(result.text),
                  result.remote.empty() ? "" : " by ", result.remote.empty() ? "" : Quote(result.remote)),
      {{"MAILQUEUE_ID", envelope.id.View()},
       {"MAILQUEUE_RECIPIENT", recipient},
       {"MAILQUEUE_END", end},
       {"MAILQUEUE_OUTCOME", ToString(result.outcome)},
       {"MAILQUEUE_STATUS", result.status},
       {"MAILQUEUE_REMOTE", result.remote}});
}

void LogStep(int priority, const mail::Envelope& envelope, std::string_view what) {
  service::Log(priority, fmt::format("{}: {}", envelope.id.View(), what),
               {{"MAILQUEUE_ID", envelope.id.View()}});
}

}  // namespace runner
