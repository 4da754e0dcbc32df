// SPDX-License-Identifier: BSD-2-Clause
#include "config/defaults.hxx"

#include "base/text.hxx"
#include "config/domain_name.hxx"
#include "config/files.hxx"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace config {

namespace {

std::string_view FirstLabel(std::string_view name) noexcept {
  return name.substr(0, name.find('.'));
}

bool IsFullName(std::string_view name) noexcept {
  return name.find('.') != name.npos && IsDomainName(name);
}

}  // namespace

std::vector<std::string> FindHostsNames(std::string_view text, std::string_view hostname) {
  std::vector<std::string> found;
  const auto label = FirstLabel(hostname);
  for (const auto& line : SplitList(text, "\r\n")) {
    auto names = SplitList(std::string_view(line).substr(0, line.find('#')), " \t");
    if (!names.empty()) names.erase(names.begin());  // the address
    const bool is_own = std::ranges::any_of(names, [&](const std::string& name) {
      return EqualsIgnoreCase(name, hostname) || EqualsIgnoreCase(name, label);
    });
    for (std::size_t i = 0; is_own && i < names.size(); ++i)
      if (IsFullName(names[i]) && (i == 0 || EqualsIgnoreCase(FirstLabel(names[i]), label)))
        found.push_back(names[i]);
  }
  return found;
}

void FillDefaults(Settings& settings, const HostNames& names) {
  Settings::Mail& mail = settings.mail;
  if (mail.hostname.empty()) mail.hostname = names.hostname;
  if (mail.domain.empty()) mail.domain = names.mail_name.empty() ? mail.hostname : names.mail_name;
  if (!mail.local_domains.empty()) return;
  std::vector<std::string> own{"localhost", mail.hostname, std::string(FirstLabel(mail.hostname)),
                               names.mail_name};
  own.insert(own.end(), names.hosts_names.begin(), names.hosts_names.end());
  for (const auto& name : own) {
    auto domain = ToLower(name);
    if (!domain.empty() && std::ranges::count(mail.local_domains, domain) == 0)
      mail.local_domains.push_back(std::move(domain));
  }
  mail.own_names = {mail.local_domains.begin() + 1, mail.local_domains.end()};
}

// The first line that is not empty and no comment (hostname(5)).
std::string ParseHostnameFile(std::string_view text) {
  for (const auto& line : SplitList(text, "\r\n")) {
    const auto name = Trim(line);
    if (name.empty() || name.starts_with('#')) continue;
    return IsDomainName(name) ? std::string(name) : std::string();
  }
  return {};
}

std::string FindHostname() {
  auto fixed = ParseHostnameFile(TryReadFile(kHostnameFile).text);
  if (!fixed.empty() && !EqualsIgnoreCase(fixed, "localhost")) return fixed;
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) < 0 || !IsDomainName(name.data())) return "localhost";
  return name.data();
}

}  // namespace config
