// SPDX-License-Identifier: BSD-2-Clause
#include "submit/envelope_maker.hxx"

#include "base/text.hxx"
#include "mail/address.hxx"
#include "mail/address_list.hxx"
#include "mail/address_token.hxx"
#include "mail/header_completion.hxx"
#include "mail/header_text.hxx"
#include "submit/refusal.hxx"

#include <sysexits.h>

#include <set>

namespace submit {

namespace {

// The same for two spellings of one address: only a domain's case means nothing.
std::string Canonical(const std::string& text) {
  const auto address = mail::Address::Parse(text);
  return address ? address->local + "@" + ToLower(address->domain) : text;
}

class Collector {
 public:
  void Add(const mail::AddressList& list, const Destination& destination) {
    for (const auto& mailbox : list.mailboxes) AddOne(mailbox.address, destination);
    malformed_.insert(malformed_.end(), list.malformed.begin(), list.malformed.end());
  }

  std::vector<mail::Recipient> Finish() && {
    if (recipients_.empty()) RefuseAll();
    for (const auto& text : malformed_) {
      if (!mail::Address::Parse(mail::ToLocalPart(text)))
        throw Refusal(EX_DATAERR, "recipient " + Quote(text) + " is no address");
      AddOne(mail::ToLocalPart(text), {});
    }
    if (recipients_.size() > mail::Envelope::kMaxRecipients)
      throw Refusal(EX_DATAERR,
                    "more than " + std::to_string(mail::Envelope::kMaxRecipients) + " recipients");
    return std::move(recipients_);
  }

 private:
  void AddOne(const std::string& address, const Destination& destination) {
    if (!seen_.insert(Canonical(address)).second) return;
    auto& recipient = recipients_.emplace_back();
    recipient.address = address;
    recipient.notify = destination.notify;
    recipient.original = destination.original;
  }

  [[noreturn]] void RefuseAll() const {
    if (!malformed_.empty())
      throw Refusal(EX_DATAERR, "recipient " + Quote(malformed_[0]) + " is no address");
    throw Refusal(EX_USAGE,
                  "no recipients: name them as arguments, or in To, Cc or Bcc and call sendmail -t");
  }

  std::vector<mail::Recipient> recipients_;
  std::vector<std::string> malformed_;
  std::set<std::string> seen_;
};

// An operand can't hold a control character for any good reason: the attack is a line of SMTP or a header of
// one's own.
mail::AddressList ParseOperand(const Destination& destination) {
  const auto& text = destination.addresses;
  if (Trim(text).empty()) throw Refusal(EX_DATAERR, "a recipient is empty");
  if (mail::HasControl(text))
    throw Refusal(EX_DATAERR, "recipient " + Quote(text) + " has a control character in it");
  auto list = mail::ParseAddressOperand(text);
  if (destination.is_one && list.mailboxes.size() + list.malformed.size() != 1)
    throw Refusal(EX_DATAERR, "recipient " + Quote(text) + " is not one address");
  return list;
}

}  // namespace

std::string Qualify(const std::string& address, const std::string& domain) {
  const auto parsed = mail::Address::Parse(address);
  return parsed && parsed->domain.empty() && !domain.empty() ? address + "@" + domain : address;
}

std::string OwnAddress(const Site& site, User& user) {
  return Qualify(mail::ToLocalPart(user.Identity().user), site.domain);
}

std::string MakeSender(const Request& request, const Site& site, User& user) {
  if (!request.sender) return mail::ToLocalPart(user.Identity().user);
  const auto text = Trim(*request.sender);
  if (mail::HasControl(*request.sender))
    throw Refusal(EX_DATAERR, "sender " + Quote(text) + " has a control character in it");
  if (text.empty() || text == "<>") return {};
  const auto list = mail::ParseAddressOperand(text);
  if (list.mailboxes.size() != 1 || !list.malformed.empty())
    throw Refusal(EX_DATAERR, "sender " + Quote(text) + " is no address");
  const auto& sender = list.mailboxes[0].address;
  if (!mail::Address::Parse(Qualify(sender, site.domain)))
    throw Refusal(EX_DATAERR, "sender " + Quote(text) + " is too long");
  return sender;
}

std::vector<mail::Recipient> MakeRecipients(const Request& request,
                                            std::span<const mail::HeaderField> header) {
  Collector collector;
  for (const auto& destination : request.destinations) collector.Add(ParseOperand(destination), destination);
  if (request.header_recipients)
    collector.Add(mail::HeaderRecipients(header), {{}, request.header_notify, {}});
  return std::move(collector).Finish();
}

}  // namespace submit
