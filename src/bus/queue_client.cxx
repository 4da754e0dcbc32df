// SPDX-License-Identifier: BSD-2-Clause
#include "bus/queue_client.hxx"

#include "bus/marshal.hxx"
#include "bus/queue_proxy.hxx"

namespace bus {

class QueueClient::Impl final {
 public:
  Impl() : connection_(sdbus::createSystemBusConnection()), proxy_(*connection_) {}

  [[nodiscard]] org::mailqueue::Queue1_proxy& Get() noexcept { return proxy_; }

 private:
  class Proxy final : public sdbus::ProxyInterfaces<org::mailqueue::Queue1_proxy> {
   public:
    explicit Proxy(sdbus::IConnection& connection)
        : ProxyInterfaces(connection, BusName(kQueueName), sdbus::ObjectPath(kQueuePath)) {
      registerProxy();
    }
    ~Proxy() { unregisterProxy(); }
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;
  };

  std::unique_ptr<sdbus::IConnection> connection_;
  Proxy proxy_;
};

QueueClient::QueueClient() : impl_(Translate([] { return std::make_unique<Impl>(); })) {}

QueueClient::~QueueClient() = default;

std::vector<MessageStatus> QueueClient::List() {
  return Translate([&] {
    std::vector<MessageStatus> messages;
    auto part = impl_->Get().ListMessages();
    while (!part.empty()) {
      for (const auto& message : part) messages.push_back(FromWire(message));
      part = impl_->Get().ListMessagesAfter(messages.back().id);
    }
    return messages;
  });
}

unsigned QueueClient::Flush() {
  return Translate([&] { return impl_->Get().Flush(); });
}

std::vector<mail::RelayReport> QueueClient::TestRelay(const std::string& name) {
  return Translate([&] {
    std::vector<mail::RelayReport> reports;
    for (const auto& report : impl_->Get().TestRelay(name)) reports.push_back(FromWire(report));
    return reports;
  });
}

std::vector<RouteLine> QueueClient::Route(const std::string& sender,
                                          const std::vector<std::string>& addresses) {
  return Translate([&] {
    std::vector<RouteLine> lines;
    for (const auto& line : impl_->Get().Route(sender, addresses)) lines.push_back(FromWire(line));
    return lines;
  });
}

void QueueClient::FlushMessage(const std::string& id) {
  Translate([&] { impl_->Get().FlushMessage(id); });
}

unsigned QueueClient::Length() {
  return Translate([&] { return impl_->Get().QueueLength(); });
}

std::vector<std::string> QueueClient::Warnings() {
  return Translate([&] { return impl_->Get().ListWarnings(); });
}

}  // namespace bus
