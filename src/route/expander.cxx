// SPDX-License-Identifier: BSD-2-Clause
#include "route/expander.hxx"

#include "base/text.hxx"
#include "config/domain_name.hxx"
#include "mail/address_token.hxx"
#include "route/alias_entry.hxx"
#include "route/include_file.hxx"
#include "route/place.hxx"
#include "route/refusal.hxx"
#include "route/relay_choice.hxx"

#include <algorithm>
#include <exception>
#include <utility>

namespace route {

namespace {

// Mail to these must arrive, whoever exists here: RFC 5321 section 4.5.1, and what bounces come from.
constexpr std::string_view kRoot = "root";
constexpr std::string_view kRootsNames[] = {kRoot, "postmaster", "mailer-daemon"};
constexpr std::string_view kCatchAll = "*";
constexpr std::string_view kOwner = "owner-";

// The name that a local part stands for: without the quotes of a quoted string (RFC 5321 section 4.1.2).
std::string NameOf(std::string_view local) {
  if (local.size() < 2 || !local.starts_with('"') || !local.ends_with('"')) return std::string(local);
  std::string name;
  for (std::size_t i = 1; i + 1 < local.size(); ++i) {
    if (local[i] == '\\' && i + 2 < local.size()) ++i;
    name += local[i];
  }
  return name;
}

bool IsRoots(const std::string& name) {
  return std::ranges::count(kRootsNames, ToLower(name)) > 0;
}

struct NameParts {
  std::string base;
  std::string extension;  // empty: none
};

// "user+detail"; a delimiter that opens or ends the name is part of it.
NameParts SplitName(const std::string& name, const std::string& delimiter) {
  const auto at = delimiter.empty() ? name.npos : name.find(delimiter, 1);
  if (at == name.npos || at + delimiter.size() >= name.size()) return {name, {}};
  return {name.substr(0, at), name.substr(at + delimiter.size())};
}

mail::DeliveryResult NestsTooDeep() {
  return mail::Failed("5.4.6", "aliases and forwarding nest too deep: see mailqueuectl route");
}

// Of an entry; empty where entries have no line.
std::string FileOf(const table::Found& found) {
  return found.line == 0 ? std::string() : found.where.substr(0, found.where.rfind(':'));
}

// An entry may go over several lines.
std::string PlaceIn(const table::Found& found, unsigned line) {
  const auto file = FileOf(found);
  return file.empty() ? found.where : file + ":" + std::to_string(line);
}

// What is missing may be a destination.
bool IsIncomplete(const mail::DestinationList& list) {
  return list.is_cut || std::ranges::any_of(list.faults, &mail::DestinationFault::waits);
}

bool WasFollowed(const std::string& mark, const Lineage& line) noexcept {
  return std::ranges::count(line.aliases, mark) > 0;
}

// An address that the way has come by before is named once, where it was last.
void StandFor(Lineage& line, std::string address) {
  std::erase(line.delivered_to, address);
  line.delivered_to.push_back(std::move(address));
}

}  // namespace

Expansion Expander::Expand(const std::string& address, const std::string& sender,
                           const UserFound& submitter) {
  expansion_ = {};
  submitter_ = submitter;
  auto line = std::make_shared<Lineage>();
  line->sender = sender;
  ExpandAddress(address, line);
  return Take();
}

Expansion Expander::Follow(const End& asked, const std::vector<mail::Destination>& destinations,
                           const std::string& path, bool is_private) {
  expansion_ = {};
  const Route& route = *asked.GetRoute();
  const User user{asked.user, route.uid, asked.home};
  if (path.empty()) {
    AddStep(asked.user, *asked.lineage);
    AddMailbox(user, route.extension, false, asked.lineage);
    return Take();
  }
  auto next = std::make_shared<Lineage>(*asked.lineage);
  next->users.push_back(route.uid);
  next->aliases.clear();  // each user's file is followed once on a way; that ends these circles, too
  next->forwarder = asked.user;
  StandFor(*next, LocalAddress(asked.user));
  if (is_private && next->cover.empty()) next->cover = LocalAddress(asked.user);
  ++next->depth;
  ExpandList({destinations, {}}, {path, path, user, {}, route.extension, true}, next);
  return Take();
}

std::string Expander::Qualify(const std::string& text) const {
  return mail::Qualify(text, settings_.mail.domain);
}

std::string Expander::LocalAddress(const std::string& name) const {
  return mail::ToLocalPart(name) + "@" + settings_.mail.hostname;
}

void Expander::ExpandAddress(const std::string& text, const Line& line, const std::string& place) {
  if (IsFull(line)) return;
  AddStep(text, *line, place);
  const auto address = mail::Address::Parse(text);
  if (!address) return AddResult(text, mail::Failed("5.1.3", "not an address"), line);
  if (line->depth > kMaxDepth) return AddResult(text, NestsTooDeep(), line);
  const bool is_local = settings_.IsLocalDomain(address->domain);
  try {
    if (!settings_.local.enabled) return ExpandOnNullClient(*address, is_local, line);
    if (FollowVirtual(*address, is_local, line)) return;
    if (is_local)
      ExpandLocal(*address, line);
    else
      AddRemote(text, line);
  } catch (const table::Unavailable& error) {
    AddFailure(text, {error.what()}, line);
  }
}

bool Expander::FollowVirtual(const mail::Address& address, bool is_local, const Line& line) {
  const auto parts = SplitName(NameOf(address.local), settings_.local.recipient_delimiter);
  const std::string domain = address.domain.empty() ? settings_.mail.domain : ToLower(address.domain);
  std::vector<std::string> keys = {ToLower(address.local) + "@" + domain, ToLower(parts.base) + "@" + domain};
  if (is_local) keys.push_back(ToLower(parts.base));
  keys.push_back("@" + domain);
  for (const auto& key : keys) {
    const std::string mark = "virtual " + key;
    if (WasFollowed(mark, *line))
      return false;  // an address that names itself means what it means without the table
    if (auto found = tables_.FindVirtual(key)) {
      TellDecision(*found, *settings_.route.virtual_users, "[Route] VirtualUsers=");
      FollowEntry(*found, key, Next(*line, mark, Qualify(address.ToString())));
      return true;
    }
  }
  return false;
}

// Nobody has a mailbox here. Of mail for names of this machine the aliases say who reads it: root has no
// mailbox at the relay's either.
void Expander::ExpandOnNullClient(const mail::Address& address, bool is_local, const Line& line) {
  const auto name = NameOf(address.local);
  if (is_local && FollowAliasOf(name, line) == AliasStep::Followed) return;
  if (is_local && FollowCatchAll(line)) return;
  AddRemote(config::IsLoopback(address.domain) ? address.local : address.ToString(), line);
  auto& where = expansion_.steps.back().where;
  where = settings_.Decision("[Local] Enabled=") + (where.empty() ? "" : "; ") + where;
}

void Expander::ExpandLocal(const mail::Address& address, const Line& line) {
  const std::string name = NameOf(address.local);
  const auto step = FollowAliasOf(name, line);
  if (step == AliasStep::Followed) return;
  std::string extension;
  const auto found = FindUser(name, extension);
  if (const auto* user = std::get_if<User>(&found)) return AddMailbox(*user, extension, true, line);
  if (const auto* failure = std::get_if<LookupFailed>(&found)) return AddFailure(name, *failure, line);
  const auto base = SplitName(name, settings_.local.recipient_delimiter).base;
  if (step == AliasStep::Circle && !IsRoots(base)) return EndInCircle(name, line);
  if (!FollowCatchAll(line)) AddResult(name, NoSuchUser(name), line);
}

// The names that stand for root have root's alias where they have none of their own.
Expander::AliasStep Expander::FollowAliasOf(const std::string& name, const Line& line) {
  const auto parts = SplitName(name, settings_.local.recipient_delimiter);
  std::vector<std::string> keys = {ToLower(name)};
  if (!parts.extension.empty()) keys.push_back(ToLower(parts.base));
  if (IsRoots(name) || IsRoots(parts.base)) keys.emplace_back(kRoot);
  for (const auto& key : keys) {
    if (WasFollowed(key, *line)) return AliasStep::Circle;
    if (FollowAlias(key, line)) return AliasStep::Followed;
  }
  return AliasStep::None;
}

bool Expander::FollowCatchAll(const Line& line) {
  return !WasFollowed(std::string(kCatchAll), *line) && FollowAlias(std::string(kCatchAll), line);
}

// A table that is not understood may know them, and a file that can't be read may name one. There is a root
// on every machine, so where there is none the user database is at fault.
mail::DeliveryResult Expander::NoSuchUser(const std::string& name) const {
  if (IsRoots(name) || IsRoots(SplitName(name, settings_.local.recipient_delimiter).base))
    return mail::Deferred("4.3.0", "the user database does not know root");
  const auto& table = settings_.route.virtual_users;
  if (table && table->kind == config::TableSpec::Kind::Bad)
    return mail::Deferred("4.3.5",
                          "no user of that name on this machine, and the value of VirtualUsers= is not "
                          "understood: see mailqueuectl status");
  if (settings_.incomplete)
    return mail::Deferred("4.3.5",
                          "no user of that name on this machine, and a file of the configuration can't be "
                          "read: see mailqueuectl status");
  return mail::Failed("5.1.1", "no user of that name on this machine");
}

bool Expander::FollowAlias(const std::string& name, const Line& line) {
  auto found = tables_.FindAlias(name);
  if (!found) return false;
  TellDecision(*found, settings_.local.aliases, "[Local] Aliases=");
  auto next = Next(*line, name, LocalAddress(name));
  // The null sender stays: what it sends must not be answered (RFC 5321 section 4.5.5).
  if (!line->sender.empty() && !name.starts_with(kOwner) && tables_.FindAlias(std::string(kOwner) + name))
    next.sender = mail::ToLocalPart(std::string(kOwner) + name);
  FollowEntry(*found, name, std::move(next));
  return true;
}

Lineage Expander::Next(const Lineage& line, std::string mark, std::string address) {
  Lineage next = line;
  next.aliases.push_back(std::move(mark));
  StandFor(next, std::move(address));
  ++next.depth;
  return next;
}

// A table in the configuration stands in a line of it.
void Expander::TellDecision(table::Found& found, const config::TableSpec& table, std::string_view key) const {
  auto decision = settings_.Decision(key);
  if (table.kind == config::TableSpec::Kind::Static && !decision.empty()) found.where = std::move(decision);
}

void Expander::FollowEntry(const table::Found& found, const std::string& key, Lineage next) {
  expansion_.steps.back().where = found.where;
  const auto list = mail::ParseDestinations(found.value, std::max(found.line, 1U));
  for (const auto& fault : list.faults) AddFault(PlaceIn(found, fault.line) + ": " + fault.text);
  const auto line = std::make_shared<const Lineage>(std::move(next));
  if (list.entries.empty() && !IsIncomplete(list))
    return AddResult(line->delivered_to.back(),
                     mail::Deferred("4.3.5", found.where + ": nothing of this entry is understood"), line);
  ExpandList(list, AliasSource(found, key), line);
  DeferRest(list, found.where, FileOf(found), line);
}

// The mail for what is missing in the list waits until the list has been repaired.
void Expander::DeferRest(const mail::DestinationList& list, const std::string& where, const std::string& file,
                         const Line& line) {
  if (!IsIncomplete(list) || IsFull(line)) return;
  AddStep(where, *line);
  const auto fault = std::ranges::find_if(list.faults, &mail::DestinationFault::waits);
  const auto why =
      list.is_cut ? where + ": the list is cut off: it has more than " +
                        std::to_string(mail::DestinationList::kMaxEntries) + " destinations, or " +
                        std::to_string(mail::DestinationList::kMaxFaults) + " mistakes"
                  : (file.empty() ? where : file + ":" + std::to_string(fault->line)) + ": " + fault->text;
  AddResult(line->delivered_to.back(), mail::Deferred("4.3.5", why), line);
}

// Commands and files need a user; where there is none their mail waits.
Expander::Source Expander::AliasSource(const table::Found& found, const std::string& key) const {
  Source source{found.where, FileOf(found)};
  source.key = key;
  TakeOwner(source, users_(settings_.local.alias_user));
  return source;
}

void Expander::TakeOwner(Source& source, const UserFound& owner) {
  const auto* const user = std::get_if<User>(&owner);
  const auto* const failure = std::get_if<LookupFailed>(&owner);
  source.user = user ? *user : User{};
  source.failure = failure ? std::optional(*failure) : std::nullopt;
}

std::string Expander::PlaceOf(const Source& source, const mail::Destination& destination) {
  const auto& file = destination.file.empty() ? source.file : destination.file;
  return file.empty() || destination.line == 0 ? source.where : file + ":" + std::to_string(destination.line);
}

void Expander::ExpandList(const mail::DestinationList& list, const Source& source, const Line& line) {
  for (const auto& destination : list.entries) ExpandDestination(destination, source, line);
}

void Expander::ExpandDestination(const mail::Destination& destination, const Source& source,
                                 const Line& line) {
  using Kind = mail::Destination::Kind;
  const auto place = PlaceOf(source, destination);
  const auto told = place == source.where ? std::string() : place;
  if (destination.kind == Kind::Address) return ExpandAddress(destination.text, line, told);
  if (IsFull(line)) return;
  AddStep(destination.ToString(), *line, told);
  if (const auto ownerless = source.is_forward ? std::nullopt : FindOwnerless(destination)) {
    const auto fault = place + ": " + *ownerless;
    AddFault(fault);
    return AddResult(line->delivered_to.back(), mail::Deferred("4.3.5", fault), line);
  }
  switch (destination.kind) {
    case Kind::User:
      return ExpandUserMailbox(destination.text.empty() ? source.user.name : destination.text, source, line);
    case Kind::Include:
      return ExpandInclude(destination.text, source, line);
    case Kind::Error:
      return AddResult(line->delivered_to.back(), ParseRefusal(destination.text), line);
    case Kind::Fault:
      return AddUnread(place, destination.text, line);
    default:
      return ExpandPlace(destination, source, line);
  }
}

void Expander::ExpandUserMailbox(const std::string& name, const Source& source, const Line& line) {
  if (!settings_.local.enabled) return AddRemote(mail::ToLocalPart(name), line);
  std::string extension;
  const auto found = FindUser(name, extension);
  if (const auto* user = std::get_if<User>(&found))
    return AddMailbox(*user, extension.empty() ? source.extension : extension, false, line);
  if (const auto* failure = std::get_if<LookupFailed>(&found)) return AddFailure(name, *failure, line);
  AddResult(name, NoSuchUser(name), line);
}

// A command, or a file.
void Expander::ExpandPlace(const mail::Destination& destination, const Source& source, const Line& line) {
  const bool is_command = destination.kind == mail::Destination::Kind::Command;
  if (!is_command && destination.text == kNowhere)
    return AddResult(line->delivered_to.back(), mail::Delivered("2.0.0", "discarded"), line);
  if (source.failure) return AddFailure(line->delivered_to.back(), *source.failure, line);
  if (source.user.name.empty())
    return AddResult(
        line->delivered_to.back(),
        mail::Deferred("4.3.5", PlaceOf(source, destination) + ": " + destination.ToString() + ": " +
                                    "there is no user " + Quote(settings_.local.alias_user) +
                                    " to do this as: see AliasUser= in mailqueue.conf(5)"),
        line);
  Route route;
  route.courier = is_command ? Courier::Command : Courier::Deliver;
  route.uid = source.user.uid;
  route.destination = DestinationOf(destination).value_or("");
  route.extension = source.extension;
  route.alias = source.key;
  // The user of an alias's command is nobody's correspondent: people are told of the alias.
  auto address = source.is_forward ? LocalAddress(source.user.name) : line->delivered_to.back();
  AddEnd(std::move(route), std::move(address), source.user, line);
}

void Expander::ExpandInclude(const std::string& path, const Source& source, const Line& line) {
  expansion_.steps.back().where = path;
  const std::string mark = "include " + path;
  if (WasFollowed(mark, *line)) return EndInCircle(path, line);
  if (line->depth > kMaxDepth) return AddResult(line->delivered_to.back(), NestsTooDeep(), line);
  IncludeFile file;
  try {
    file = IncludeFile::Load(path);
  } catch (const std::exception& error) {
    return AddResult(line->delivered_to.back(), mail::Deferred("4.3.5", source.where + ": " + error.what()),
                     line);
  }
  for (const auto& fault : file.list.faults)
    AddFault(path + ":" + std::to_string(fault.line) + ": " + fault.text);
  Lineage next = *line;
  next.aliases.push_back(mark);
  ++next.depth;
  LeaveOutUntrusted(file, path);
  const auto inner = std::make_shared<const Lineage>(std::move(next));
  Source within = source;
  within.where = within.file = path;
  if (!file.owner.empty()) TakeOwner(within, users_(file.owner));
  ExpandList(file.list, within, inner);
  DeferRest(file.list, path, path, inner);
}

// The file of another than root names addresses; where only they can have written it, it names what is run
// and written in their name, too.
void Expander::LeaveOutUntrusted(IncludeFile& file, const std::string& path) {
  if (file.trusted) return;
  std::erase_if(file.list.entries, [&](const mail::Destination& entry) {
    using Kind = mail::Destination::Kind;
    const bool is_name = entry.kind == Kind::Address || entry.kind == Kind::User;
    const bool is_owners = !file.owner.empty() && (entry.kind == Kind::Command || entry.kind == Kind::File);
    if (is_name || is_owners) return false;
    AddFault(path + ":" + std::to_string(entry.line) + ": " + entry.ToString() +
             " counts only in a file that belongs to root and nobody else can write");
    return true;
  });
}

UserFound Expander::FindUser(const std::string& name, std::string& extension) const {
  const auto parts = SplitName(name, settings_.local.recipient_delimiter);
  std::vector<std::string> names = {name, ToLower(name)};
  if (!parts.extension.empty()) names.insert(names.end(), {parts.base, ToLower(parts.base)});
  if (IsRoots(name) || IsRoots(parts.base)) names.emplace_back(kRoot);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty() || (i % 2 == 1 && names[i] == names[i - 1])) continue;
    auto found = users_(names[i]);
    if (std::holds_alternative<NoUser>(found)) continue;
    if (i >= 2) extension = parts.extension;
    return found;
  }
  return NoUser{};
}

