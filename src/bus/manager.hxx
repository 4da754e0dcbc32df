// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "bus/error.hxx"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

struct sd_bus;

namespace bus {

/// A service that systemd makes for one run (org.freedesktop.systemd1(5)). Its sandbox comes from
/// the drop-ins of the name's prefix, so that little needs to be said here.
struct TransientService {
  /// Text, yes or no, a number, or a list, as the property's D-Bus type asks for.
  using Value = std::variant<std::string, bool, std::uint64_t, std::vector<std::string>>;

  struct BindPath {
    std::string source;
    std::string destination;
    bool optional = false;  ///< a missing source is no error
  };

  std::string name;  ///< "mailqueue-deliver-1000-7.service"
  std::string description;
  std::string user;                         ///< the number, so that PID 1 looks nothing up
  std::string executable;                   ///< absolute path
  std::vector<std::string> arguments;       ///< of main(), the program's name first
  std::vector<std::string> stop_arguments;  ///< the same executable's as ExecStopPost=; empty: there is none
  std::string slice;                        ///< empty: system.slice
  std::vector<BindPath> bind_paths;         ///< BindPaths=
  std::vector<std::pair<std::string, Value>> properties;  ///< any others, by the name of the D-Bus property
};

/// The systemd of this machine, over the system bus. Calls wait for the answer.
class Manager {
 public:
  enum class [[nodiscard]] Start {
    Accepted,  ///< the unit exists and its job is queued; whether it runs is not waited for
    Exists,    ///< a unit of that name exists: nothing has been done
  };

  /// Does not connect: the first call does, and the first one behind a connection that broke.
  Manager() noexcept;
  ~Manager();
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  /// StartTransientUnit in mode "fail", with CollectMode=inactive-or-failed.
  /// @param standard_input becomes descriptor 0 of the service; the caller may close theirs at once
  /// Throws Error.
  Start StartTransientService(const TransientService& service, FdRef standard_input);

  /// StartUnit in mode "fail": nothing for a unit that runs already. Throws Error.
  void StartUnit(const std::string& name);

 private:
  struct Close {
    void operator()(sd_bus* bus) const noexcept;
  };
  sd_bus* Connection();

  std::unique_ptr<sd_bus, Close> bus_;
};

}  // namespace bus
