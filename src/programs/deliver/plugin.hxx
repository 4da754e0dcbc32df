// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "programs/deliver/mailbox.hxx"

#include <string>

namespace deliver {

/// A shared object that delivers: mailqueue-plugin.h. It stays loaded until the agent ends.
class Plugin : public Mailbox {
 public:
  /// @param path absolute
  Plugin(std::string path, User user) : path_(std::move(path)), user_(std::move(user)) {}

  [[nodiscard]] mail::DeliveryResult Deliver(const local::Letter& letter) override;
  [[nodiscard]] mail::DeliveryResult Explain() override;

 private:
  std::string path_;
  User user_;
};

}  // namespace deliver
