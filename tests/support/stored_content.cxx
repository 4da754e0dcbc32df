// SPDX-License-Identifier: BSD-2-Clause
#include "support/stored_content.hxx"

#include <algorithm>
#include <utility>

namespace {

constexpr std::size_t kSector = 512;  // octets that a disk writes at once or not at all

}  // namespace

void StoredContent::Step::Apply(std::string& content, std::size_t octets) const {
  if (is_cut) {
    if (octets > 0) content.resize(offset);
    return;
  }
  if (octets == 0) return;
  content.resize(std::max(content.size(), offset + octets));
  content.replace(offset, octets, data, 0, octets);
}

void StoredContent::Write(std::size_t offset, std::string_view data) {
  steps_.push_back({offset, std::string(data)});
}

void StoredContent::Truncate(std::size_t size) {
  steps_.push_back({size, {}, true});
}

void StoredContent::Store() {
  for (const auto& step : steps_) step.Apply(stored_, step.Size());
  steps_.clear();
}

void StoredContent::Set(std::string content) {
  stored_ = std::move(content);
  steps_.clear();
}

std::string StoredContent::DrawMoment(std::mt19937_64& random) const {
  auto content = stored_;
  const auto whole = random() % (steps_.size() + 1);
  for (std::size_t i = 0; i < whole; ++i) steps_[i].Apply(content, steps_[i].Size());
  if (whole < steps_.size()) steps_[whole].Apply(content, random() % (steps_[whole].Size() + 1));
  return content;
}

std::string StoredContent::Draw(std::mt19937_64& random, bool mixes) const {
  auto content = DrawMoment(random);
  if (!mixes || steps_.empty()) return content;
  for (std::size_t at = 0; at < content.size(); at += kSector) {
    const auto size = std::min(kSector, content.size() - at);
    auto other = DrawMoment(random);
    other.resize(std::max(other.size(), at + size));
    content.replace(at, size, other, at, size);
  }
  return content;
}
