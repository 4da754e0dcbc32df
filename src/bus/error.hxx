// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdexcept>
#include <string>

namespace bus {

/// The name of the error for a queue ID that no message has, or none that the caller may see.
inline constexpr char kNoSuchMessage[] = "org.mailqueue.Error.NoSuchMessage";

/// The name of the error for a section of relays that is not in the configuration, or names none.
inline constexpr char kNoSuchRelay[] = "org.mailqueue.Error.NoSuchRelay";

/// A D-Bus call or connection that failed.
class Error : public std::runtime_error {
 public:
  /// @param name of the D-Bus error, "org.freedesktop.DBus.Error.NoReply"
  Error(std::string name, const std::string& what) : std::runtime_error(what), name_(std::move(name)) {}
  [[nodiscard]] const std::string& Name() const noexcept { return name_; }

 private:
  std::string name_;
};

}  // namespace bus
