// SPDX-License-Identifier: BSD-2-Clause
#include "courier/command_output.hxx"

#include "base/error.hxx"
#include "base/text.hxx"
#include "base/utf8.hxx"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace courier {

namespace {

constexpr std::string_view kOutput = "mailqueue-output: 1\n";
constexpr std::size_t kPipeSize = 64 * 1024;  // pipe(7)

}  // namespace

CommandOutput::CommandOutput() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) < 0) ThrowErrno("Failed to make a pipe");
  reader_ = UniqueFd(fds[0]);
  writer_ = UniqueFd(fds[1]);
  // The writing end stays as commands expect theirs to be.
  if (::fcntl(reader_.Get(), F_SETFL, O_NONBLOCK) < 0) ThrowErrno("Failed to set up a pipe");
}

SendStatus CommandOutput::SendTo(FdRef socket) {
  const auto status = Send(socket, kOutput, writer_);
  if (status != SendStatus::WouldBlock) writer_.Close();
  return status;
}

bool CommandOutput::Drain() {
  std::array<char, kPipeSize> buffer;
  ssize_t n;
  do n = ::read(reader_.Get(), buffer.data(), buffer.size());
  while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN) return true;
  if (n < 0) ThrowErrno("Failed to read a command's output");
  std::string_view part(buffer.data(), static_cast<std::size_t>(n));
  if (line_.empty()) part.remove_prefix(std::min(part.find_first_not_of(" \t\r\n"), part.size()));
  if (!line_ended_ && !part.empty()) {
    const auto end = std::min(part.find('\n'), part.size());
    line_ += part.substr(0, std::min(end, kMaxLine - line_.size()));
    line_ended_ = end < part.size() || line_.size() == kMaxLine;
  }
  return n > 0;
}

void CommandOutput::AddTo(mail::DeliveryResult& result) const {
  if (line_.empty() || result.outcome == mail::Outcome::Delivered) return;
  std::string line = ReplaceInvalidUtf8(Trim(line_));
  std::ranges::replace_if(line, IsControl, ' ');
  result.text += ": " + line;
}

bool IsCommandOutput(const Packet& packet) noexcept {
  return packet.text == kOutput;
}

}  // namespace courier
