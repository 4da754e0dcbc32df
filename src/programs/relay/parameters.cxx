// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/parameters.hxx"

namespace relay {

Parameters MakeParameters(const config::RelayOptions& options) noexcept {
  const auto convert = [](mail::Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
  };
  Parameters parameters;
  auto& timeouts = parameters.timeouts;
  timeouts.connect = convert(options.connect_timeout);
  timeouts.tls = convert(options.tls_timeout);
  timeouts.greeting = convert(options.greeting_timeout);
  timeouts.command = convert(options.command_timeout);
  timeouts.mail = convert(options.mail_timeout);
  timeouts.rcpt = convert(options.recipient_timeout);
  timeouts.data = convert(options.data_timeout);
  timeouts.block = convert(options.block_timeout);
  timeouts.text = convert(options.end_timeout);
  parameters.connections = options.connections;
  parameters.messages_per_connection = options.messages_per_connection;
  parameters.idle = convert(options.idle_timeout);
  return parameters;
}

}  // namespace relay
