// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>
#include <system_error>

/// A std::system_error whose what() reads "WHAT 'NAME': strerror".
/// @param code an errno value
[[nodiscard]] std::system_error MakeErrno(int code, std::string_view what, std::string_view name = {});

/// Throws MakeErrno for the errno of the call that has just failed.
[[noreturn]] void ThrowErrno(std::string_view what, std::string_view name = {});

/// True if @p error carries the errno value @p code.
[[nodiscard]] bool IsErrno(const std::system_error& error, int code) noexcept;
