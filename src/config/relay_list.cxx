// SPDX-License-Identifier: BSD-2-Clause
#include "config/relay_list.hxx"

#include "base/text.hxx"
#include "config/relay_url.hxx"

#include <optional>
#include <utility>

namespace config {

namespace {

struct MemberRead {
  std::optional<RelayList::Member> member;
  std::string fault;
};

MemberRead ParseMember(std::string_view text) {
  const auto star = text.rfind('*');
  RelayUrl::Error error;
  const auto url = RelayUrl::Parse(text.substr(0, star), &error);
  if (!url) return {{}, error.text};
  if (star == text.npos) return {RelayList::Member{url->ToString()}, {}};
  const auto weight = ParseNumber<unsigned>(text.substr(star + 1));
  if (!weight || *weight == 0 || *weight > RelayList::kMaxWeight)
    return {
        {},
        Quote(text.substr(star)) + " is no weight: '*' and 1 to " + std::to_string(RelayList::kMaxWeight)};
  return {RelayList::Member{url->ToString(), *weight}, {}};
}

void Add(std::string& bad, std::string_view text, const std::string& fault) {
  bad += (bad.empty() ? "" : ", ") + Quote(text) + " (" + fault + ")";
}

// Removes one relay from @p group and returns it; relays with a higher weight come sooner.
RelayList::Member TakeOne(RelayList::Group& group, const RelayList::Random& below) {
  unsigned total = 0;
  for (const auto& member : group) total += member.weight;
  auto lot = below(total);
  auto chosen = group.begin();
  for (; lot >= chosen->weight; ++chosen) lot -= chosen->weight;
  auto member = std::move(*chosen);
  group.erase(chosen);
  return member;
}

}  // namespace

RelayList RelayList::Parse(std::string_view text, std::string& bad) {
  RelayList list;
  std::size_t count = 0;
  bad.clear();
  for (const auto& words : SplitList(text, " \t\r\n,")) {
    Group group;
    for (const auto& word : SplitList(words, "|")) {
      auto [member, fault] = ParseMember(word);
      if (member && ++count > kMaxRelays) fault = "more than " + std::to_string(kMaxRelays) + " relays";
      if (fault.empty())
        group.push_back(std::move(*member));
      else
        Add(bad, word, fault);
    }
    if (!group.empty()) list.groups.push_back(std::move(group));
  }
  return list;
}

std::string RelayList::ToString() const {
  std::string text;
  for (const auto& group : groups) {
    if (!text.empty()) text += ' ';
    for (const auto& member : group) {
      if (&member != &group.front()) text += '|';
      text += member.url;
      if (member.weight != 1) text += "*" + std::to_string(member.weight);
    }
  }
  return text;
}

std::vector<std::string> RelayList::Draw(const Random& below) const {
  std::vector<std::string> order;
  for (auto group : groups)
    while (!group.empty()) order.push_back(TakeOne(group, below).url);
  return order;
}

}  // namespace config
