// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "config/settings.hxx"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ctl {

/// What the mail system sees of this machine, found out by whoever calls, who may see more.
class QueueView {
 public:
  using FindUser = std::function<std::optional<::User>(const std::string& name)>;

  /// @param find_user ::FindUser; where it throws, nothing is told of that user
  QueueView(const config::Settings& settings, FindUser find_user)
      : settings_(settings), find_user_(std::move(find_user)) {}

  /// Files of the configuration that one of the mail system's users may not read, by owner, group and mode of
  /// the files and the directories on the way: a line each, with who has to be able to. A file that the
  /// caller can't look at, or that has an access control list, is left out.
  /// @param directory of the configuration
  [[nodiscard]] std::vector<std::string> FindHiddenFiles(const std::string& directory) const;

  /// The same for the file of aliases, and those that it includes.
  [[nodiscard]] std::vector<std::string> FindHiddenAliases() const;

  /// Why nobody reads root's mail: this is a null client, and no alias says who is root. Empty: somebody
  /// does, or it can't be told.
  [[nodiscard]] std::string FindReaderlessRoot() const;

 private:
  void Check(const std::string& path, const std::string& name, std::vector<std::string>& faults) const;

  const config::Settings& settings_;
  FindUser find_user_;
};

}  // namespace ctl
