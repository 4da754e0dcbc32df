// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"

#include <string>

namespace local {

/// What an exit status in the manner of sysexits(3) means for the recipient: 0 is delivered, 75 (EX_TEMPFAIL)
/// is tried again, everything else has failed, with the enhanced status code that fits.
/// @param what who ended so: "command '/usr/bin/vacation'"
[[nodiscard]] mail::DeliveryResult ResultOfExitStatus(int status, const std::string& what);

}  // namespace local
