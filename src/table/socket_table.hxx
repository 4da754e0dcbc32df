// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "table/line_channel.hxx"
#include "table/table.hxx"

#include <cstdint>

namespace table {

/// A table that a program serves on a Unix socket, see table/table_protocol.hxx. One connection is kept; when
/// the program has closed it, it is made again once for a lookup. Whatever is not an answer is Unavailable.
class SocketTable : public Table {
 public:
  static constexpr std::size_t kMaxServices = 100;          ///< that the program may register
  static constexpr std::size_t kMaxLine = kMaxValue + 256;  ///< octets of an answer, its prefix included

  /// @param wait for an answer, at most
  explicit SocketTable(std::string path, std::chrono::milliseconds wait = kMaxWait);

  [[nodiscard]] std::optional<Found> Lookup(std::string_view key) override;

 private:
  void Connect(LineChannel::Deadline deadline);
  void AwaitServices(LineChannel::Deadline deadline);
  [[nodiscard]] std::string Ask(const std::string& request, LineChannel::Deadline deadline);
  [[nodiscard]] std::optional<std::string> TryAsk(const std::string& request, LineChannel::Deadline deadline);
  [[nodiscard]] std::optional<Found> Read(std::string_view line) const;
  [[noreturn]] void Fail(const std::string& why) const;

  std::string path_;
  std::string name_;
  std::chrono::milliseconds wait_;
  std::uint64_t id_ = 0;  // of the last request
  std::unique_ptr<LineChannel> channel_;
};

}  // namespace table
