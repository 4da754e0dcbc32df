// SPDX-License-Identifier: BSD-2-Clause
#include "mx/tls_report.hxx"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace {

namespace fs = std::filesystem;

using mx::TlsReport;
using mx::TlsResult;
using tls::PolicyType;

constexpr std::time_t kNoon = 1700049600;  // 2023-11-15T12:00:00Z
constexpr std::time_t kDay = 24 * 60 * 60;

class TlsReportTest : public testing::Test {
 protected:
  ~TlsReportTest() override { fs::remove_all(directory_); }
  std::string TextOf(const std::string& day) const {
    std::ostringstream text;
    text << std::ifstream(directory_ + "/" + day).rdbuf();
    return text.str();
  }

  const std::string directory_ = testing::TempDir() + "tls_report_test";
};

TEST_F(TlsReportTest, CountsEachDay) {
  {
    TlsReport report(directory_);
    for (int i = 0; i < 3; ++i)
      report.Count("a.example", tls::PolicyType::Tlsa, "mx", TlsResult::Success, kNoon);
    report.Count("a.example", tls::PolicyType::Sts, "", TlsResult::StsPolicyFetchError, kNoon);
    report.Count("a.example", tls::PolicyType::None, "mx", TlsResult::StartTlsNotSupported, kNoon + kDay);
  }
  EXPECT_EQ(TextOf("2023-11-15"),
            "a.example sts - sts-policy-fetch-error 1\n"
            "a.example tlsa mx success 3\n");
  EXPECT_EQ(TextOf("2023-11-16"), "a.example no-policy-found mx starttls-not-supported 1\n");
}

TEST_F(TlsReportTest, GoesOnWhereItEnded) {
  for (int i = 0; i < 2; ++i) {
    TlsReport report(directory_);
    report.Count("a.example", tls::PolicyType::Tlsa, "mx", TlsResult::Success, kNoon);
  }
  EXPECT_EQ(TextOf("2023-11-15"), "a.example tlsa mx success 2\n");
}

TEST_F(TlsReportTest, KeepsSomeDays) {
  TlsReport report(directory_);
  for (std::size_t i = 0; i < TlsReport::kMaxDays + 5; ++i)
    report.Count("a.example", tls::PolicyType::Tlsa, "mx", TlsResult::Success,
                 kNoon + static_cast<std::time_t>(i) * kDay);
  report.Write();
  EXPECT_FALSE(fs::exists(directory_ + "/2023-11-15"));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()),
            static_cast<std::ptrdiff_t>(TlsReport::kMaxDays));
}

TEST(TlsResult, ComesFromTheVerdictOnTheCertificate) {
  EXPECT_EQ(mx::ResultOf(tls::Verdict::HostMismatch), TlsResult::CertificateHostMismatch);
  EXPECT_EQ(mx::ResultOf(tls::Verdict::Expired), TlsResult::CertificateExpired);
  EXPECT_EQ(mx::ResultOf(tls::Verdict::NotTrusted), TlsResult::CertificateNotTrusted);
  EXPECT_EQ(mx::ResultOf(tls::Verdict::OtherFault), TlsResult::ValidationFailure);
  EXPECT_EQ(mx::ResultOf(tls::Verdict::Good), TlsResult::ValidationFailure);
}

}  // namespace
