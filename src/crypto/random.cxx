// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/random.hxx"

#include <sys/random.h>
#include <unistd.h>

#include <string_view>

namespace crypto {

// With at most 256 octets asked for, getrandom(2) fails for no other reason and gives all of them.
std::uint32_t RandomBits() noexcept {
  std::uint32_t bits = 0;
  if (::getrandom(&bits, sizeof bits, GRND_NONBLOCK) < 0) bits = static_cast<std::uint32_t>(::getpid());
  return bits;
}

std::string RandomHex() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  auto bits = RandomBits();
  for (int digit = 0; digit < 8; ++digit, bits >>= 4) text += kDigits[bits & 0xf];
  return text;
}

}  // namespace crypto
