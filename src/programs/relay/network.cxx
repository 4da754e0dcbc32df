// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/network.hxx"

#include "service/journal.hxx"

#include <utility>

namespace relay {

Network::Network(const asio::any_io_executor& executor, dns::SystemFiles files)
    : resolver(executor, std::move(files), [](const std::string& text) { service::Log(LOG_WARNING, text); }) {
}

}  // namespace relay
