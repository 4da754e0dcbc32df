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

SmtpInput::Status SmtpInput::ReadLine(std::string& line, std::size_t limit) {
  line.clear();
  bool too_long = false;
  for (;;) {
    const auto octets = Peek();
    if (octets.empty()) return Status::End;  // a command without its line end is none
    const auto end = octets.find('\n');
    const auto part = octets.substr(0, end);
    too_long = too_long || line.size() + part.size() > limit;
    if (!too_long) line += part;
    Take(end == octets.npos ? octets.size() : end + 1);
    if (end != octets.npos) break;
  }
  crlf_ = line.ends_with('\r');
  if (crlf_) line.pop_back();
  return too_long ? Status::TooLong : Status::Line;
}

std::string_view SmtpDataSource::Next() {
  text_.clear();
  while (text_.empty() && !ended_)
    if (!Fill())
      throw submit::Refusal(EX_IOERR, "the client is gone in the middle of a message; nothing of it is sent");
  return text_;
}

bool SmtpDataSource::SkipRest() {
  while (!ended_ && Fill()) text_.clear();
  return ended_;
}

bool SmtpDataSource::Fill() {
  const auto octets = input_.Peek();
  std::size_t taken = 0;
  while (taken < octets.size() && !ended_) OnOctet(octets[taken++]);
  input_.Take(taken);
  // The last line has its LF: the dot that ended the message began another one.
  return !octets.empty();
}

void SmtpDataSource::OnOctet(char c) {
  const auto state = state_;
  if (state == State::LineStart && c == '.') {
    state_ = State::Dot;
  } else if (state == State::Dot && c == '\r') {
    state_ = State::DotCr;
  } else if ((state == State::DotCr && c == '\n') || (state == State::Dot && c == '\n' && !strict_)) {
    ended_ = true;
  } else {
    if (state == State::DotCr) text_ += '\r';
    OnText(c);
  }
}

void SmtpDataSource::OnText(char c) {
  const bool after_cr = state_ == State::Cr;
  if (after_cr && c != '\n') text_ += '\r';
  if (c != '\r') text_ += c;
  if (c == '\r')
    state_ = State::Cr;
  else if (c == '\n' && (after_cr || !strict_))
    state_ = State::LineStart;
  else
    state_ = State::Text;
}
