// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "options.hxx"

namespace sink {

/// Serves until SIGTERM or SIGINT. Throws std::exception if it can't start.
void Serve(const Options& options);

}  // namespace sink
