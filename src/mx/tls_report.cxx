// SPDX-License-Identifier: BSD-2-Clause
#include "mx/tls_report.hxx"

#include "base/file.hxx"
#include "base/text.hxx"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <exception>
#include <filesystem>
#include <utility>
#include <vector>

namespace fs = std::filesystem;

namespace mx {

namespace {

constexpr std::size_t kMaxReportFile = TlsReport::kMaxLines * 1024;  // octets

std::string DayOf(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

}  // namespace

std::string_view ToString(TlsResult result) noexcept {
  switch (result) {
    case TlsResult::Success:
      return "success";
    case TlsResult::StartTlsNotSupported:
      return "starttls-not-supported";
    case TlsResult::CertificateHostMismatch:
      return "certificate-host-mismatch";
    case TlsResult::CertificateExpired:
      return "certificate-expired";
    case TlsResult::CertificateNotTrusted:
      return "certificate-not-trusted";
    case TlsResult::ValidationFailure:
      return "validation-failure";
    case TlsResult::DnssecInvalid:
      return "dnssec-invalid";
    case TlsResult::StsPolicyFetchError:
      return "sts-policy-fetch-error";
    case TlsResult::StsPolicyInvalid:
      return "sts-policy-invalid";
    case TlsResult::StsWebpkiInvalid:
      return "sts-webpki-invalid";
  }
  return "?";
}

std::string_view ToString(tls::PolicyType type) noexcept {
  switch (type) {
    case tls::PolicyType::Tlsa:
      return "tlsa";
    case tls::PolicyType::Sts:
      return "sts";
    case tls::PolicyType::None:
      return "no-policy-found";
  }
  return "?";
}

TlsResult ResultOf(tls::Verdict verdict) noexcept {
  switch (verdict) {
    case tls::Verdict::HostMismatch:
      return TlsResult::CertificateHostMismatch;
    case tls::Verdict::Expired:
      return TlsResult::CertificateExpired;
    case tls::Verdict::NotTrusted:
      return TlsResult::CertificateNotTrusted;
    case tls::Verdict::Good:
    case tls::Verdict::OtherFault:
      break;
  }
  return TlsResult::ValidationFailure;
}

TlsReport::~TlsReport() {
  try {
    Write();
  } catch (const std::exception&) {
    // The same limit as in Count.
  }
}

void TlsReport::Count(const std::string& domain, tls::PolicyType type, const std::string& host,
                      TlsResult result, std::time_t now) noexcept {
  if (directory_.empty()) return;
  try {
    Add(domain + " " + std::string(ToString(type)) + " " + (host.empty() ? "-" : host) + " " +
            std::string(ToString(result)),
        now);
  } catch (const std::exception&) {
    // Statistics are lost, but mail does not depend on them.
  }
}

void TlsReport::Add(std::string line, std::time_t now) {
  auto day = DayOf(now);
  if (day != day_) Begin(std::move(day));
  if (counts_.size() >= kMaxLines && !counts_.contains(line)) return;
  ++counts_[std::move(line)];
  written_ = false;
  if (Clock::now() - written_at_ >= kWriteInterval) Write();
}

// Adds to the counts of an earlier process.
void TlsReport::Begin(std::string day) {
  Write();
  counts_.clear();
  day_ = std::move(day);
  fs::create_directories(directory_);
  RemoveOld();
  const auto file = TryOpenBeneath({OpenDirectory(directory_), day_}, O_RDONLY);
  if (!file) return;
  for (const auto& line : SplitList(ReadAll(file, kMaxReportFile), "\n")) {
    const auto space = line.rfind(' ');
    const auto count = space == line.npos ? std::nullopt : ParseNumber<std::uint64_t>(line.substr(space + 1));
    if (count && counts_.size() < kMaxLines) counts_[line.substr(0, space)] = *count;
  }
}

void TlsReport::RemoveOld() const {
  std::vector<fs::path> days;
  std::error_code error;
  for (fs::directory_iterator at(directory_, error), end; !error && at != end; at.increment(error))
    days.push_back(at->path());
  std::ranges::sort(days);
  for (std::size_t i = 0; i + kMaxDays <= days.size(); ++i) fs::remove(days[i], error);
}

void TlsReport::Write() {
  if (std::exchange(written_, true)) return;
  written_at_ = Clock::now();
  std::string text;
  for (const auto& [line, count] : counts_) text += line + " " + std::to_string(count) + "\n";
  ReplaceFile({OpenDirectory(directory_), day_}, text, 0644);
}

}  // namespace mx