void Expander::AddMailbox(const User& user, const std::string& extension, bool forward, const Line& line) {
  const std::string mailbox = settings_.local.MailboxOf(user.uid);
  const bool is_roots = mailbox != settings_.local.mailbox;
  const bool is_lmtp = StartsWithIgnoreCase(mailbox, "lmtp:");
  if (!is_roots) expansion_.steps.back().where = settings_.Decision("[Local] Mailbox=");
  Route route;
  route.forward = forward && std::ranges::count(line->users, user.uid) == 0;
  route.extension = extension;
  if (is_lmtp && !route.forward) {
    route.courier = Courier::Relay;
    route.destination = mailbox;
    route.extension.clear();  // part of the address there
    const auto& delimiter = settings_.local.recipient_delimiter;
    return AddEnd(std::move(route),
                  MailboxAddress(user.name + (extension.empty() ? "" : delimiter + extension)), user, line);
  }
  route.courier = mailbox.starts_with('|') && !route.forward ? Courier::Command : Courier::Deliver;
  route.uid = user.uid;
  if (!is_lmtp)
    route.destination = mailbox;  // no agent can deliver there: it can only say what a forward file says
  AddEnd(std::move(route), LocalAddress(user.name), user, line);
}

// For a server that keeps the mailboxes.
std::string Expander::MailboxAddress(const std::string& name) const {
  const auto& pattern = settings_.local.mailbox_address;
  if (pattern == "%u") return name;
  std::string address;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char letter = pattern[i] == '%' && i + 1 < pattern.size() ? pattern[++i] : '\0';
    if (letter == '\0')
      address += pattern[i];
    else
      address += letter == 'u' ? mail::ToLocalPart(name) : letter == 'd' ? settings_.mail.domain : "%";
  }
  return address;
}

