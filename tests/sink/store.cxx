// SPDX-License-Identifier: BSD-2-Clause
#include "store.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"

#include <fmt/core.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace sink {

namespace {

constexpr const char* kNames[] = {"connections", "open",       "peak",      "transactions",
                                  "messages",    "recipients", "violations"};

std::string HeadOf(const Transaction& transaction) {
  std::string head =
      fmt::format("connection: {}\npeer: {}\ntls: {}\nserver-name: {}\nauth: {}\nhello: {}\nmail: {}\n",
                  transaction.connection, transaction.peer, transaction.tls, transaction.server_name,
                  transaction.auth, transaction.hello, transaction.sender);
  for (const auto& recipient : transaction.recipients) head += "rcpt: " + recipient + "\n";
  return head + "\n";
}

}  // namespace

Store::Store(std::string directory, const std::string& counters) : directory_(std::move(directory)) {
  if (counters.empty()) return;
  counters_ = UniqueFd(::open(counters.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!counters_) ThrowErrno("Failed to open", counters);
  Publish();
}

std::size_t Store::CountConnection() {
  ++values_[Connections];
  values_[Peak] = std::max(values_[Peak], values_[Open] + 1);
  Add(Open, 1);
  return values_[Connections];
}

void Store::CountEndOfConnection() {
  --values_[Open];
  Publish();
}

void Store::CountTransaction() {
  Add(Transactions, 1);
}

void Store::CountViolation(std::size_t connection, std::string_view text) {
  fmt::print(stderr, "{} violation: {}\n", connection, text);
  Add(Violations, 1);
}

void Store::Keep(const Transaction& transaction) {
  values_[Recipients] += transaction.recipients.size();
  Add(Messages, 1);
  if (directory_.empty()) return;
  const std::string path = fmt::format("{}/{:06}.eml", directory_, values_[Messages]);
  const std::string temporary = path + ".tmp";
  {
    const UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd) ThrowErrno("Failed to open", temporary);
    WriteAll(fd, HeadOf(transaction) + transaction.message);
  }
  if (std::rename(temporary.c_str(), path.c_str()) < 0) ThrowErrno("Failed to rename", temporary);
}

void Store::Add(Counter counter, std::size_t number) {
  values_[counter] += number;
  Publish();
}

void Store::Publish() const {
  if (!counters_) return;
  std::string text;
  for (std::size_t i = 0; i < kCounters; ++i) text += fmt::format("{}: {:010}\n", kNames[i], values_[i]);
  if (::pwrite(counters_.Get(), text.data(), text.size(), 0) < 0) ThrowErrno("Failed to write the counters");
}

}  // namespace sink
