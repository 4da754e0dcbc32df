// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "programs/deliver/mbox_entry.hxx"

#include <cstdint>

namespace deliver {

/// The part of a message that an interrupted attempt has left in a mailbox.
struct EarlierCopy {
  enum class Kind {
    None,
    Partial,  ///< the file ends in the entry's beginning
    Whole,    ///< the entry is there, on stable storage or not
  };
  Kind kind = Kind::None;
  std::uint64_t offset = 0;  ///< where the copy begins
};

/// Looks for @p entry among the last messages of an mbox: those within kSearchBack and the entry's own length
/// of the end. Further back it needs not look: what was delivered long ago has been recorded as delivered.
///
/// A whole copy is one that agrees in every octet, the queue ID among them. A partial copy begins where a
/// message begins (an empty line, then "From "), agrees in every octet, and is ended by the end of the file
/// before its own end. So what is taken for one holds nothing that the entry does not hold: if it is too
/// short to have the queue ID in it, it is but a separator line and fields without the empty line that every
/// message has behind them. Fewer than five octets are not taken for anything.
///
/// Reads in blocks. Throws std::system_error.
[[nodiscard]] EarlierCopy FindEarlierCopy(FdRef mailbox, std::uint64_t size, const MboxEntry& entry);

constexpr std::uint64_t kSearchBack = 16 * 1024 * 1024;  ///< octets

}  // namespace deliver
