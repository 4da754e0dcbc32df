// SPDX-License-Identifier: BSD-2-Clause
#pragma once

namespace table {

/// The characters between a key and its value.
enum class Separator {
  Any,    ///< a colon or a blank
  Colon,  ///< a colon: in aliases a line without one is a mistake
};

}  // namespace table
