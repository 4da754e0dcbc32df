// SPDX-License-Identifier: BSD-2-Clause
#include "route/alias_entry.hxx"

#include "base/text.hxx"

namespace route {

std::optional<std::string> FindOwnerless(const mail::Destination& destination) {
  using Kind = mail::Destination::Kind;
  const bool is_place = destination.kind == Kind::File || destination.kind == Kind::Include;
  if (destination.kind == Kind::User && destination.text.empty())
    return Quote(destination.ToString()) + " names no user here; write ! and the name of a user";
  if (is_place && destination.text.starts_with("~/"))
    return Quote(destination.ToString()) + " is in nobody's home here; write a path that begins with /";
  return std::nullopt;
}

}  // namespace route