void Expander::AddRemote(const std::string& address, const Line& line) {
  const std::string qualified = Qualify(address);
  const auto parsed = mail::Address::Parse(qualified);
  if (!parsed) return AddResult(address, mail::Failed("5.1.3", "not an address"), line);
  const auto sender = line->sender.empty() ? "" : Qualify(SenderFor(*line));
  auto choice = ChooseRelay(settings_, tables_, *parsed, sender);
  expansion_.steps.back().where = choice.where;
  const bool asks = !choice.by_recipient && MayAskSubmitter(*line);
  if (choice.refusal && asks) return AskSubmitter(std::move(*choice.refusal), qualified, line);
  if (choice.refusal) return AddResult(qualified, std::move(*choice.refusal), line);
  Route route;
  route.courier = Courier::Relay;
  route.destination = std::move(choice.relays);
  route.options = std::move(choice.options);
  route.leaves = true;
  route.sender = SenderFor(*line);
  if (asks) return AskSubmitter(std::move(route), qualified, line);
  AddEnd(std::move(route), qualified, {}, line);
}

// The submitter's choice of relays does not apply to what an alias or a forward file sends on, nor to
// bounces.
bool Expander::MayAskSubmitter(const Lineage& line) const noexcept {
  const bool is_somebody = !std::holds_alternative<NoUser>(submitter_);
  return settings_.relay.user_relays && is_somebody && line.depth == 0 && !line.sender.empty();
}

