// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <string>
#include <thread>
#include <vector>

/// A submit socket that takes one stream, keeps it, and answers; before it, maybe, others in vain. In a
/// thread of its own.
class FakeRunner {
 public:
  /// @param reply the line to answer with; empty: close without one
  /// @param after octets to read before it answers; the whole stream by default
  /// @param before likewise, for the connections before that one
  FakeRunner(const std::string& path, std::string reply, std::size_t after = SIZE_MAX,
             std::vector<std::string> before = {});
  ~FakeRunner();
  FakeRunner(const FakeRunner&) = delete;
  FakeRunner& operator=(const FakeRunner&) = delete;

  /// Waits for the stream's end.
  [[nodiscard]] const std::string& Stream();

 private:
  void Serve();
  void ServeOne(const std::string& reply);

  std::string reply_;
  std::vector<std::string> before_;
  std::size_t after_;
  UniqueFd socket_;
  std::string stream_;
  std::thread thread_;
};
