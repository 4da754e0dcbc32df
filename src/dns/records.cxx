// SPDX-License-Identifier: BSD-2-Clause
#include "dns/records.hxx"

#include "dns/name.hxx"

#include <algorithm>

namespace dns {

namespace {

std::uint8_t Octet(std::string_view text, std::size_t index) noexcept {
  return static_cast<std::uint8_t>(text[index]);
}

template <typename Address>
Address MakeAddress(std::string_view octets) {
  typename Address::bytes_type bytes;
  std::ranges::copy(octets, bytes.begin());
  return Address(bytes);
}

}  // namespace

std::optional<MxRecord> ParseMx(std::string_view rdata) {
  if (rdata.size() < 3) return std::nullopt;
  const auto preference = static_cast<std::uint16_t>(Octet(rdata, 0) << 8 | Octet(rdata, 1));
  rdata.remove_prefix(2);
  auto host = TakeWireName(rdata);
  if (!host || !rdata.empty()) return std::nullopt;
  return MxRecord{preference, std::move(*host)};
}

std::optional<TlsaRecord> ParseTlsa(std::string_view rdata) {
  if (rdata.size() < 4) return std::nullopt;
  return TlsaRecord{Octet(rdata, 0), Octet(rdata, 1), Octet(rdata, 2), std::string(rdata.substr(3))};
}

std::optional<std::string> ParseTxt(std::string_view rdata) {
  std::string text;
  while (!rdata.empty()) {
    const std::size_t size = Octet(rdata, 0);
    if (rdata.size() <= size) return std::nullopt;
    text += rdata.substr(1, size);
    rdata.remove_prefix(size + 1);
  }
  return text;
}

std::optional<asio::ip::address> ParseAddress(std::string_view rdata) {
  if (rdata.size() == 4) return MakeAddress<asio::ip::address_v4>(rdata);
  if (rdata.size() == 16) return MakeAddress<asio::ip::address_v6>(rdata);
  return std::nullopt;
}

}  // namespace dns
