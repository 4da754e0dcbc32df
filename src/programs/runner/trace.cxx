// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/trace.hxx"

#include "base/error.hxx"
#include "base/text.hxx"
#include "mail/header.hxx"

#include <algorithm>
#include <array>
#include <cerrno>

namespace runner {

namespace {

constexpr std::size_t kBlock = 16 * 1024;

// As much of the header as HeaderReader takes; the rest of a larger one is not looked at.
mail::HeaderReader ReadHeader(Disk& disk, FdRef message) {
  mail::HeaderReader reader;
  std::array<char, kBlock> block;
  for (off_t offset = 0;;) {
    const ssize_t n = disk.PRead(message, block, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowErrno("Failed to read a message");
    if (n == 0) break;
    if (reader.Add({block.data(), static_cast<std::size_t>(n)}) != mail::HeaderReader::State::Reading)
      return reader;
    offset += n;
  }
  reader.Finish();
  return reader;
}

}  // namespace

Trace Trace::Read(Disk& disk, FdRef message) {
  Trace trace;
  const auto reader = ReadHeader(disk, message);
  for (const auto& field : reader.Fields()) {
    if (field.Is("Received")) ++trace.received_;
    if (field.Is("TLS-Required")) trace.tls_optional_ |= EqualsIgnoreCase(Trim(field.Body()), "No");
    if (field.Is("Delivered-To")) trace.delivered_to_.emplace_back(Trim(field.Body()));
  }
  return trace;
}

std::optional<mail::DeliveryResult> Trace::FindLoop() const {
  if (received_ <= kMaxReceived) return std::nullopt;
  return mail::Failed("5.4.6",
                      "mail loop: the message has passed through " + std::to_string(received_) + " servers");
}

std::optional<mail::DeliveryResult> Trace::FindLoop(const route::End& end,
                                                    const std::string& hostname) const {
  if (delivered_to_.empty() || std::holds_alternative<mail::DeliveryResult>(end.where)) return std::nullopt;
  auto passed = end.lineage->delivered_to;
  if (!end.user.empty()) passed.push_back(end.user + "@" + hostname);
  for (const auto& address : passed)
    if (HasBeenAt(address))
      return mail::Failed("5.4.6", "mail loop: the message has been delivered to " + address);
  return std::nullopt;
}

bool Trace::HasBeenAt(const std::string& address) const noexcept {
  return std::ranges::any_of(delivered_to_,
                             [&](const auto& name) { return EqualsIgnoreCase(name, address); });
}

}  // namespace runner
