// SPDX-License-Identifier: BSD-2-Clause
#include "config/defaults.hxx"

#include "base/text.hxx"
#include "config/domain_name.hxx"
#include "config/files.hxx"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace config {

void FillDefaults(Settings& settings, const HostNames& names) {
  Settings::Mail& mail = settings.mail;
  if (mail.hostname.empty()) mail.hostname = names.hostname;
  if (mail.domain.empty()) mail.domain = names.mail_name.empty() ? mail.hostname : names.mail_name;
  if (!mail.local_domains.empty()) return;
  for (const auto& name : {std::string("localhost"), mail.hostname, names.mail_name}) {
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
