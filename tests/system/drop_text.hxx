// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

namespace machine {

/// Where anybody may put a file.
[[nodiscard]] std::string DropDirectory();

/// A queue ID that nothing else has.
[[nodiscard]] std::string MakeQueueId();

/// What sendmail would write to drop/ID, or anybody by hand: a short message from alice@localhost.
[[nodiscard]] std::string MakeDrop(const std::string& id, const std::string& subject,
                                   const std::vector<std::string>& recipients);

}  // namespace machine
