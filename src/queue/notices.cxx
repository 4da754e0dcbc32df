// SPDX-License-Identifier: BSD-2-Clause
#include "queue/notices.hxx"

#include "base/file.hxx"

#include <syslog.h>

#include <algorithm>

namespace queue {

std::string Notices::ForOthers(const std::string& text, const std::string& file) {
  return IsReadableByAll(file) ? text : file + ": there is a mistake in it, which root can see";
}

void Notices::Add(const std::string& text, const Owner& owner) {
  const auto is_same = [&](const Notice& notice) { return notice.owner == owner.uid && notice.text == text; };
  if (std::ranges::any_of(notices_, is_same)) return;
  log_.Write(LOG_WARNING, text + ", ignoring");
  MakeRoom(owner.uid);
  notices_.push_back({owner.uid, text,
                      owner.uid == 0 ? ForOthers(text, text.substr(0, text.find(':')))
                                     : "There is a mistake in a file of " + owner.name});
}

void Notices::MakeRoom(uid_t owner) {
  const auto is_owners = [&](const Notice& notice) { return notice.owner == owner; };
  if (owner != 0 && std::ranges::count_if(notices_, is_owners) >= static_cast<std::ptrdiff_t>(kMaxOfUser))
    notices_.erase(std::ranges::find_if(notices_, is_owners));
  else if (notices_.size() >= kMax)
    notices_.pop_front();
}

std::vector<std::string> Notices::For(const Reader& reader) const {
  std::vector<std::string> texts;
  for (const auto& notice : notices_) {
    const bool is_theirs = !reader.is_everybody && (!reader.uid || *reader.uid == notice.owner);
    const auto& text = is_theirs ? notice.text : notice.for_others;
    if (std::ranges::count(texts, text) == 0) texts.push_back(text);
  }
  return texts;
}

}  // namespace queue
