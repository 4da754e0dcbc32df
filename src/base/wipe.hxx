// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstring>
#include <string>

/// Overwrites a secret, in a way that no compiler leaves out, and with it what a move or a shorter text has
/// left behind its end: a short string is copied where a long one is moved. It is empty then. Copies that
/// were made of it stay.
inline void Wipe(std::string& text) noexcept {
  text.resize(text.capacity());
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}
