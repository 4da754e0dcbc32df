// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

/// How this process asks the services of nsswitch.conf(5) about users and groups.
///
/// By default the C library passes over a service that does not answer, and what the last one says counts:
/// while a directory is away, or /etc/passwd can't be read, that is "no such user".
namespace name_services {

/// From now on a look-up fails as soon as one service on its way does. For programs only, at their start: it
/// holds for the whole process, so a library must not call it.
void StopAtOutages() noexcept;

/// After StopAtOutages: follows nsswitch.conf, if it has changed. Every look-up begins with this. A file that
/// is missing or says nothing of users leaves in force what it said before. Throws std::system_error if it
/// can't be read. Any thread.
void Refresh();

/// A service that is asked about users and is not installed, so that the C library passes over it, whatever
/// has been asked for above; empty: there is none, or StopAtOutages was not called. Any thread.
[[nodiscard]] std::string MissingService();

/// The first of @p services that is not installed; empty: none.
[[nodiscard]] std::string FindMissing(std::string_view services);

/// The services that @p text, in the form of nsswitch.conf, has for @p database; empty: none.
[[nodiscard]] std::string ServicesOf(std::string_view text, std::string_view database);

/// @p services, with "[UNAVAIL=return TRYAGAIN=return]" behind each that has no action of its own.
[[nodiscard]] std::string WithStops(std::string_view services);

}  // namespace name_services
