// SPDX-License-Identifier: BSD-2-Clause
#include "submit/envelope_maker.hxx"

#include "base/text.hxx"
#include "config/domain_name.hxx"
#include "mail/address.hxx"
#include "mail/address_list.hxx"
#include "mail/address_token.hxx"
#include "mail/header_completion.hxx"
#include "submit/refusal.hxx"

#include <sysexits.h>

#include <optional>
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
  /// @param is_resent the header is asked, and has Resent- fields
  explicit Collector(bool is_resent) noexcept : is_resent_(is_resent) {}

  void Add(const mail::AddressList& list, const Destination& destination) {
    for (const auto& mailbox : list.mailboxes) AddOne(mailbox.address, destination);
    malformed_.insert(malformed_.end(), list.malformed.begin(), list.malformed.end());
  }
  void AddUser(const std::string& name, const Destination& destination) {
    AddOne(mail::ToLocalPart(name), destination);
  }
  /// Somebody's variable has nothing in it: no reason to refuse the mail to others.
  void AddEmpty() noexcept { has_empty_ = true; }

  std::vector<mail::Recipient> Finish() && {
    if (recipients_.empty()) RefuseAll();
    for (const auto& text : malformed_) {
      if (text.size() > mail::Address::kMaxLength || HasControl(text))
        throw Refusal(EX_DATAERR, "recipient " + Quote(text) + " is no address");
      AddOne(text, {});
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
    if (has_empty_) throw Refusal(EX_DATAERR, "a recipient is empty");
    throw Refusal(EX_USAGE, is_resent_
                                ? "no recipients: a message with Resent- fields names them in Resent-To, "
                                  "Resent-Cc or Resent-Bcc"
                                : "no recipients: name them as arguments, or in To, Cc or Bcc and call "
                                  "sendmail -t");
  }

  const bool is_resent_;
  bool has_empty_ = false;
  std::vector<mail::Recipient> recipients_;
  std::vector<std::string> malformed_;
  std::set<std::string> seen_;
};

// An operand can't hold a control character for any good reason: the attack is a line of SMTP or a header of
// one's own.
mail::AddressList ParseOperand(const Destination& destination) {
  const auto& text = destination.addresses;
  if (HasControl(text))
    throw Refusal(EX_DATAERR, "recipient " + Quote(text) + " has a control character in it");
  auto list = mail::ParseAddressOperand(text);
  if (destination.is_one && list.mailboxes.size() + list.malformed.size() != 1)
    throw Refusal(EX_DATAERR, "recipient " + Quote(text) + " is not one address");
  return list;
}

/// Recognises the name of a user where it is written instead of an address and could be taken for one.
class NameReader {
 public:
  NameReader(const Site& site, User& user) noexcept : site_(site), user_(user) {}

  [[nodiscard]] bool IsName(std::string_view text) {
    if (HasControl(text)) return false;
    if (text.find('\\') != text.npos) return !text.starts_with('\\') && site_.is_user(std::string(text));
    return text.find('@') != text.npos && (IsOwn(text) || AddressNames().contains(std::string(text)));
  }

 private:
  // A directory may know everybody in the company by their mail address, and their mail is not for this
  // machine: only passwd(5) itself counts, and the caller's own name, as cron uses it.
  const std::set<std::string>& AddressNames() {
    if (!address_names_) address_names_ = site_.address_names();
    return *address_names_;
  }

  bool IsOwn(std::string_view text) try { return text == user_.Identity().user; } catch (const Refusal&) {
    return false;  // an address, as long as nobody says otherwise
  }

  const Site& site_;
  User& user_;
  std::optional<std::set<std::string>> address_names_;
};

void AddOperand(Collector& collector, const Destination& destination, NameReader& names) {
  const auto text = Trim(destination.addresses);
  if (text.empty() && !destination.is_one)
    collector.AddEmpty();
  else if (names.IsName(text))
    collector.AddUser(std::string(text), destination);
  else
    collector.Add(ParseOperand(destination), destination);
}

// A user name that is an address as well is theirs: realmd's "ann@ad.example.org".
std::string NameAsSender(const std::string& name) {
  const auto address = mail::Address::Parse(name);
  return address && !address->domain.empty() ? address->ToString() : mail::ToLocalPart(name);
}

}  // namespace

std::string Qualify(const std::string& address, const std::string& domain) {
  const auto parsed = mail::Address::Parse(address);
  return parsed && parsed->domain.empty() && !domain.empty() ? address + "@" + domain : address;
}

std::string OwnAddress(const Site& site, User& user) {
  return Qualify(NameAsSender(user.Identity().user), site.domain);
}

std::string MakeSender(const Request& request, const Site& site, User& user) {
  if (!request.sender) return NameAsSender(user.Identity().user);
  const auto text = Trim(*request.sender);
  if (HasControl(*request.sender))
    throw Refusal(EX_DATAERR, "sender " + Quote(text) + " has a control character in it");
  if (text.empty() || text == "<>") return {};
  const bool is_address = text.find('@') != text.npos;  // also where it is a name: see NameAsSender
  if (!is_address && NameReader(site, user).IsName(text)) return mail::ToLocalPart(text);
  const auto list = mail::ParseAddressOperand(text);
  if (list.mailboxes.size() != 1 || !list.malformed.empty())
    throw Refusal(EX_DATAERR, "sender " + Quote(text) + " is no address");
  const auto& sender = list.mailboxes[0].address;
  if (EqualsIgnoreCase(sender, "MAILER-DAEMON")) return {};
  if (!mail::Address::Parse(Qualify(sender, site.domain)))
    throw Refusal(EX_DATAERR, "sender " + Quote(text) + " is too long");
  return sender;
}

std::vector<mail::Recipient> MakeRecipients(const Request& request, const Site& site, User& user,
                                            std::span<const mail::HeaderField> header) {
  Collector collector(request.header_recipients && mail::HasResentFields(header));
  NameReader names(site, user);
  for (const auto& destination : request.destinations) AddOperand(collector, destination, names);
  if (request.header_recipients)
    collector.Add(mail::HeaderRecipients(header), {{}, request.header_notify, {}});
  return std::move(collector).Finish();
}

void KeepOwnHere(std::vector<mail::Recipient>& recipients, const Site& site) {
  bool is_refused = static_cast<bool>(site.refuses_domain);
  for (auto& recipient : recipients) {
    const auto address = mail::Address::Parse(recipient.address);
    if (!address) continue;
    const auto literal = config::AddressOfLiteral(address->domain);
    const bool is_own = !literal.empty() && site.is_own_address(literal);
    if (is_own) recipient.address = address->local;
    is_refused = is_refused && !is_own && site.refuses_domain(address->domain);
  }
  if (is_refused)
    throw Refusal(EX_NOHOST, "this machine sends no mail to other machines (Host=none in mailqueue.conf)");
}

}  // namespace submit
