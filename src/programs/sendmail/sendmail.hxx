// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "submit/site.hxx"

#include <span>
#include <string>

/// The program behind main: does what the command line says and reports what fails in one line on standard
/// error.
/// @param words the program's name and its arguments
/// @return an exit status of sysexits(3)
[[nodiscard]] int RunSendmail(std::span<const std::string> words, const submit::Site& site);
