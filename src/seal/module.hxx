// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "seal/box.hxx"

namespace seal {

/// Seal(), by a module that is loaded for it, so that programs which seal now and then start without OpenSSL.
/// Throws std::runtime_error.
[[nodiscard]] std::string SealByModule(std::string_view text, const crypto::Key& key);

}  // namespace seal

/// The functions of the module.
/// @param box has room for kOverhead octets more than @p text
/// @return 0, or -1 where it fails
extern "C" int mailqueue_seal(const char* text, std::size_t size, const unsigned char* key,
                              char* box) noexcept;
