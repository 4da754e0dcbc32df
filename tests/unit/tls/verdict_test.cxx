// SPDX-License-Identifier: BSD-2-Clause
#include "tls/verdict.hxx"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

namespace {

using tls::ToVerdict;
using tls::Verdict;

TEST(Verdict, ComesFromTheVerification) {
  EXPECT_EQ(ToVerdict(X509_V_OK), Verdict::Good);
  EXPECT_EQ(ToVerdict(X509_V_ERR_HOSTNAME_MISMATCH), Verdict::HostMismatch);
  EXPECT_EQ(ToVerdict(X509_V_ERR_CERT_HAS_EXPIRED), Verdict::Expired);
  EXPECT_EQ(ToVerdict(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY), Verdict::NotTrusted);
  EXPECT_EQ(ToVerdict(X509_V_ERR_DANE_NO_MATCH), Verdict::OtherFault);
}

}  // namespace
