// SPDX-License-Identifier: BSD-2-Clause
#include "submit/submit.hxx"

#include "base/text.hxx"
#include "crypto/random.hxx"
#include "mail/header.hxx"
#include "mail/header_completion.hxx"
#include "mail/header_text.hxx"
#include "submit/envelope_maker.hxx"
#include "submit/handover.hxx"
#include "submit/refusal.hxx"

#include <sysexits.h>

#include <algorithm>
#include <ctime>

namespace submit {

namespace {

// Everything that is known before the queue ID is.
struct Draft {
  mail::Envelope envelope;
  mail::HeaderFacts facts;  // without the parts that name the ID
  mail::Resent resent = mail::Resent::Leave;
  std::string random;  // of the Message-ID
};

void ReadHeader(MessageSource& source, mail::HeaderReader& reader) {
  using State = mail::HeaderReader::State;
  for (auto state = State::Reading; state == State::Reading;) {
    const auto text = source.Next();
    if (text.empty()) return reader.Finish();
    state = reader.Add(text);
    if (state == State::TooLarge)
      throw Refusal(EX_DATAERR, "the header has more than " + std::to_string(reader.kMaxSize) + " octets");
  }
}

long UtcOffset(mail::Time now) {
  const time_t seconds = mail::Clock::to_time_t(now);
  struct tm local;
  return ::localtime_r(&seconds, &local) ? local.tm_gmtoff : 0;
}

// What a From field is made of when the message has none.
class Author {
 public:
  Author(const Request& request, const Site& site, User& user)
      : request_(request), site_(site), user_(user) {}

  std::string Mailbox(const std::string& sender) {
    const auto address = Address(sender);
    return mail::FormatMailbox(Name(address), address);
  }

 private:
  std::string OwnAddress() { return submit::OwnAddress(site_, user_); }

  // The sender if one was named, EMAIL, the user; the null sender is nobody.
  std::string Address(const std::string& sender) {
    if (request_.sender && !sender.empty()) return sender;
    const auto list = mail::ParseAddressList(request_.from_address);
    if (list.mailboxes.size() == 1 && !HasControl(request_.from_address))
      return Qualify(list.mailboxes[0].address, site_.domain);
    return OwnAddress();
  }

  // A name that was given goes with any address, the user's own name only with an address of their own.
  std::string Name(const std::string& address) {
    const auto& name = request_.full_name;
    const bool is_name = !name.empty() && name.size() <= kMaxFullName && !HasControl(name);
    return is_name ? name : OwnName(address);
  }

  // Mail whose sender is named doesn't need it: it goes without while the user database doesn't answer.
  std::string OwnName(const std::string& address) try {
    const bool own = !request_.sender || address == OwnAddress();
    return own ? user_.Identity().full_name : std::string();
  } catch (const Refusal&) {
    if (!request_.sender) throw;
    return {};
  }

  const Request& request_;
  const Site& site_;
  User& user_;
};

mail::Envelope MakeEnvelope(const Request& request, const Site& site, User& user,
                            std::span<const mail::HeaderField> header) {
  mail::Envelope envelope;
  envelope.sender = MakeSender(request, site, user);
  envelope.recipients = MakeRecipients(request, site, user, header);
  KeepOwnHere(envelope.recipients, site);
  envelope.submitter = site.uid;
  envelope.created = mail::Now();
  envelope.body = request.body;
  envelope.ret = request.ret;
  envelope.envid = request.envid;
  if (request.require_tls) envelope.tls = mail::TlsDemand::Required;
  return envelope;
}

Draft MakeDraft(const Request& request, const Site& site, const mail::HeaderReader& header) {
  User user(site.uid, site.identify);
  Draft draft;
  draft.envelope = MakeEnvelope(request, site, user, header.Fields());
  if (request.header_recipients && mail::HasResentFields(header.Fields()))
    draft.resent = mail::Resent::Complete;
  if (draft.resent == mail::Resent::Complete || !mail::HasValue(header.Fields(), "From"))
    draft.facts.from = Author(request, site, user).Mailbox(Qualify(draft.envelope.sender, site.domain));
  draft.facts.rewrite_from = site.rewrite_from;
  draft.facts.date = mail::FormatDate(draft.envelope.created, UtcOffset(draft.envelope.created));
  draft.facts.domain = site.domain;
  draft.random = crypto::RandomHex();
  return draft;
}

Front MakeFront(Draft& draft, const Site& site, const mail::HeaderReader& header, mail::QueueId id) {
  draft.envelope.id = id;
  draft.facts.message_id = "<" + id.ToString() + "." + draft.random + "@" + site.hostname + ">";
  auto envelope = draft.envelope.ToText();
  if (envelope.size() > mail::Envelope::kMaxSubmittedSize)
    throw Refusal(EX_DATAERR, "the recipients' addresses are too long together");
  return {std::move(envelope), mail::CompleteHeader(header.Fields(), draft.facts, draft.resent)};
}

}  // namespace

mail::QueueId Submit(const Request& request, const Site& site, MessageSource& source) {
  mail::HeaderReader header;
  ReadHeader(source, header);
  Draft draft = MakeDraft(request, site, header);
  Handover handover(site, [&](mail::QueueId id) { return MakeFront(draft, site, header, id); });
  handover.Write(header.Rest());
  for (auto text = source.Next(); !text.empty(); text = source.Next()) handover.Write(text, source.Origin());
  return handover.Commit();
}

}  // namespace submit
