// SPDX-License-Identifier: BSD-2-Clause
#pragma once

namespace tls {

/// How the verification of a server's certificate has ended.
enum class Verdict {
  Good,          ///< or not asked for
  HostMismatch,  ///< it is for another host
  Expired,
  NotTrusted,  ///< no authority that is trusted has signed it
  OtherFault,  ///< also where there was none to verify
};

/// @param code an X509_V_* of OpenSSL
[[nodiscard]] Verdict ToVerdict(long code) noexcept;

}  // namespace tls