void Expander::AskSubmitter(Where otherwise, const std::string& address, const Line& line) {
  if (const auto* const failure = std::get_if<LookupFailed>(&submitter_))
    return AddFailure(address, *failure, line);
  const auto& user = std::get<User>(submitter_);
  Route route;
  route.courier = Courier::Deliver;
  route.uid = user.uid;
  route.owner = user.name;
  route.own_relays = true;
  route.sender = SenderFor(*line);
  AddEnd(End{std::move(route), address, {}, line, {}, std::move(otherwise)});
}

// Of a copy that is sent on to another machine.
std::string Expander::SenderFor(const Lineage& line) const {
  const auto& forward_sender = settings_.route.forward_sender;
  const bool stays = line.forwarder.empty() || forward_sender.empty() || line.sender.empty();
  return stays ? line.sender : ExpandUser(forward_sender, line.forwarder);
}

// Of a forward file. Its user is told more.
void Expander::AddUnread(const std::string& place, const std::string& why, const Line& line) {
  const auto& cover = line->cover;
  if (cover.empty()) return AddResult(line->delivered_to.back(), ParseRefusal(why), line);
  AddFault(place + ": " + why);
  AddResult(cover, mail::Deferred("4.2.0", "a part of the forward file of " + cover + " can't be used now"),
            line);
}

