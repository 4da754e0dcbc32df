// SPDX-License-Identifier: BSD-2-Clause
#include "queue/inspector.hxx"

#include "queue/probe.hxx"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace queue {

void Inspector::Explain(std::string sender, std::vector<std::string> addresses, std::optional<uid_t> reader,
                        uid_t share, std::stop_token gone, Explanation::Done done) {
  std::make_shared<Explanation>(environment_, router_, reader, share, std::move(gone), std::move(done))
      ->Start(std::move(sender), std::move(addresses));
}

void Inspector::TestRelay(const std::string& name, std::function<void(std::vector<mail::RelayReport>)> done) {
  const auto settings = environment_.settings.Refresh();
  Order order{MakeProbe(*settings, name, environment_.clock.Now(), environment_.random), {}, {}};
  order.done = [done = std::move(done)](const Reply& reply) { done(reply.reports); };
  environment_.couriers.Probe(std::move(order));
}

std::vector<std::string> Inspector::Warnings(const Reader& reader) const {
  auto texts = environment_.router.Faults();
  std::ranges::move(scheduler_.FoundFaults().For(reader), std::back_inserter(texts));
  if (const auto held = scheduler_.Held(); held > 0)
    texts.push_back(std::to_string(held) + (held == 1 ? " message is" : " messages are") +
                    " held until root has them tried again (mailqueuectl flush): nobody has taken the report "
                    "of a failure");
  return texts;
}

}  // namespace queue
