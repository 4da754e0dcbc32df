// SPDX-License-Identifier: BSD-2-Clause
#include "bus/manager.hxx"

#include <systemd/sd-bus.h>

#include <sys/mount.h>

#include <cstring>
#include <optional>
#include <type_traits>

// Plain sd-bus: the launcher is the one program that may start units, and stays small without a C++ binding.
namespace bus {

namespace {

constexpr char kDestination[] = "org.freedesktop.systemd1";
constexpr char kPath[] = "/org/freedesktop/systemd1";
constexpr char kInterface[] = "org.freedesktop.systemd1.Manager";
constexpr char kUnitExists[] = "org.freedesktop.systemd1.UnitExists";
constexpr std::uint64_t kTimeout = 20'000'000;  // microseconds

using Message =
    std::unique_ptr<sd_bus_message, decltype([](sd_bus_message* m) { ::sd_bus_message_unref(m); })>;

void Check(int result, const char* what) {
  if (result < 0) throw Error(SD_BUS_ERROR_FAILED, std::string(what) + ": " + std::strerror(-result));
}

/// Writes the arguments of a call; what is opened is closed by the end of the function given.
class Writer {
 public:
  explicit Writer(sd_bus_message* message) noexcept : message_(message) {}

  template <typename... Args>
  void Append(const char* types, Args... args) {
    Check(::sd_bus_message_append(message_, types, args...), "Failed to write a D-Bus message");
  }

  template <typename Content>
  void Container(char type, const char* contents, const Content& content) {
    Check(::sd_bus_message_open_container(message_, type, contents), "Failed to write a D-Bus message");
    content();
    Check(::sd_bus_message_close_container(message_), "Failed to write a D-Bus message");
  }

  /// One property of a unit: its name and a variant.
  template <typename Content>
  void Property(const std::string& name, const char* type, const Content& content) {
    Container('r', "sv", [&] {
      Append("s", name.c_str());
      Container('v', type, content);
    });
  }

  void String(const std::string& name, const std::string& value) {
    Property(name, "s", [&] { Append("s", value.c_str()); });
  }

  void Strings(const std::vector<std::string>& list) {
    Container('a', "s", [&] {
      for (const auto& text : list) Append("s", text.c_str());
    });
  }

 private:
  sd_bus_message* message_;
};

void WriteValue(Writer& to, const std::string& name, const TransientService::Value& value) {
  std::visit(
      [&](const auto& v) {
        using Type = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<Type, std::string>)
          to.String(name, v);
        else if constexpr (std::is_same_v<Type, bool>)
          to.Property(name, "b", [&] { to.Append("b", int{v}); });
        else if constexpr (std::is_same_v<Type, std::uint64_t>)
          to.Property(name, "t", [&] { to.Append("t", v); });
        else
          to.Property(name, "as", [&] { to.Strings(v); });
      },
      value);
}

void WriteExec(Writer& to, const char* property, const std::string& executable,
               const std::vector<std::string>& arguments) {
  if (arguments.empty()) return;
  to.Property(property, "a(sasb)", [&] {
    to.Container('a', "(sasb)", [&] {
      to.Container('r', "sasb", [&] {
        to.Append("s", executable.c_str());
        to.Strings(arguments);
        to.Append("b", 0);  // a failure is a failure
      });
    });
  });
}

void WriteBindPaths(Writer& to, const std::vector<TransientService::BindPath>& paths) {
  if (paths.empty()) return;
  to.Property("BindPaths", "a(ssbt)", [&] {
    to.Container('a', "(ssbt)", [&] {
      for (const auto& path : paths)
        to.Append("(ssbt)", path.source.c_str(), path.destination.c_str(), int{path.optional},
                  std::uint64_t{MS_REC});
    });
  });
}

void WriteProperties(Writer& to, const TransientService& service, FdRef standard_input) {
  to.String("Description", service.description);
  to.String("User", service.user);
  to.String("CollectMode", "inactive-or-failed");
  if (!service.slice.empty()) to.String("Slice", service.slice);
  to.Property("StandardInputFileDescriptor", "h", [&] { to.Append("h", standard_input.Get()); });
  WriteExec(to, "ExecStart", service.executable, service.arguments);
  WriteExec(to, "ExecStopPost", service.executable, service.stop_arguments);
  WriteBindPaths(to, service.bind_paths);
  for (const auto& [name, value] : service.properties) WriteValue(to, name, value);
}

Message MakeCall(sd_bus* bus, const TransientService& service, FdRef standard_input) {
  sd_bus_message* made = nullptr;
  Check(::sd_bus_message_new_method_call(bus, &made, kDestination, kPath, kInterface, "StartTransientUnit"),
        "Failed to make a D-Bus message");
  Message message(made);
  Writer to(made);
  to.Append("ss", service.name.c_str(), "fail");
  to.Container('a', "(sv)", [&] { WriteProperties(to, service, standard_input); });
  to.Append("a(sa(sv))", 0);
  return message;
}

// Empty: the job has succeeded.
std::optional<Error> Call(sd_bus* bus, sd_bus_message* call) {
  sd_bus_error error{};
  const int result = ::sd_bus_call(bus, call, kTimeout, &error, nullptr);
  const std::unique_ptr<sd_bus_error, decltype([](sd_bus_error* e) { ::sd_bus_error_free(e); })> cleanup(
      &error);
  if (result >= 0) return std::nullopt;
  if (!error.name || !error.message) Check(result, "Failed to call systemd");
  return Error(error.name, error.message);
}

}  // namespace

Manager::Manager() noexcept = default;
Manager::~Manager() = default;

void Manager::Close::operator()(sd_bus* bus) const noexcept {
  ::sd_bus_flush_close_unref(bus);
}

sd_bus* Manager::Connection() {
  if (!bus_ || ::sd_bus_is_open(bus_.get()) <= 0) {
    sd_bus* opened = nullptr;
    Check(::sd_bus_open_system(&opened), "Failed to connect to the system bus");
    bus_.reset(opened);
  }
  return bus_.get();
}

Manager::Start Manager::StartTransientService(const TransientService& service, FdRef standard_input) {
  sd_bus* const bus = Connection();
  const auto error = Call(bus, MakeCall(bus, service, standard_input).get());
  if (!error) return Start::Accepted;
  if (error->Name() == kUnitExists) return Start::Exists;
  throw Error(error->Name(), "Failed to start " + service.name + ": " + error->what());
}

void Manager::StartUnit(const std::string& name) {
  sd_bus* const bus = Connection();
  sd_bus_message* made = nullptr;
  Check(::sd_bus_message_new_method_call(bus, &made, kDestination, kPath, kInterface, "StartUnit"),
        "Failed to make a D-Bus message");
  const Message call(made);
  Writer(made).Append("ss", name.c_str(), "fail");
  if (const auto error = Call(bus, made))
    throw Error(error->Name(), "Failed to start " + name + ": " + error->what());
}

}  // namespace bus