void Expander::AddResult(const std::string& address, mail::DeliveryResult result, const Line& line) {
  AddEnd(End{std::move(result), Qualify(address), {}, line});
}

void Expander::AddFailure(const std::string& address, const LookupFailed& failure, const Line& line) {
  expansion_.unanswered |= !failure.is_doubt;
  AddResult(address, mail::Deferred("4.3.0", failure.why), line);
}

void Expander::AddEnd(Route route, std::string address, const User& user, const Line& line) {
  route.sender = user.name.empty() ? SenderFor(*line) : line->sender;
  const std::string own = LocalAddress(user.name);  // the courier writes that one itself
  for (const auto& name : line->delivered_to)
    if (!EqualsIgnoreCase(name, own)) route.head.insert(0, "Delivered-To: " + name + "\n");
  auto place = route.courier == Courier::Deliver ? CanonicalPlace(route.destination, user) : std::string();
  AddEnd(End{std::move(route), std::move(address), user.name, line, std::move(place), {}, user.home});
}

void Expander::AddEnd(End end) {
  expansion_.steps.back().end = expansion_.ends.size();
  expansion_.ends.push_back(std::move(end));
}

// A list that leads back to itself ends there. The author is told only if the list reaches nobody else.
void Expander::EndInCircle(const std::string& name, const Line& line) {
  AddFault(line->delivered_to.back() + ": leads in a circle to " + Quote(name));
  expansion_.steps.back().is_circle = true;
  if (!circle_)
    circle_ = End{mail::Failed("5.4.6", "aliases lead in a circle: see mailqueuectl route"),
                  Qualify(line->delivered_to.back()),
                  {},
                  line};
}

// Mail beyond the limits waits: it is not lost, and does not delay the rest.
bool Expander::IsFull(const Line& line) {
  if (full_ || (expansion_.ends.size() < kMaxEnds && expansion_.steps.size() < kMaxSteps)) return full_;
  full_ = true;
  const auto why = "more than " + std::to_string(kMaxEnds) + " places, or " + std::to_string(kMaxSteps) +
                   " steps on the way: make the lists shorter";
  AddStep(line->delivered_to.back(), *line);
  AddResult(line->delivered_to.back(), mail::Deferred("4.3.5", "the address leads to " + why), line);
  AddFault(line->delivered_to.back() + ": leads to " + why);
  return true;
}

Expansion Expander::Take() {
  if (expansion_.ends.empty() && circle_) AddEnd(std::move(*circle_));
  circle_.reset();
  full_ = false;
  return std::exchange(expansion_, {});
}

void Expander::AddFault(std::string fault) {
  if (expansion_.faults.size() < kMaxFaults) expansion_.faults.push_back(std::move(fault));
}

void Expander::AddStep(std::string what, const Lineage& line, const std::string& place) {
  expansion_.steps.push_back({line.depth, std::move(what), {}, {}, place});
}

}  // namespace route
