// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/failure.hxx"

#include "base/error.hxx"
#include "base/text.hxx"

#include <fcntl.h>
#include <unistd.h>

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
    {ENOTDIR, "4.2.0", ""},
    {ENXIO, "4.2.0", " (it is not a regular file)"},
    {EISDIR, "4.2.0", ""},
    {EACCES, "4.2.0", ""},
    {EPERM, "4.2.0", ""},
    {ENOENT, "4.2.0", ""},
    {EXDEV, "4.2.0", " (it leads out of the home directory)"},
    {EROFS, "4.2.0", ""},
};

constexpr Meaning kOther = {0, "4.3.0", ""};

constexpr Meaning kNotTrusted = {0, "4.2.0", ""};

const Meaning& MeaningOf(const std::system_error& error) noexcept {
  for (const auto& meaning : kMeanings)
    if (IsErrno(error, meaning.code)) return meaning;
  return kOther;
}

mail::DeliveryResult Defer(const Meaning& meaning, const std::string& mailbox, const std::string& what) {
  return mail::Deferred(meaning.status, "Mailbox " + Quote(mailbox) + ": " + what + meaning.advice);
}

}  // namespace

mail::DeliveryResult DeferredBy(const std::system_error& error, const std::string& mailbox) {
  return Defer(MeaningOf(error), mailbox, error.what());
}

std::optional<mail::DeliveryResult> FindWriteFault(const FileAt& file, const std::string& mailbox) {
  constexpr int kFlags = AT_EACCESS | AT_SYMLINK_NOFOLLOW;
  if (::faccessat(file.directory.Get(), file.name.c_str(), W_OK, kFlags) == 0) return std::nullopt;
  return DeferredBy(MakeErrno(errno, "it can't be written", file.name), mailbox);
}

mail::DeliveryResult DeferredBy(const PathFault& fault, const std::string& mailbox) {
  const auto& meaning = fault.code ? MeaningOf(MakeErrno(fault.code, fault.text)) : kNotTrusted;
  return Defer(meaning, mailbox, fault.text);
}

}  // namespace deliver
