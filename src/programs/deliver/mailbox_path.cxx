// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mailbox_path.hxx"

#include "base/file.hxx"
#include "base/text.hxx"

#include <fcntl.h>

namespace deliver {

namespace {

bool IsComponent(std::string_view name) noexcept {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos;
}

// Empty for a percent sign that means nothing.
std::optional<std::string> Expand(std::string_view text, const User& user) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      path += text[i];
      continue;
    }
    const char letter = ++i < text.size() ? text[i] : '\0';
    if (letter != 'u' && letter != '%') return std::nullopt;
    path += letter == 'u' ? std::string_view(user.name) : "%";
  }
  return path;
}

// Without slashes at its end; empty if the user has none to speak of.
std::string_view HomeOf(const User& user) noexcept {
  std::string_view home = user.home;
  while (home.ends_with('/')) home.remove_suffix(1);
  return home.starts_with('/') ? home : std::string_view();
}

// What follows HOME/; empty if the path does not lead there.
std::string_view BelowHome(std::string_view path, std::string_view home) noexcept {
  if (home.empty() || !path.starts_with(home)) return {};
  const auto rest = path.substr(home.size());
  return rest.starts_with('/') ? rest.substr(1) : std::string_view();
}

// Cuts the last component off.
std::string TakeName(std::string& path) {
  const auto slash = path.rfind('/');
  std::string name = path.substr(slash + 1);  // npos + 1 is 0
  path.resize(slash == path.npos ? 0 : slash);
  return name;
}

}  // namespace

std::optional<MailboxPath> MailboxPath::Parse(std::string_view destination, const User& user,
                                              std::string& error) {
  const auto fail = [&error](std::string why) {
    error = std::move(why);
    return std::nullopt;
  };
  if (!IsComponent(user.name))
    return fail("the user's name, " + Quote(user.name) + ", can't be part of a path");
  const auto home = HomeOf(user);
  const bool tilde = destination.starts_with("~/");
  if (!tilde && !destination.starts_with('/')) return fail("not a path that begins with / or ~/");
  if (tilde && home.empty()) return fail("user " + user.name + " has no home directory");
  auto path = Expand(tilde ? destination.substr(2) : destination, user);
  if (!path) return fail("only %u and %% have a meaning after a percent sign");
  MailboxPath result;
  const auto below = tilde ? std::string_view(*path) : BelowHome(*path, home);
  const bool in_home = tilde || !below.empty();
  result.directory = in_home ? std::string(below) : *path;
  result.name = TakeName(result.directory);
  if (!IsComponent(result.name)) return fail("the path does not name a file");
  result.root = in_home ? std::string(home) : result.directory + "/";
  if (!in_home) result.directory.clear();
  return result;
}

std::string MailboxPath::ToString() const {
  std::string path = root;
  if (!path.ends_with('/')) path += '/';
  if (!directory.empty()) path += directory + "/";
  return path + name;
}

UniqueFd MailboxPath::OpenParent() const {
  UniqueFd top = OpenDirectory(root);
  return directory.empty() ? std::move(top) : OpenBeneath({top, directory}, O_RDONLY | O_DIRECTORY);
}

}  // namespace deliver
