// SPDX-License-Identifier: BSD-2-Clause
#include "simulate/world.hxx"

#include <algorithm>
#include <array>
#include <sstream>

namespace simulate {

namespace {

constexpr std::array<const char*, 3> kUsers = {"alice", "bob", "carol"};
const std::map<std::string, uid_t> kUids = {{"root", 0},     {"alice", 1000}, {"bob", 1001},
                                            {"carol", 1002}, {"erin", 1003},  {"frank", 1004}};
constexpr unsigned kSites = 4;
constexpr std::string_view kHost = "@host.example";

std::string SiteOf(std::uint64_t number) {
  return "site" + std::to_string(number) + ".example";
}

// As reports write it.
std::string WithoutHost(std::string address) {
  if (address.ends_with(kHost)) address.resize(address.size() - kHost.size());
  return address;
}

}  // namespace

World::World(Draw& draw) : draw_(draw) {}

std::string World::DrawRecipient() {
  const auto kind = draw_.Below(10);
  if (kind < 3) return draw_.From(kUsers);
  if (kind == 3) return "list";
  if (kind == 4) return "nobody" + std::to_string(++number_);
  const std::string name = draw_.Chance(10) ? "no" : "u";
  return name + std::to_string(++number_) + "@" + SiteOf(draw_.Below(kSites));
}

std::string World::DrawSender() {
  const auto kind = draw_.Below(4);
  if (kind < 2) return "alice";
  return (kind == 2 ? "s" : "no") + std::to_string(++number_) + "@" + SiteOf(draw_.Below(kSites));
}

// What they lead to is written to by nobody else, so that no copy is for two reasons.
std::vector<std::string> World::Expand(const std::string& address) const {
  if (address == "list") return {"member@" + SiteOf(0), "member@" + SiteOf(1), "erin"};
  return {address};
}

std::vector<std::string> World::ForwardOf(const std::string& user) const {
  if (user == "bob") return {"\\bob", "bob@" + SiteOf(2)};
  if (user == "carol") return {"no-carol@" + SiteOf(3), "frank"};
  return {};
}

std::optional<uid_t> World::UidOf(const std::string& user) {
  const auto found = kUids.find(user);
  return found == kUids.end() ? std::nullopt : std::optional(found->second);
}

std::string World::UserOf(uid_t uid) {
  return std::ranges::find(kUids, uid, &std::pair<const std::string, uid_t>::second)->first;
}

std::string World::KeyOf(const route::Route& route, const std::string& address) {
  return route.courier == route::Courier::Relay ? address : route.destination;
}

void World::Change() {
  const auto relay = "smtp://" + SiteOf(draw_.Below(kSites));
  const auto uid = static_cast<uid_t>(1000 + draw_.Below(5));
  switch (draw_.Below(6)) {
    case 0:
    case 1:
      down_.insert(relay);
      break;
    case 2:
      down_.erase(relay);
      break;
    case 3:
      homeless_.insert(uid);
      break;
    case 4:
      homeless_.erase(uid);
      break;
    default:
      knows_ = !knows_;
  }
}

void World::Heal() {
  healed_ = true;
  knows_ = true;
  down_.clear();
  homeless_.clear();
}

Submission& World::Submit(Submission submission) {
  const auto id = submission.id;
  return submissions_.insert_or_assign(id, std::move(submission)).first->second;
}

void World::OnAsked(const mail::QueueId& id, const std::string& key) {
  if (answers_.contains({id, key}))
    throw Violation(id.ToString() + ": asked again for " + key + ", which has been answered for good");
}

void World::OnText(const mail::QueueId& id, const std::string& text) const {
  const auto found = submissions_.find(id);
  if (found != submissions_.end() && found->second.text != text)
    throw Violation(id.ToString() + ": the text is not what was submitted");
}

void World::OnDelivered(const mail::QueueId& id, const std::string& key, const std::string& text,
                        bool is_report) {
  answers_[{id, key}] = {};
  delivered_.insert({id, key});
  if (is_report) ReadReport(text);
}

void World::OnFailed(const mail::QueueId& id, const std::string& key) {
  answers_[{id, key}] = {};
}

void World::ReadReport(const std::string& text) {
  std::istringstream lines(text);
  std::string token;
  for (std::string line; std::getline(lines, line);) {
    const auto value = line.substr(std::min(line.size(), line.find(' ') + 1));
    if (line.starts_with("Original-Envelope-Id:")) token = value;
    if (line.starts_with("Final-Recipient: rfc822;"))
      reported_.insert({token, WithoutHost(value.substr(value.find(' ') + 1))});
  }
}

void World::OnStored(const mail::QueueId& id, bool durable) {
  for (auto next = answers_.lower_bound({id, ""}); next != answers_.end() && next->first.first == id;
       ++next) {
    next->second.stored = true;
    next->second.durable |= durable;
  }
}

void World::OnCrash(bool power) {
  std::erase_if(answers_,
                [&](const auto& answer) { return !(power ? answer.second.durable : answer.second.stored); });
}

void World::OnRelease() {
  std::erase_if(answers_, [&](const auto& answer) { return !delivered_.contains(answer.first); });
}

std::vector<std::string> World::KeysOf(const std::string& recipient) const {
  std::vector<std::string> keys;
  for (const auto& address : Expand(recipient)) {
    const auto forward = ForwardOf(address);
    for (const auto& target : forward.empty() ? std::vector{address} : forward) {
      const auto name = target.starts_with('\\') ? target.substr(1) : target;
      keys.push_back(UidOf(name) ? "/var/mail/" + name : name);
    }
  }
  return keys;
}

bool World::IsSettled(const Submission& submission, const std::string& recipient,
                      const std::string& key) const {
  constexpr std::string_view kMailboxes = "/var/mail/";
  const auto name = key.starts_with(kMailboxes) ? key.substr(kMailboxes.size()) : key;
  return delivered_.contains({submission.id, key}) || reported_.contains({submission.token, recipient}) ||
         reported_.contains({submission.token, name});
}

void World::CheckAll(const std::set<mail::QueueId>& queued) const {
  for (const auto& [id, submission] : submissions_) {
    if (!submission.acknowledged || queued.contains(id)) continue;
    for (const auto& recipient : submission.recipients)
      for (const auto& key : KeysOf(recipient))
        if (!IsSettled(submission, recipient, key))
          throw Violation(id.ToString() + " (" + submission.token + ") was acknowledged, and " + recipient +
                          " has no copy at " + key + " and nobody a report");
  }
}

}  // namespace simulate
