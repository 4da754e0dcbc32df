// SPDX-License-Identifier: BSD-2-Clause
#include "base/error.hxx"

#include "base/text.hxx"

#include <cerrno>

std::system_error MakeErrno(int code, std::string_view what, std::string_view name) {
  std::string text(what);
  if (!name.empty()) text += " " + Quote(name);
  return {code, std::generic_category(), text};
}

void ThrowErrno(std::string_view what, std::string_view name) {
  throw MakeErrno(errno, what, name);
}

bool IsErrno(const std::system_error& error, int code) noexcept {
  return error.code() == std::error_code(code, std::generic_category());
}
