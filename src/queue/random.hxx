// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/queue_id.hxx"
#include "mail/time.hxx"

#include <cstdint>
#include <functional>
#include <limits>
#include <random>

namespace queue {

/// Gives 64 random bits, which nobody can guess. It may throw.
using Random = std::function<std::uint64_t()>;

/// A number below @p limit, each equally often.
/// @param limit 1 at least
[[nodiscard]] inline unsigned DrawBelow(unsigned limit, const Random& random) {
  struct Generator {
    using result_type = std::uint64_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
    result_type operator()() const { return source(); }
    const Random& source;
  } generator{random};
  return std::uniform_int_distribution<unsigned>(0, limit - 1)(generator);
}

/// A new queue ID.
[[nodiscard]] inline mail::QueueId NewQueueId(mail::Time now, const Random& random) {
  return mail::QueueId::Make(now, static_cast<std::uint32_t>(random()));
}

}  // namespace queue
