// SPDX-License-Identifier: BSD-2-Clause
#include "table/socket_table.hxx"

#include "base/error.hxx"
#include "base/text.hxx"
#include "table/key.hxx"
#include "table/table_protocol.hxx"

#include <cerrno>
#include <system_error>

namespace table {

namespace {

using protocol::Registration;

// The protocol wants a name of the table: the socket's, without what ends a field or a line.
std::string NameOf(const std::string& path) {
  auto name = path.substr(path.rfind('/') + 1);
  std::erase_if(name, [](char c) { return c == '|' || static_cast<unsigned char>(c) < 0x20; });
  return name;
}

std::string Request(const std::string& name, std::uint64_t id, const std::string& key) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  return protocol::LookupRequest(name, id, key, micros / 1000000, micros % 1000000);
}

// The program has closed the connection, for example because it was restarted.
bool IsLost(const std::system_error& error) noexcept {
  return IsErrno(error, EPIPE) || IsErrno(error, ECONNRESET);
}

constexpr char kClosed[] = "the program has closed the connection";

std::string Explain(const std::system_error& error) {
  if (IsErrno(error, ETIMEDOUT)) return "no answer in time";
  if (IsErrno(error, EMSGSIZE)) return "the answer is too long";
  if (IsLost(error)) return kClosed;
  return error.code().message();
}

}  // namespace

SocketTable::SocketTable(std::string path, std::chrono::milliseconds wait)
    : path_(std::move(path)), name_(NameOf(path_)), wait_(wait) {}

std::optional<Found> SocketTable::Lookup(std::string_view key) {
  const auto normal = NormaliseKey(key);
  if (!normal) return std::nullopt;
  const auto deadline = std::chrono::steady_clock::now() + wait_;
  try {
    return Read(Ask(Request(name_, ++id_, *normal), deadline));
  } catch (const std::system_error& error) {
    channel_.reset();
    Fail(Explain(error));
  } catch (const Unavailable&) {
    // The next answer on this connection may be the rest of the one that was not understood, so it is closed.
    channel_.reset();
    throw;
  }
}

std::string SocketTable::Ask(const std::string& request, LineChannel::Deadline deadline) {
  if (channel_) {
    if (auto line = TryAsk(request, deadline)) return *line;
  }
  Connect(deadline);
  auto line = TryAsk(request, deadline);
  if (!line) Fail(kClosed);
  return *line;
}

// Empty if the program has closed the connection.
std::optional<std::string> SocketTable::TryAsk(const std::string& request, LineChannel::Deadline deadline) {
  try {
    channel_->Send(request, deadline);
    return channel_->Receive(deadline);
  } catch (const std::system_error& error) {
    if (!IsLost(error)) throw;
    return std::nullopt;
  }
}

void SocketTable::Connect(LineChannel::Deadline deadline) {
  channel_.reset();
  channel_ = std::make_unique<LineChannel>(path_, kMaxLine, deadline);
  channel_->Send(protocol::Greeting(name_), deadline);
  AwaitServices(deadline);
}

void SocketTable::AwaitServices(LineChannel::Deadline deadline) {
  bool served = false;
  for (std::size_t count = 0; count <= kMaxServices; ++count) {
    const auto line = channel_->Receive(deadline);
    if (!line) Fail(kClosed);
    switch (protocol::ParseRegistration(*line)) {
      case Registration::Service:
        served = true;
        break;
      case Registration::Other:
        break;
      case Registration::Ready:
        if (!served) Fail("the program does not serve '" + std::string(protocol::kService) + "'");
        return;
      case Registration::Bad:
        Fail(Quote(*line) + " registers no service");
    }
  }
  Fail("the program registers too many services");
}

std::optional<Found> SocketTable::Read(std::string_view line) const {
  auto reply = protocol::ParseLookupReply(line, id_);
  if (auto* const found = std::get_if<protocol::FoundValue>(&reply))
    return Found{std::move(found->value), "socket:" + path_};
  if (const auto* const error = std::get_if<protocol::LookupError>(&reply))
    Fail("the program says " + Quote(error->text));
  if (const auto* const malformed = std::get_if<protocol::Malformed>(&reply)) Fail(malformed->why);
  return std::nullopt;
}

void SocketTable::Fail(const std::string& why) const {
  throw Unavailable("failed to ask socket:" + path_ + ": " + why);
}

}  // namespace table
