// SPDX-License-Identifier: BSD-2-Clause
#include "scripted_server.hxx"

#include <asio/buffer.hpp>
#include <asio/read_until.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <functional>
#include <utility>

using asio::ip::tcp;

namespace machine {

namespace {

std::string UsualReply(const std::string& place) {
  if (place == "greeting") return "220 scripted.example\r\n";
  if (place == "EHLO")
    return "250-scripted.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH "
           "PLAIN\r\n";
  if (place == "AUTH") return "235 2.7.0 welcome\r\n";
  if (place == "DATA") return "354 go on\r\n";
  if (place == ".") return std::string(ScriptedServer::kTaken);
  return place == "QUIT" ? "221 2.0.0 bye\r\n" : "250 2.0.0 ok\r\n";
}

}  // namespace

// One connection.
class ScriptedServer::Dialog {
 public:
  Dialog(tcp::socket& client, const Script& script) : client_(client), script_(script) {}

  /// @param keep called for each message, with its reply, before that is sent
  asio::awaitable<void> Run(const std::function<void(std::string text, std::string reply)>& keep) {
    co_await Say("greeting");
    for (std::string place; place != "QUIT";) {
      const auto line = co_await ReadTo("\n");
      place = line.substr(0, line.find_first_of(" \r\n"));
      co_await Say(place);
      if (place != "DATA" || !ReplyTo(place).starts_with("354")) continue;
      while (script_.deaf) co_await Wait(std::chrono::hours(1));
      keep(co_await ReadTo("\r\n.\r\n"), ReplyTo("."));
      co_await Say(".");
    }
  }

 private:
  [[nodiscard]] std::string ReplyTo(const std::string& place) const {
    const auto found = script_.replies.find(place);
    return found == script_.replies.end() ? UsualReply(place) : found->second;
  }

  asio::awaitable<void> Say(const std::string& place) {
    const auto reply = ReplyTo(place);
    const auto piece = script_.pause.count() > 0 ? 1 : reply.size();
    for (std::size_t said = 0; said < reply.size(); said += piece) {
      if (script_.pause.count() > 0) co_await Wait(script_.pause);
      co_await asio::async_write(client_, asio::buffer(reply.data() + said, piece), asio::use_awaitable);
    }
    if (script_.closes && script_.replies.contains(place)) client_.close();
  }

  asio::awaitable<std::string> ReadTo(std::string_view end) {
    const auto size =
        co_await asio::async_read_until(client_, asio::dynamic_buffer(input_), end, asio::use_awaitable);
    auto text = input_.substr(0, size);
    input_.erase(0, size);
    co_return text;
  }

  asio::awaitable<void> Wait(std::chrono::milliseconds time) {
    asio::steady_timer timer(client_.get_executor(), time);
    co_await timer.async_wait(asio::use_awaitable);
  }

  tcp::socket& client_;
  const Script& script_;
  std::string input_;
};

ScriptedServer::ScriptedServer(std::vector<Script> scripts)
    : scripts_(std::move(scripts)),
      hosts_([this](tcp::socket client, std::size_t host) { return Serve(std::move(client), host); }) {}

asio::awaitable<void> ScriptedServer::Serve(tcp::socket client, std::size_t host) {
  const auto script = Find(host);
  client.set_option(tcp::no_delay(true));
  Dialog dialog(client, script);
  const auto keep = [&](std::string text, std::string reply) {
    text.resize(text.size() - 3);
    Keep({host, std::move(text), std::move(reply)});
  };
  co_await dialog.Run(keep);
}

void ScriptedServer::Behave() {
  const std::lock_guard lock(mutex_);
  scripts_.clear();
}

Script ScriptedServer::Find(std::size_t host) const {
  const std::lock_guard lock(mutex_);
  return host < scripts_.size() ? scripts_[host] : Script{};
}

void ScriptedServer::Keep(Copy copy) {
  const std::lock_guard lock(mutex_);
  copies_.push_back(std::move(copy));
}

std::vector<ScriptedServer::Copy> ScriptedServer::Copies() const {
  const std::lock_guard lock(mutex_);
  return copies_;
}

}  // namespace machine
