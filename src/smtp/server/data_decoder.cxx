// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/server/data_decoder.hxx"

namespace smtp::server {

// The last line has its LF: the dot that ends the message begins another one.
std::size_t DataDecoder::Take(std::string_view octets, std::string& text) {
  std::size_t taken = 0;
  while (taken < octets.size() && !ended_) OnOctet(octets[taken++], text);
  return taken;
}

void DataDecoder::OnOctet(char c, std::string& text) {
  const auto state = state_;
  if (state == State::LineStart && c == '.') {
    state_ = State::Dot;
  } else if (state == State::Dot && c == '\r') {
    state_ = State::DotCr;
  } else if ((state == State::DotCr && c == '\n') || (state == State::Dot && c == '\n' && !strict_)) {
    ended_ = true;
  } else {
    if (state == State::DotCr) text += '\r';
    OnText(c, text);
  }
}

void DataDecoder::OnText(char c, std::string& text) {
  const bool after_cr = state_ == State::Cr;
  if (after_cr && c != '\n') text += '\r';
  if (c != '\r') text += c;
  if (c == '\r')
    state_ = State::Cr;
  else if (c == '\n' && (after_cr || !strict_))
    state_ = State::LineStart;
  else
    state_ = State::Text;
}

}  // namespace smtp::server
