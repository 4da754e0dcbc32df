// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "deadline.hxx"

#include <map>
#include <memory>
#include <string>
#include <vector>

struct sd_bus;
struct sd_bus_message;

namespace machine {

/// The systemd of this machine, asked as systemctl(1) asks it; to start that program for every question takes
/// longer than most answers. Calls wait, and throw std::runtime_error.
class Manager {
 public:
  Manager();
  ~Manager();
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  /// Returns when all of them have started.
  void Start(const std::vector<std::string>& units);
  /// Returns when all of them have stopped, or somebody has had one started again. One that is not there has
  /// stopped.
  void Stop(const std::vector<std::string>& units);
  /// Has it read its configuration again, if it runs.
  void TryReload(const std::string& unit);
  /// All units that have failed have not, and may be started as often as if they never had been.
  void ResetFailed();

  /// The ActiveState= of each loaded unit whose name fits.
  [[nodiscard]] std::map<std::string, std::string> States(const std::string& pattern);

 private:
  struct Unref {
    void operator()(sd_bus* bus) const;
    void operator()(sd_bus_message* message) const;
  };
  using Message = std::unique_ptr<sd_bus_message, Unref>;

  Message Next(const Deadline& deadline);
  Message Call(const char* method, const std::vector<std::string>& arguments);
  std::map<std::string, std::string> RunJobs(const char* method, const std::vector<std::string>& units);

  std::unique_ptr<sd_bus, Unref> bus_;
};

}  // namespace machine
