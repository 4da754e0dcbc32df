// SPDX-License-Identifier: BSD-2-Clause
#include "tls/verdict.hxx"

#include <openssl/x509_vfy.h>

namespace tls {

Verdict ToVerdict(long code) noexcept {
  switch (code) {
    case X509_V_OK:
      return Verdict::Good;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Verdict::HostMismatch;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Verdict::Expired;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return Verdict::NotTrusted;
    default:
      return Verdict::OtherFault;
  }
}

}  // namespace tls
