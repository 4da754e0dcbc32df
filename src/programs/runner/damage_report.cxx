// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/damage_report.hxx"

#include "bounce/notification.hxx"
#include "paths.h"
#include "programs/runner/settlement.hxx"
#include "service/journal.hxx"

#include <fmt/format.h>

#include <syslog.h>

#include <exception>

namespace runner {

namespace {

std::string MakeDamageText(const config::Settings& settings, const Damages& damages, const mail::QueueId& id,
                           mail::Time now) {
  auto text = fmt::format(
      "From: Mail Delivery System <MAILER-DAEMON@{0}>\n"
      "To: {1}\n"
      "Subject: Damaged mail in the queue of {2}\n"
      "Date: {3}\n"
      "Message-ID: <{4}@{2}>\n"
      "Auto-Submitted: auto-generated\n"
      "MIME-Version: 1.0\n"
      "Content-Type: text/plain; charset=us-ascii\n\n"
      "These messages in the queue of {2} can't be read:\n\n",
      settings.mail.domain, kPostmaster, settings.mail.hostname, bounce::FormatDate(now), id.View());
  for (const auto& [damaged, why] : damages) text += fmt::format("  {}: {}\n", damaged.View(), why);
  return text +
         fmt::format(
             "\nTheir files are left as they are, {0}/queue/ID.envelope with sender and recipients and\n"
             "{0}/queue/ID.message with the text. They are looked at again every hour, and by\n"
             "\"mailqueuectl flush\": what can be read then is delivered.\n",
             MAILQUEUE_SPOOLDIR);
}

}  // namespace

std::vector<mail::Envelope> ReportDamages(const spool::Queue& queue, const config::Settings& settings,
                                          const Damages& damages, mail::Time now) {
  mail::Envelope envelope;
  envelope.id = NewQueueId(now);
  envelope.created = now;
  envelope.recipients.emplace_back().address = kPostmaster;
  spool::QueueBatch batch(queue);
  batch.Add(envelope, MakeDamageText(settings, damages, envelope.id, now));
  auto envelopes = batch.Commit();
  for (const auto& [damaged, why] : damages) {
    try {
      queue.SetReported(damaged);
    } catch (const std::exception& e) {
      service::Log(LOG_ERR, std::string(e.what()) + ": root may be told once more",
                   {{"MAILQUEUE_ID", damaged.View()}});
    }
  }
  return envelopes;
}

}  // namespace runner
