// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"

#include <cstdint>

namespace smtp {

/// A message, as its transactions see it.
struct Message {
  const mail::Envelope& envelope;  ///< outlives this
  std::uint64_t size = 0;          ///< octets, with LF for CRLF
  bool eight_bit = false;          ///< there are octets over 127 in it
};

}  // namespace smtp
