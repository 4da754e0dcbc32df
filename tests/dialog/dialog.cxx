// SPDX-License-Identifier: BSD-2-Clause
#include "dialog/dialog.hxx"

#include "base/text.hxx"

#include <fstream>
#include <stdexcept>

namespace {

using StartTls = smtp::SessionPolicy::StartTls;

std::string Unescape(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto end = std::string_view("nr0").find(text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : ' ');
    if (end == std::string_view::npos) {
      plain += text[i];
    } else {
      plain += std::string_view("\n\r\0", 3)[end];
      ++i;
    }
  }
  return plain;
}

bool SetTls(smtp::SessionPolicy& policy, const std::string& value) {
  policy.tls = value == "implicit";
  policy.starttls = value == "required"  ? StartTls::Required
                    : value == "offered" ? StartTls::IfOffered
                                         : StartTls::Never;
  return policy.tls || value == "never" || policy.starttls != StartTls::Never;
}

bool SetOfEnvelope(mail::Envelope& envelope, const std::string& key, const std::string& value) {
  if (key == "sender")
    envelope.sender = value;
  else if (key == "body")
    envelope.body = value;
  else if (key == "ret")
    envelope.ret = value;
  else if (key == "envid")
    envelope.envid = value;
  else if (key == "recipient")
    envelope.recipients.emplace_back().address = value;
  else if (key == "notify")
    envelope.recipients.back().notify = value;
  else if (key == "original")
    envelope.recipients.back().original = value;
  else
    return false;
  return true;
}

bool Set(Dialog& dialog, const std::string& key, const std::string& value) {
  if (key == "tls") return SetTls(dialog.policy, value);
  if (key == "protocol")
    dialog.policy.lmtp = value == "lmtp";
  else if (key == "helo")
    dialog.policy.helo = value;
  else if (key == "private")
    dialog.policy.private_channel = value == "yes";
  else if (key == "insecure-auth")
    dialog.policy.insecure_auth = value == "yes";
  else if (key == "login")
    dialog.login = value == "yes";
  else if (key == "message")
    dialog.message = Unescape(value);
  else
    return SetOfEnvelope(dialog.envelope, key, value);
  return true;
}

bool AddLine(Dialog& dialog, std::size_t number, const std::string& line) {
  if (line.starts_with("--- ")) {
    dialog.lines.push_back({number, '-', line.substr(4)});
    return true;
  }
  if (line.size() < 2 || std::string_view("SCR").find(line[0]) == std::string_view::npos || line[1] != ':')
    return false;
  dialog.lines.push_back({number, line[0], line.size() > 3 ? line.substr(3) : ""});
  return true;
}

}  // namespace

Dialog Dialog::Load(const std::filesystem::path& file) {
  std::ifstream stream(file);
  Dialog dialog;
  dialog.policy.helo = "client.example";
  bool settings = true;
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (line.starts_with('#')) continue;
    if (line.empty()) {
      settings = false;
      continue;
    }
    const auto colon = line.find(": ");
    const bool good = settings
                          ? colon != line.npos && Set(dialog, line.substr(0, colon), line.substr(colon + 2))
                          : AddLine(dialog, number, line);
    if (!good)
      throw std::runtime_error(file.string() + ":" + std::to_string(number) + ": not understood: " + line);
  }
  if (dialog.lines.empty()) throw std::runtime_error(file.string() + ": no dialog");
  return dialog;
}
