// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/setup.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/text.hxx"
#include "base/user.hxx"
#include "config/files.hxx"
#include "config/settings.hxx"
#include "config/value_checks.hxx"
#include "mail/address.hxx"
#include "paths.h"
#include "programs/ctl/account.hxx"
#include "programs/ctl/format.hxx"
#include "programs/ctl/queue_view.hxx"
#include "programs/ctl/seal.hxx"
#include "programs/ctl/submission_server.hxx"
#include "programs/ctl/terminal.hxx"
#include "programs/ctl/user_file.hxx"

#include <fmt/format.h>

#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace ctl {

namespace {

const std::string kConfiguration = MAILQUEUE_CONFDIR;
const std::string kCredentials = kConfiguration + "/credentials";
const std::string kSealed = kConfiguration + "/credentials.encrypted";
const std::string kDropIns = kConfiguration + "/mailqueue.conf.d";

std::string DomainOf(const std::string& address) {
  const auto parsed = mail::Address::Parse(address);
  if (!parsed || parsed->domain.empty())
    throw SetupError(EX_USAGE, Quote(address) + " is no address: name@domain");
  return ToLower(parsed->domain);
}

// An attacker who controls the DNS could name a server of their own: a server in another domain needs the
// consent of a person (RFC 6186 section 6).
bool IsTrusted(const SubmissionServer& server, const std::string& domain) {
  const auto host = ToLower(server.host);
  if (host == domain || host.ends_with("." + domain)) return true;
  return Terminal::Confirm(fmt::format("The DNS names {} port {} for {}. Is that the provider's?",
                                       server.host, server.port, domain));
}

std::string FindUrl(const SetupOptions& options, const std::string& domain) {
  std::string host = options.host;
  if (host.empty()) {
    for (const auto& server : FindSubmissionServers(domain))
      if (IsTrusted(server, domain)) return server.Url(options.name);
    if (!Terminal::IsThere())
      throw SetupError(EX_NOHOST, "The DNS names no server of " + domain + ": name it with --host=");
    host = Terminal::Ask("The provider's server for outgoing mail (host, or smtp+tls://host:port): ");
  }
  std::string why;
  auto url = UrlFor(host, options.name, why);
  if (url.empty()) throw SetupError(EX_USAGE, Quote(host) + ": " + why);
  return url;
}

bool Exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

void AskBeforeOverwriting(const std::string& path, bool force) {
  if (!Exists(path) || force || Terminal::Confirm(path + " exists. Overwrite it?")) return;
  throw SetupError(EX_CANTCREAT, path + " exists: choose another name with --name=, or --force");
}

std::string ReadSecret(const std::string& login) {
  auto secret = Terminal::AskSecret("Password of " + Escape(login) + ": ");
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) throw SetupError(EX_NOINPUT, "An empty password is none");
  return login + ":" + secret + "\n";
}

void MakeDirectory(const std::string& directory, mode_t mode) {
  if (::mkdir(directory.c_str(), mode) < 0 && errno != EEXIST)
    ThrowErrno("Failed to make directory", directory);
}

void Write(const std::string& directory, const std::string& name, const std::string& text, mode_t mode) {
  MakeDirectory(directory, mode == 0600 ? 0700 : 0755);
  ReplaceFile({OpenDirectory(directory), name}, text, mode);
  fmt::print("Written: {}/{}\n", directory, name);
}

// Stores the credential encrypted with the machine's key, or if that can't be done, readable by root only. A
// clear one would count before an encrypted one, so an old one is removed.
void WriteSecret(const std::string& label, const std::string& secret) {
  MakeDirectory(kSealed, 0700);
  const auto sealed = kSealed + "/" + label;
  const auto fault = Seal("relay-sealed_" + label, sealed, secret);
  if (!fault.empty()) {
    fmt::print("Not encrypted: {}\n", fault);
    return Write(kCredentials, label, secret, 0600);
  }
  const auto plain = kCredentials + "/" + label;
  if (::unlink(plain.c_str()) < 0 && errno != ENOENT) ThrowErrno("Failed to remove", plain);
  fmt::print("Written: {}\n", sealed);
}

