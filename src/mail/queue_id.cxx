// SPDX-License-Identifier: BSD-2-Clause
#include "mail/queue_id.hxx"

#include <algorithm>
#include <cstdint>

namespace mail {

namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kTimeDigits = 10;
constexpr int kRandomDigits = 6;

}  // namespace

QueueId QueueId::Make(Time now, std::uint32_t random) noexcept {
  QueueId id;
  auto time = static_cast<std::uint64_t>(ToMicroseconds(now));
  for (int i = kTimeDigits - 1; i >= 0; --i, time >>= 5) id.text_[i] = kAlphabet[time & 31];
  for (int i = kTimeDigits + kRandomDigits - 1; i >= kTimeDigits; --i, random >>= 5)
    id.text_[i] = kAlphabet[random & 31];
  return id;
}

std::optional<QueueId> QueueId::Parse(std::string_view text) noexcept {
  if (text.size() != kLength) return std::nullopt;
  if (!std::ranges::all_of(text, [](char c) { return kAlphabet.find(c) != kAlphabet.npos; }))
    return std::nullopt;
  QueueId id;
  std::ranges::copy(text, id.text_.begin());
  return id;
}

}  // namespace mail
