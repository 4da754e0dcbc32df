// SPDX-License-Identifier: BSD-2-Clause
#include "submit/source.hxx"

#include "submit/refusal.hxx"

#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace submit {

std::size_t RemoveCarriageReturns(char* text, std::size_t size) noexcept {
  const char* const end = text + size;
  auto* in = static_cast<char*>(std::memchr(text, '\r', size));
  if (!in) return size;
  char* out = in;
  while (in != end) {
    if (in + 1 != end && in[1] == '\n') ++in;
    *out++ = *in++;  // what stands here: a bare CR, or the LF
    auto* next = static_cast<char*>(std::memchr(in, '\r', static_cast<std::size_t>(end - in)));
    const auto plain = static_cast<std::size_t>((next ? next : end) - in);
    std::memmove(out, in, plain);
    out += plain;
    in += plain;
  }
  return static_cast<std::size_t>(out - text);
}

FdSource::FdSource(FdRef fd, EndOfMessage end)
    : fd_(fd), end_(end), buffer_(std::make_unique_for_overwrite<char[]>(kBufferSize)) {
  struct stat status;
  const bool is_file = ::fstat(fd_.Get(), &status) == 0 && S_ISREG(status.st_mode);
  const off_t position = is_file ? ::lseek(fd_.Get(), 0, SEEK_CUR) : -1;
  if (position >= 0) position_ = static_cast<std::uint64_t>(position);
}

std::string_view FdSource::Next() {
  std::memmove(buffer_.get(), buffer_.get() + returned_, held_);
  returned_ = 0;
  while (!ended_) {
    const auto count = Read();
    const auto text = Take(held_ + count, count == 0);
    if (!text.empty()) return text;
  }
  return {};
}

std::size_t FdSource::Read() {
  const auto room = kBufferSize - held_ - 1;
  ssize_t n;
  do n = ::read(fd_.Get(), buffer_.get() + held_, room);
  while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EBADF) throw Refusal(EX_NOINPUT, "no message: standard input is closed");
  if (n < 0) throw Refusal(EX_IOERR, std::string("reading the message failed: ") + std::strerror(errno));
  if (position_) *position_ += static_cast<std::uint64_t>(n);
  return static_cast<std::size_t>(n);
}

// Decides about the first octets of the buffer and keeps the rest for the next call.
std::string_view FdSource::Take(std::size_t read, bool last) {
  const auto size = RemoveCarriageReturns(buffer_.get(), read);
  origin_.reset();
  if (position_ && size == read) origin_ = FileOrigin{fd_, *position_ - read};
  const std::string_view text(buffer_.get(), size);
  std::size_t whole = FindLoneDot(text, last);
  ended_ = last || whole != text.npos;
  if (whole == text.npos) whole = last ? size : size - CountUndecided(text);
  held_ = ended_ ? 0 : size - whole;
  if (whole > 0) {
    anything_ = true;
    at_line_start_ = text[whole - 1] == '\n';
  }
  if (ended_ && anything_ && !at_line_start_) {
    // Only reached at the end of the file: a lone dot follows a line end.
    buffer_[whole++] = '\n';
    at_line_start_ = true;
    origin_.reset();
  }
  returned_ = whole;
  return {buffer_.get(), whole};
}

// Where the line of a single dot begins.
std::size_t FdSource::FindLoneDot(std::string_view text, bool last) const noexcept {
  if (end_ != EndOfMessage::LoneDot) return text.npos;
  if (at_line_start_ && (text.starts_with(".\n") || (last && text == "."))) return 0;
  const auto found = text.find("\n.\n");
  if (found != text.npos) return found + 1;
  return last && text.ends_with("\n.") ? text.size() - 1 : text.npos;
}

// A CR, a dot at the start of a line, or both, at the very end.
std::size_t FdSource::CountUndecided(std::string_view text) const noexcept {
  const std::size_t cr = text.ends_with('\r') ? 1 : 0;
  const auto before = text.substr(0, text.size() - cr);
  if (end_ != EndOfMessage::LoneDot || !before.ends_with('.')) return cr;
  const auto line = before.substr(0, before.size() - 1);
  return line.empty() ? (at_line_start_ ? cr + 1 : cr) : (line.back() == '\n' ? cr + 1 : cr);
}

}  // namespace submit
