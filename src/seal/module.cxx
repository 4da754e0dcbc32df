// SPDX-License-Identifier: BSD-2-Clause
#include "seal/module.hxx"

#include <algorithm>
#include <exception>

extern "C" int mailqueue_seal(const char* text, std::size_t size, const unsigned char* key,
                              char* box) noexcept {
  try {
    crypto::Key recipient;
    std::copy_n(key, recipient.size(), recipient.begin());
    const auto sealed = seal::Seal({text, size}, recipient);
    std::copy(sealed.begin(), sealed.end(), box);
    return 0;
  } catch (const std::exception&) {
    return -1;
  }
}
