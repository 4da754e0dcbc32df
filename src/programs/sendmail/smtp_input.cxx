// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/smtp_input.hxx"

#include "submit/refusal.hxx"

#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

std::string_view SmtpInput::Peek() {
  if (begin_ == end_) {
    ssize_t n;
    do n = ::read(fd_.Get(), buffer_.data(), buffer_.size());
    while (n < 0 && errno == EINTR);
    if (n < 0)
      throw submit::Refusal(EX_IOERR, std::string("reading standard input failed: ") + std::strerror(errno));
    begin_ = 0;
    end_ = static_cast<std::size_t>(n);
  }
  return {buffer_.data() + begin_, end_ - begin_};
}

std::string_view SmtpDataSource::Next() {
  text_.clear();
  while (text_.empty() && !decoder_.IsEnded())
    if (!Fill())
      throw submit::Refusal(EX_IOERR, "the client is gone in the middle of a message; nothing of it is sent");
  return text_;
}

bool SmtpDataSource::SkipRest() {
  while (!decoder_.IsEnded() && Fill()) text_.clear();
  return decoder_.IsEnded();
}

bool SmtpDataSource::Fill() {
  const auto octets = input_.Peek();
  input_.Take(decoder_.Take(octets, text_));
  return !octets.empty();
}
