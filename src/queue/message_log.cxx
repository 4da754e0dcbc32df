// SPDX-License-Identifier: BSD-2-Clause
#include "queue/message_log.hxx"

#include "base/text.hxx"
#include "queue/submitters.hxx"

#include <fmt/format.h>

#include <syslog.h>

#include <utility>

namespace queue {

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

std::string NameOfShare(uid_t share) {
  return share == Submitters::kUnknown ? "unknown users" : "uid " + std::to_string(share);
}

}  // namespace

void MessageLog::Taken(const mail::Envelope& envelope) {
  const auto uid = std::to_string(envelope.submitter);
  const Log::Field fields[] = {
      {"MAILQUEUE_ID", envelope.id.View()}, {"MAILQUEUE_SENDER", envelope.sender}, {"MAILQUEUE_UID", uid}};
  Write(envelope.submitter, LOG_INFO,
        fmt::format("{}: queued, from {} (uid {}), {} octets, {} recipient{}", envelope.id.View(),
                    Quote(envelope.sender), envelope.submitter, envelope.message_size,
                    envelope.recipients.size(), envelope.recipients.size() == 1 ? "" : "s"),
        fields);
}

void MessageLog::Step(int priority, const mail::Envelope& envelope, std::string_view what) {
  const Log::Field fields[] = {{"MAILQUEUE_ID", envelope.id.View()}};
  Write(envelope.submitter, priority, fmt::format("{}: {}", envelope.id.View(), what), fields);
}

void MessageLog::Write(uid_t submitter, int priority, std::string_view text,
                       std::span<const Log::Field> fields) {
  const auto now = clock_.SinceBoot();
  for (const auto& [share, count] : lines_.TakeLeftOut(now))
    log_.Write(LOG_WARNING,
               fmt::format("{} more lines about mail of {} are left out: there were too many within {} s",
                           count, NameOfShare(share), LogShares::kPeriod.count()));
  if (lines_.MayLog(submitter, now)) log_.Write(priority, text, fields);
}

bool LogShares::MayLog(uid_t submitter, BootTime now) {
  const uid_t share = share_of_ ? share_of_(submitter) : submitter;
  if (now - begin_ >= kPeriod) {
    begin_ = now;
    lines_ = Shares(kLines, kRootsLines);
  }
  if (!lines_.MayTake(share)) {
    ++left_out_[share];
    return false;
  }
  lines_.Take(share);
  return true;
}

std::map<uid_t, std::size_t> LogShares::TakeLeftOut(BootTime now) {
  if (now - begin_ < kPeriod) return {};
  return std::exchange(left_out_, {});
}

void ResultLog::Add(const std::string& recipient, const std::string& end,
                    const mail::DeliveryResult& result) {
  const bool is_same = !recipients_.empty() && result_.outcome == result.outcome &&
                       result_.status == result.status && result_.text == result.text &&
                       result_.remote == result.remote;
  if (!is_same || size_ >= kMaxSize) Flush();
  result_ = result;
  auto text = Quote(recipient);
  if (end != recipient) text += " as " + Quote(end);
  size_ += text.size();
  text_ += (text_.empty() ? "" : ", ") + text;
  recipients_.push_back(recipient);
  ends_.push_back(end);
}

void ResultLog::Flush() {
  if (recipients_.empty()) return;
  const auto& [outcome, status, why, remote] = result_;
  const auto text =
      fmt::format("{}: to {}: {} {} {}{}{}", envelope_.id.View(), text_, ToString(outcome), status,
                  Quote(why), remote.empty() ? "" : " by ", remote.empty() ? "" : Quote(remote));
  std::vector<Log::Field> fields = {{"MAILQUEUE_ID", envelope_.id.View()},
                                    {"MAILQUEUE_OUTCOME", ToString(outcome)},
                                    {"MAILQUEUE_STATUS", status},
                                    {"MAILQUEUE_REMOTE", remote}};
  for (const auto& recipient : recipients_) fields.push_back({"MAILQUEUE_RECIPIENT", recipient});
  for (const auto& end : ends_) fields.push_back({"MAILQUEUE_END", end});
  log_.Write(envelope_.submitter, PriorityOf(outcome), text, fields);
  recipients_.clear();
  ends_.clear();
  text_.clear();
  size_ = 0;
}

}  // namespace queue
