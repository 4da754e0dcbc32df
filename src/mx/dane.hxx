// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "dns/mail_hosts.hxx"
#include "dns/records.hxx"
#include "dns/resolver.hxx"

#include <asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mx {

/// What DNS says about the certificate of a mail host (RFC 7672 section 2.2).
struct DaneVerdict {
  enum class Kind {
    None,      ///< nothing that can be believed
    Usable,    ///< the server must have one of the certificates or keys that the records name
    Unusable,  ///< there are records, but none that is understood: TLS with anybody
    Broken,    ///< what there is can't be found out: no mail for this host now
  };

  Kind kind = Kind::None;
  std::string base;  ///< the name that the records stand at, after "_PORT._tcp."; the host's or its alias's
  std::vector<dns::TlsaRecord> records;  ///< with Usable: those that are
  std::string why;                       ///< with Broken, for a person
};

/// The record is one that this program can hold a certificate against: DANE-TA(2) or DANE-EE(3), selector and
/// matching type known, the digest of the right length (RFC 7672 section 3.1).
[[nodiscard]] bool IsUsable(const dns::TlsaRecord& record) noexcept;

/// @param host one of the hosts of a domain
/// @param named_securely that it is one has been validated
[[nodiscard]] asio::awaitable<DaneVerdict> FindDane(dns::Resolver& resolver, dns::MailHost host,
                                                    bool named_securely, std::uint16_t port);

}  // namespace mx
