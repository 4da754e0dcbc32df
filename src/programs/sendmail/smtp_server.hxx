// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "submit/site.hxx"

/// sendmail -bs: serves SMTP to the program that called, until QUIT or the end of @p in.
/// @return an exit status of sysexits(3)
[[nodiscard]] int ServeSmtp(FdRef in, FdRef out, const submit::Site& site);
