// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/couriers/launcher_link.hxx"

#include "base/error.hxx"
#include "courier/packet.hxx"
#include "service/journal.hxx"

#include <syslog.h>

#include <cerrno>
#include <exception>
#include <utility>

namespace runner {

void LauncherLink::Launch(courier::LaunchKind kind, uid_t uid, UniqueFd agent_end, Reply on_reply) {
  if (!socket_) Open();
  const courier::LaunchRequest request{kind, uid, next_serial_++};
  const auto status = courier::Send(FdRef(socket_->native_handle()), request.ToText(), agent_end);
  if (status == courier::SendStatus::Closed) Close();
  if (status != courier::SendStatus::Sent)
    throw MakeErrno(status == courier::SendStatus::Closed ? ECONNRESET : EAGAIN,
                    "Failed to reach the launcher");
  pending_.emplace(request.serial, std::move(on_reply));
}

void LauncherLink::Open() {
  auto socket = courier::Connect(path_);
  auto& opened = socket_.emplace(context_);
  try {
    opened.assign(socket.Get());
    static_cast<void>(socket.Release());
    opened.non_blocking(true);
  } catch (...) {
    socket_.reset();
    throw;
  }
  WaitReadable();
}

void LauncherLink::LetGo() {
  if (--holders_ == 0) Close();
}

void LauncherLink::Close() {
  socket_.reset();
  pending_.clear();
}

void LauncherLink::WaitReadable() {
  socket_->async_wait(asio::posix::descriptor_base::wait_read, [this](std::error_code error) {
    if (!error) OnReadable();
  });
}

void LauncherLink::ReadLater() {
  later_.expires_after(courier::kShortageDelay);
  later_.async_wait([this](std::error_code error) {
    if (!error && socket_) OnReadable();
  });
}

void LauncherLink::OnReadable() {
  try {
    courier::Packet packet;
    while (socket_) {
      const auto status = courier::Receive(FdRef(socket_->native_handle()), packet);
      if (status == courier::ReceiveStatus::WouldBlock) return WaitReadable();
      if (status == courier::ReceiveStatus::Shortage) return ReadLater();
      if (status == courier::ReceiveStatus::Closed) return Close();
      const auto reply = courier::LaunchReply::Parse(packet.text);
      if (!reply) return Close();
      if (auto pending = pending_.extract(reply->serial))
        pending.mapped()(reply->ok ? std::string() : reply->text);
    }
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string("Lost the launcher: ") + e.what());
    Close();
  }
}

}  // namespace runner
