// SPDX-License-Identifier: BSD-2-Clause
#include "queue/damage_report.hxx"

#include "bounce/notification.hxx"
#include "mail/header_text.hxx"
#include "paths.h"
#include "queue/settlement.hxx"

#include <fmt/format.h>

#include <syslog.h>

#include <exception>

namespace queue {

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
      settings.mail.domain, kPostmaster, settings.mail.hostname, mail::FormatDate(now, 0), id.View());
  for (const auto& [damaged, why] : damages) text += fmt::format("  {}: {}\n", damaged.View(), why);
  return text +
         fmt::format(
             "\nTheir files are left as they are, {0}/queue/ID.envelope with sender and recipients and\n"
             "{0}/queue/ID.message with the text. They are looked at again every hour, and by\n"
             "\"mailqueuectl flush\": what can be read then is delivered.\n",
             MAILQUEUE_SPOOLDIR);
}

}  // namespace

mail::Envelope ReportDamages(const Environment& environment, const Damages& damages) {
  const auto now = environment.clock.Now();
  mail::Envelope envelope;
  envelope.id = NewQueueId(now, environment.random);
  envelope.created = now;
  envelope.recipients.emplace_back().address = kPostmaster;
  const auto settings = environment.settings.Current();
  environment.store.Add(envelope, MakeDamageText(*settings, damages, envelope.id, now));
  for (const auto& [damaged, why] : damages) {
    try {
      environment.store.SetReported(damaged);
    } catch (const std::exception& e) {
      environment.log.Write(LOG_ERR, std::string(e.what()) + ": root may be told once more",
                            {{"MAILQUEUE_ID", damaged.View()}});
    }
  }
  return envelope;
}

}  // namespace queue
