// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/failure.hxx"

#include "base/error.hxx"
#include "base/text.hxx"

#include <cerrno>

namespace deliver {

namespace {

struct Meaning {
  int code;
  const char* status;
  const char* advice;  ///< follows the error's own words
};

constexpr Meaning kMeanings[] = {
    {EDQUOT, "4.2.2", ""},
    {EFBIG, "4.2.2", ""},
    {ENOSPC, "4.3.1", ""},
    {ELOOP, "4.2.0", " (symbolic links are not followed here)"},
    {ENXIO, "4.2.0", " (it is not a regular file)"},
    {EISDIR, "4.2.0", ""},
    {EACCES, "4.2.0", ""},
    {EPERM, "4.2.0", ""},
    {ENOENT, "4.2.0", ""},
    {EROFS, "4.3.5",
     " (ReadWritePaths= in a drop-in of mailqueue-deliver-.service opens a further directory)"},
};

constexpr Meaning kOther = {0, "4.3.0", ""};

const Meaning& MeaningOf(const std::system_error& error) noexcept {
  for (const auto& meaning : kMeanings)
    if (IsErrno(error, meaning.code)) return meaning;
  return kOther;
}

}  // namespace

mail::DeliveryResult DeferredBy(const std::system_error& error, const std::string& mailbox) {
  const auto& meaning = MeaningOf(error);
  return mail::Deferred(meaning.status, "Mailbox " + Quote(mailbox) + ": " + error.what() + meaning.advice);
}

}  // namespace deliver
