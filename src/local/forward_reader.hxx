// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/path_walk.hxx"
#include "base/user.hxx"
#include "courier/protocol.hxx"
#include "mail/delivery_result.hxx"

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace local {

/// Reads one open forward file, and all that it includes, into a courier::Forward: FindForward.
class ForwardReader {
 public:
  ForwardReader(const User& user, std::string path) : user_(user) { forward_.path = std::move(path); }

  /// Why nothing has been taken from a file.
  struct Refusal {
    std::string text;       ///< about it, behind its path
    bool may_pass = false;  ///< without anybody doing anything
  };

  /// @return empty: Forward() is complete
  [[nodiscard]] std::optional<Refusal> Read(FdRef file);

  [[nodiscard]] courier::Forward& Forward() noexcept { return forward_; }

 private:
  /// A file that entries and faults stand in.
  struct Place {
    const std::string& path;
    unsigned depth;  ///< of includes; 0: it is Forward()'s own file
  };

  using FileId = std::pair<dev_t, ino_t>;

  [[nodiscard]] std::optional<Refusal> ReadAt(FdRef file, const Place& place);
  void Take(mail::Destination entry, const Place& place);
  void Include(const mail::Destination& entry, const Place& place);
  void Postpone(const Place& place, unsigned line, const std::string& why);
  [[nodiscard]] mail::Destination Placed(mail::Destination entry, const Place& place) const;
  void AddFault(const Place& place, unsigned line, const std::string& text);

  const User& user_;
  courier::Forward forward_;
  std::set<FileId> read_;    ///< files, so that none is read twice
  std::vector<FileId> way_;  ///< those of them that the file being read is included by, and itself
  std::size_t faults_ = 0;
};

/// Whether a path may lead somewhere later without anybody repairing it.
[[nodiscard]] bool MayPass(const PathFault& fault) noexcept;

/// Deferred, because of a forward file. @param what about it, behind its path
[[nodiscard]] mail::DeliveryResult ForwardDeferred(const std::string& path, const std::string& what);

}  // namespace local
