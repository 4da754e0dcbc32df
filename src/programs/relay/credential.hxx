// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "sasl/secret.hxx"

#include <optional>
#include <string>

namespace relay {

/// The secret of a label, from the unit's credentials; empty if there is none. @p why then says
/// what to do about it. Throws std::system_error if it can't be read.
[[nodiscard]] std::optional<sasl::Secret> FindSecret(const std::string& label, std::string& why);

/// The file of a label's credential; empty if there is none.
[[nodiscard]] std::string FindSecretFile(const std::string& label);

/// The user name of a label's secret, which may stand there alone; empty if there is none, as with
/// FindSecret.
[[nodiscard]] std::optional<std::string> FindUserName(const std::string& label, std::string& why);

/// The file where the administrator keeps the secret of a label.
[[nodiscard]] std::string SecretPath(const std::string& label);

}  // namespace relay
