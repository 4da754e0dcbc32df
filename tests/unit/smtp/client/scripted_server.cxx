// SPDX-License-Identifier: BSD-2-Clause
#include "unit/smtp/client/scripted_server.hxx"

#include <algorithm>
#include <numeric>
#include <utility>

using Need = smtp::Client::Need;

namespace {

constexpr std::string_view kText = "x";

}  // namespace

std::string ScriptedServer::Begin() {
  return Reply("", "220 mx.example\r\n");
}

std::string ScriptedServer::Reply(const std::string& command, std::string reply) {
  const auto index = replies++;
  if (replace) reply = replace(index, command).value_or(std::move(reply));
  gone_ = gone_ || reply.starts_with("421 ");
  return reply;
}

std::string ScriptedServer::Take(std::string_view said) {
  input_ += said;
  std::string replies_said;
  for (;;) {
    const auto end = input_.find("\r\n");
    if (end == input_.npos || gone_) return replies_said;
    const auto line = input_.substr(0, end);
    input_.erase(0, end + 2);
    replies_said += OnLine(line);
  }
}

std::string ScriptedServer::OnLine(const std::string& line) {
  if (in_text_ && line != ".") return "";
  if (std::exchange(in_text_, false)) return OnText(line);
  text_as_commands = text_as_commands || line == kText;
  if (line.starts_with("RCPT ")) {
    auto reply = Reply(line, open_ ? "250 ok\r\n" : "503 no sender\r\n");
    if (open_ && reply.starts_with("250 ")) recipients_.push_back(line);
    return reply;
  }
  if (line == "DATA") {
    auto reply = Reply(line, recipients_.empty() ? "554 nobody\r\n" : "354 go on\r\n");
    in_text_ = reply.starts_with("354 ");
    return reply;
  }
  if (line.find("HLO ") == 1) return Reply(line, "250-mx.example\r\n" + extensions + "250 OK\r\n");
  recipients_.clear();
  auto reply = Reply(line, line == "QUIT" ? "221 bye\r\n" : "250 ok\r\n");
  open_ = line.starts_with("MAIL") && reply.starts_with("250 ");
  return reply;
}

std::string ScriptedServer::OnText(const std::string& command) {
  text_seen = true;
  std::string all;
  const auto recipients = std::exchange(recipients_, {});
  if (recipients.empty()) return Reply(command, "554 nobody\r\n");
  for (std::size_t i = 0; i < (lmtp ? recipients.size() : 1); ++i) {
    all += Reply(command, "250 taken\r\n");
    if (!all.ends_with("250 taken\r\n")) continue;
    if (lmtp)
      taken.push_back(recipients[i]);
    else
      taken.insert(taken.end(), recipients.begin(), recipients.end());
  }
  return all;
}

Exchange Exchange::Run(ScriptedServer& server, smtp::SessionPolicy policy, const smtp::Message& message,
                       std::size_t piece, std::size_t cut) {
  Exchange exchange;
  smtp::Client client(std::move(policy), nullptr);
  std::string coming = server.Begin();
  bool begun = false;
  while (client.GetNeed() != Need::Close) {
    coming += server.Take(client.TakeOutput());
    if (client.GetNeed() == Need::Ready) {
      if (std::exchange(begun, true)) break;
      std::vector<std::size_t> recipients(message.envelope.recipients.size());
      std::iota(recipients.begin(), recipients.end(), 0);
      client.Begin(message, std::move(recipients));
    } else if (client.GetNeed() == Need::Text) {
      coming += server.Take(std::string(kText) + "\r\n.\r\n");
      client.OnTextSent();
    } else if (coming.empty() || exchange.octets >= cut || client.GetNeed() != Need::Input) {
      client.OnLost(mail::Deferred("4.4.2", "lost"));
    } else {
      const auto size = std::min({piece, coming.size(), cut - exchange.octets});
      client.OnInput(coming.substr(0, size));
      coming.erase(0, size);
      exchange.octets += size;
    }
  }
  exchange.report = client.TakeReport();
  exchange.ready = client.GetNeed() == Need::Ready;
  if (const auto* refusal = client.Refusal()) exchange.refusal = *refusal;
  return exchange;
}
