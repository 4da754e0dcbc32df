// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/relay_report.hxx"
#include "programs/relay/job.hxx"
#include "programs/relay/network.hxx"

#include <asio/awaitable.hpp>

#include <chrono>
#include <vector>

namespace relay {

/// The longest that a probe waits for each step, whatever the options say: a person waits for the answer.
constexpr std::chrono::seconds kMaxProbeWait{30};

/// Connects to each relay of the job, one after the other, negotiates and logs in, and says goodbye.
/// @param network outlives the call
[[nodiscard]] asio::awaitable<std::vector<mail::RelayReport>> Probe(const Job& job, Network& network);

}  // namespace relay
