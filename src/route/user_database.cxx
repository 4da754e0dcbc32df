// SPDX-License-Identifier: BSD-2-Clause
#include "route/user_database.hxx"

#include "base/file_identity.hxx"
#include "base/name_services.hxx"
#include "base/text.hxx"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace route {

namespace {

constexpr char kAlwaysThere[] = "root";
constexpr int kTries = 3;  // while the file of users is being changed

LookupFailed NoAnswer(const std::string& why) {
  return {.why = "the user database does not answer: " + why};
}

FileIdentity IdentityOf(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? FileIdentity(status) : FileIdentity();
}

}  // namespace

UserDatabase::UserDatabase()
    : UserDatabase(Means{[](const std::string& name) { return ::FindUser(name); },
                         [](uid_t uid) { return ::FindUser(uid); }, Clock::now, "/etc/passwd", "/var/mail",
                         name_services::MissingService}) {}

UserFound UserDatabase::Find(const std::string& name) {
  auto found = Ask([&] { return means_.find_name(name); });
  if (std::holds_alternative<User>(found)) doubts_.erase(name);
  if (!std::holds_alternative<NoUser>(found)) return found;
  if (name == kAlwaysThere) return NoAnswer("it has no user root");
  if (HasMailbox(name) && IsInDoubt(name))
    return LookupFailed{
        .why = "the user database has no user " + Quote(name) +
               ", but there is a mailbox of that name: waiting whether it says so in an hour, too",
        .is_doubt = true};
  if (const auto service = FindIncomplete(); !service.empty())
    return LookupFailed{.why = "the user database has no user " + Quote(name) + ", but its service " +
                               Quote(service) +
                               " is not installed: waiting whether it says so in an hour, too",
                        .is_doubt = true};
  return found;
}

UserFound UserDatabase::Find(uid_t uid) {
  return Ask([&] { return means_.find_uid(uid); });
}

template <typename LookUp>
UserFound UserDatabase::Ask(LookUp look_up) {
  auto found = [&]() -> UserFound {
    try {
      return AskWithWitness(look_up);
    } catch (const std::system_error& error) {
      return NoAnswer(error.code().message());
    }
  }();
  const auto* const failure = std::get_if<LookupFailed>(&found);
  fault_ = failure ? failure->why : std::string();
  return found;
}

template <typename LookUp>
UserFound UserDatabase::AskWithWitness(LookUp look_up) const {
  for (int i = 0; i < kTries; ++i) {
    const auto before = IdentityOf(means_.users);
    if (auto user = look_up()) return User{std::move(user->name), user->uid, std::move(user->home)};
    const auto self = ::geteuid();
    if (!means_.find_uid(self)) return NoAnswer("it does not know uid " + std::to_string(self) + " either");
    if (before == IdentityOf(means_.users)) return NoUser{};
  }
  return NoAnswer(means_.users + " is being changed");
}

// A path that can't be looked at counts as a mailbox.
bool UserDatabase::HasMailbox(const std::string& name) const noexcept {
  if (name.empty() || name.starts_with('.') || name.find('/') != name.npos) return false;
  struct stat status {};
  if (::lstat((means_.mailboxes + "/" + name).c_str(), &status) == 0) return true;
  return errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG;
}

// @return the service that is missing, for as long as that leaves a doubt
std::string UserDatabase::FindIncomplete() {
  auto service = means_.missing_service();
  if (service.empty()) {
    incomplete_.reset();
    return service;
  }
  const auto now = means_.now();
  if (!incomplete_) incomplete_ = now;
  return now - *incomplete_ < kDoubt ? service : std::string();
}

// The doubts are in memory alone: after a restart the hour begins anew, which is the safe side.
bool UserDatabase::IsInDoubt(const std::string& name) {
  const auto now = means_.now();
  if (doubts_.size() >= kMaxDoubts && !doubts_.contains(name)) return true;
  const auto [doubt, is_new] = doubts_.try_emplace(name, now);
  return is_new || now - doubt->second < kDoubt;
}

}  // namespace route
