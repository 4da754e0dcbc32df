// SPDX-License-Identifier: BSD-2-Clause
#include "dns/system_files.hxx"

#include "base/fd.hxx"
#include "base/file.hxx"
#include "base/text.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

namespace dns {

namespace {

constexpr std::size_t kMaxFile = 1024 * 1024;

// Calls @p take with the words of each line, comments left out.
template <typename Take>
void ForEachLine(std::string_view text, std::string_view comment, Take take) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto words = SplitList(line.substr(0, line.find_first_of(comment)), " \t\r");
    if (words.size() >= 2) take(words);
  }
}

}  // namespace

std::vector<std::string> ParseResolvConf(std::string_view text) {
  std::vector<std::string> servers;
  ForEachLine(text, "#;", [&](const std::vector<std::string>& words) {
    asio::error_code error;
    asio::ip::make_address(words[1], error);
    if (words[0] == "nameserver" && !error && !HasControl(words[1]) && servers.size() < kMaxServers)
      servers.push_back(words[1]);
  });
  if (servers.empty()) servers = {"127.0.0.1"};
  return servers;
}

std::vector<std::string> Search::NamesFor(const std::string& host) const {
  if (host.ends_with('.')) return {host};
  std::vector<std::string> names;
  names.reserve(domains.size() + 1);
  for (const auto& domain : domains) names.emplace_back(host).append(".").append(domain);
  const auto count = static_cast<unsigned>(std::ranges::count(host, '.'));
  names.insert(count >= dots ? names.begin() : names.end(), host);
  return names;
}

Search ParseSearch(std::string_view text, std::string_view machine) {
  static constexpr std::string_view kDots = "ndots:";
  Search search;
  bool is_set = false;
  const auto add = [&search](std::string domain) {
    while (domain.ends_with('.')) domain.pop_back();
    if (!domain.empty() && search.domains.size() < kMaxSearch) search.domains.push_back(std::move(domain));
  };
  ForEachLine(text, "#;", [&](const std::vector<std::string>& words) {
    const bool is_list = words[0] == "search" || words[0] == "domain";
    if (is_list) search.domains.clear();
    is_set |= is_list;
    for (std::size_t i = 1; is_list && i < words.size(); ++i) add(words[i]);
    for (const auto& word : words)
      if (words[0] == "options" && word.starts_with(kDots))
        search.dots = ParseNumber<unsigned>(std::string_view(word).substr(kDots.size())).value_or(1);
  });
  const auto dot = machine.find('.');
  if (!is_set && dot != machine.npos) add(std::string(machine.substr(dot + 1)));
  return search;
}

std::string NameOfMachine() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) < 0 ? std::string() : std::string(name.data());
}

std::vector<asio::ip::address> FindInHosts(std::string_view text, std::string_view name) {
  std::vector<asio::ip::address> addresses;
  ForEachLine(text, "#", [&](const std::vector<std::string>& words) {
    const auto is = [&](const std::string& word) { return EqualsIgnoreCase(word, name); };
    if (std::none_of(words.begin() + 1, words.end(), is)) return;
    asio::error_code error;
    const auto address = asio::ip::make_address(words[0], error);
    if (!error && std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
  });
  return addresses;
}

std::string FingerprintOf(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) < 0) return {};
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) + ":" +
         std::to_string(status.st_size) + ":" + std::to_string(status.st_mtim.tv_sec) + "." +
         std::to_string(status.st_mtim.tv_nsec);
}

std::string TextOfFile(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  try {
    return ReadAll(file, kMaxFile);
  } catch (const std::system_error&) {
    return {};
  }
}

}  // namespace dns
