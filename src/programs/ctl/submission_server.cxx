// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/submission_server.hxx"

#include "config/domain_name.hxx"

#include <algorithm>
#include <arpa/nameser.h>
#include <array>
#include <netinet/in.h>
#include <optional>
#include <resolv.h>
#include <tuple>

namespace ctl {

namespace {

constexpr std::uint16_t kSmtps = 465;
constexpr std::size_t kFixedPart = 6;  // octets: priority, weight, port (RFC 2782)

std::optional<SubmissionServer> ParseRecord(const ns_msg& message, const ns_rr& record) {
  if (ns_rr_type(record) != ns_t_srv || ns_rr_rdlen(record) <= kFixedPart) return std::nullopt;
  const auto* const data = ns_rr_rdata(record);
  std::array<char, NS_MAXDNAME> name{};
  if (::ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), data + kFixedPart, name.data(),
                           name.size()) < 0)
    return std::nullopt;
  SubmissionServer server;
  server.priority = static_cast<std::uint16_t>(ns_get16(data));
  server.weight = static_cast<std::uint16_t>(ns_get16(data + 2));
  server.port = static_cast<std::uint16_t>(ns_get16(data + 4));
  server.host = name.data();
  // The target "." means that the service is not available (RFC 2782).
  if (server.port == 0 || !config::IsDomainName(server.host)) return std::nullopt;
  return server;
}

std::vector<SubmissionServer> Query(const std::string& name, bool implicit_tls) {
  struct __res_state state = {};
  if (::res_ninit(&state) < 0) return {};
  std::array<unsigned char, NS_MAXMSG> answer;
  const int size = ::res_nquery(&state, name.c_str(), ns_c_in, ns_t_srv, answer.data(), answer.size());
  ::res_nclose(&state);
  if (size < 0) return {};
  return ParseSubmissionServers(std::span(answer).first(std::min<std::size_t>(size, answer.size())),
                                implicit_tls);
}

}  // namespace

std::string SubmissionServer::Url(std::string_view label) const {
  const bool usual = implicit_tls && port == kSmtps;
  return (implicit_tls ? "smtps://" : "smtp+tls://") + std::string(label) + "@" + host +
         (usual ? "" : ":" + std::to_string(port));
}

std::vector<SubmissionServer> ParseSubmissionServers(std::span<const unsigned char> answer,
                                                     bool implicit_tls) {
  std::vector<SubmissionServer> servers;
  ns_msg message;
  if (::ns_initparse(answer.data(), static_cast<int>(answer.size()), &message) < 0) return servers;
  for (int i = 0; i < ns_msg_count(message, ns_s_an) && servers.size() < kMaxSubmissionServers; ++i) {
    ns_rr record;
    if (::ns_parserr(&message, ns_s_an, i, &record) < 0) return {};
    if (auto server = ParseRecord(message, record)) servers.push_back(std::move(*server));
  }
  for (auto& server : servers) server.implicit_tls = implicit_tls;
  std::ranges::stable_sort(servers, {}, [](const SubmissionServer& server) {
    return std::tuple(server.priority, -static_cast<int>(server.weight));
  });
  return servers;
}

std::vector<SubmissionServer> FindSubmissionServers(const std::string& domain) {
  auto servers = Query("_submissions._tcp." + domain, true);
  const auto more = Query("_submission._tcp." + domain, false);
  servers.insert(servers.end(), more.begin(), more.end());
  return servers;
}

}  // namespace ctl
