// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <openssl/crypto.h>

#include <string>

namespace relay {

/// Overwrites a secret, in a way that no compiler leaves out. Copies that were made of it stay.
inline void Wipe(std::string& text) noexcept {
  OPENSSL_cleanse(text.data(), text.size());
}

}  // namespace relay
