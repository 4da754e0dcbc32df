// SPDX-License-Identifier: BSD-2-Clause
#include "local/exit_status.hxx"

#include <sysexits.h>

#include <algorithm>
#include <iterator>

namespace local {

namespace {

struct Meaning {
  int code;
  const char* status;  ///< its class says whether it is tried again
};

constexpr Meaning kMeanings[] = {
    {EX_USAGE, "5.3.5"},    {EX_DATAERR, "5.6.0"},     {EX_NOINPUT, "5.3.0"},  {EX_NOUSER, "5.1.1"},
    {EX_NOHOST, "5.1.2"},   {EX_UNAVAILABLE, "5.3.0"}, {EX_SOFTWARE, "5.3.0"}, {EX_OSERR, "5.3.0"},
    {EX_OSFILE, "5.3.5"},   {EX_CANTCREAT, "5.2.0"},   {EX_IOERR, "5.3.0"},    {EX_TEMPFAIL, "4.3.0"},
    {EX_PROTOCOL, "5.5.0"}, {EX_NOPERM, "5.7.1"},      {EX_CONFIG, "5.3.5"},
};

}  // namespace

mail::DeliveryResult ResultOfExitStatus(int status, const std::string& what) {
  if (status == 0) return mail::Delivered("2.0.0", "Delivered to " + what);
  const auto* const known = std::ranges::find(kMeanings, status, &Meaning::code);
  const std::string code = known == std::end(kMeanings) ? "5.3.0" : known->status;
  const auto text = what + " exited with status " + std::to_string(status);
  return code.starts_with('4') ? mail::Deferred(code, text) : mail::Failed(code, text);
}

}  // namespace local
