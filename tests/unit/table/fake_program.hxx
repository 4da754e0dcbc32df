// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

/// A program that serves a table on a Unix socket, in a thread, one connection after the other.
class FakeProgram {
 public:
  class Connection {
   public:
    explicit Connection(FdRef fd) noexcept : fd_(fd) {}
    /// A line without its end; empty at the end of the connection.
    [[nodiscard]] std::string ReadLine();
    /// False if the other side has closed.
    bool Send(std::string_view text) const;
    /// Reads up to "config|ready" and sends @p services.
    void Greet(std::string_view services = "register|alias\nregister|ready\n");
    /// Reads until the other side closes.
    void AwaitClose();
    /// Reads nothing. @return whether the other side has closed before this time was over
    [[nodiscard]] bool IsClosedWithin(std::chrono::milliseconds limit) const;

   private:
    FdRef fd_;
    std::string received_;
  };
  using Serve = std::function<void(Connection& connection)>;

  FakeProgram(const std::string& path, Serve serve);
  ~FakeProgram();

  [[nodiscard]] int Connections() const noexcept { return connections_; }

 private:
  void Run();

  UniqueFd listener_;
  Serve serve_;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

/// The id in a request.
[[nodiscard]] std::string IdOf(const std::string& request);
/// What a good program sends.
[[nodiscard]] std::string Result(const std::string& request, const std::string& result);
