// SPDX-License-Identifier: BSD-2-Clause
#include "queue/spool_store.hxx"

#include "base/error.hxx"

#include <array>
#include <cerrno>
#include <utility>

namespace queue {

namespace {

constexpr std::size_t kBlock = 16 * 1024;  // octets

class SpoolScan final : public Store::Scan {
 public:
  explicit SpoolScan(const spool::Queue& queue) : scan_(queue) {}

  [[nodiscard]] std::optional<mail::QueueId> Next() override { return scan_.Next(); }
  [[nodiscard]] bool AtEnd() const noexcept override { return scan_.AtEnd(); }
  [[nodiscard]] std::string Fault() const override { return scan_.Fault(); }

 private:
  spool::QueueScan scan_;
};

}  // namespace

mail::HeaderReader SpoolStore::ReadHeader(const mail::QueueId& id) const {
  const auto message = queue_.OpenMessage(id);
  mail::HeaderReader reader;
  std::array<char, kBlock> block;
  for (off_t offset = 0;;) {
    const ssize_t n = queue_.OnDisk().PRead(message, block, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowErrno("Failed to read a message");
    if (n == 0) break;
    if (reader.Add({block.data(), static_cast<std::size_t>(n)}) != mail::HeaderReader::State::Reading)
      return reader;
    offset += n;
  }
  reader.Finish();
  return reader;
}

bool SpoolStore::Add(mail::Envelope& envelope, const std::string& message) {
  if (queue_.Contains(envelope.id)) {
    queue_.SyncNames();
    envelope.message_size = message.size();
    return false;
  }
  spool::QueueBatch batch(queue_);
  batch.Add(envelope, message);
  envelope = std::move(batch.Commit().front());
  return true;
}

std::unique_ptr<Store::Scan> SpoolStore::MakeScan() {
  return std::make_unique<SpoolScan>(queue_);
}

}  // namespace queue