// If there is a relay for all mail already, a further account is for the mail of its own address only.
bool TakesAllMail(const std::string& drop_in) {
  const auto relay = config::Load(kConfiguration).settings.relay.common;
  const auto host = relay.places.find("Host");
  return host == relay.places.end() || host->second.starts_with(drop_in + ":");
}

SetupOptions FillIn(SetupOptions options) {
  if (options.name.empty()) options.name = DefaultAccountName(options.address);
  if (options.login.empty()) options.login = options.address;
  if (!config::IsCredentialLabel(options.name))
    throw SetupError(EX_USAGE, Quote(options.name) + " is no name: letters, digits and -_.+");
  if (options.login.find(':') != options.login.npos)
    throw SetupError(EX_USAGE, "A login with a colon in it can't be written down");
  return options;
}

}  // namespace

void SetUpForUser(const SetupOptions& options) {
  const auto user = FindUser(::geteuid());
  if (!user || !IsPerson(user->uid))
    throw SetupError(EX_NOPERM, "A relay of their own is for people: without --user it is for this machine");
  const auto domain = DomainOf(options.address);
  const auto whole = FillIn(options);
  const auto folder = user->home + "/.config/mailqueue";
  const auto credentials = folder + "/credentials";
  const auto path = folder + "/relay.conf";
  const auto before = config::TryReadFile(path);
  if (!before.problem.empty()) throw SetupError(EX_NOINPUT, path + ": " + before.problem);
  const auto file = FindUserFile(path);
  AskBeforeOverwriting(credentials + "/" + whole.name, whole.force);
  std::string why;
  const auto text = AddAccount(before.text, path, {whole.address, whole.name, FindUrl(whole, domain)}, why);
  if (!text) throw SetupError(EX_CANTCREAT, why);
  const auto secret = ReadSecret(whole.login);
  for (const auto& directory : {user->home + "/.config", folder}) MakeDirectory(directory, 0700);
  Write(credentials, whole.name, secret, 0600);
  if (*text != before.text)
    Write(file.directory, file.name, *text, file.mode);
  else
    fmt::print("{} has the account already, and stays as it is.\n", path);
  if (!config::Load(kConfiguration).settings.relay.user_relays)
    fmt::print(
        "The administrator does not allow it yet: UserRelays=yes in section [Relay] of {}/mailqueue.conf\n",
        kConfiguration);
}

std::string SetUp(const SetupOptions& options) {
  if (::geteuid() != 0) throw SetupError(EX_NOPERM, "Only root may set up a relay for this machine");
  const auto domain = DomainOf(options.address);
  const auto whole = FillIn(options);
  const auto drop_in = whole.name + ".conf";
  for (const auto& directory : {kCredentials, kSealed})
    AskBeforeOverwriting(directory + "/" + whole.name, whole.force);
  AskBeforeOverwriting(kDropIns + "/" + drop_in, whole.force);
  const Account account{whole.address, whole.name, FindUrl(whole, domain),
                        TakesAllMail(kDropIns + "/" + drop_in)};
  WriteSecret(whole.name, ReadSecret(whole.login));
  Write(kDropIns, drop_in, DropInFor(account), 0644);
  fmt::print("{} goes to {} from now on.\n",
             account.for_all ? "All mail" : "Mail of " + Escape(account.address), account.url);
  const auto settings = config::Load(kConfiguration).settings;
  const QueueView view(settings, [](const std::string& name) { return ::FindUser(name); });
  if (const auto root = view.FindReaderlessRoot(); !root.empty()) fmt::print("{}\n", Escape(root));
  return account.for_all ? std::string() : account.name;
}

}  // namespace ctl
