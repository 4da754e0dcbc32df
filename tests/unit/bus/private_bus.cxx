// SPDX-License-Identifier: BSD-2-Clause
#include "private_bus.hxx"

#include "base/error.hxx"
#include "base/fd.hxx"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <stdexcept>

namespace {

// Everybody may own, send and receive everything: which of that the real bus allows is its policy's matter.
constexpr char kConfiguration[] = R"(<busconfig>
  <type>system</type>
  <listen>unix:dir=%DIRECTORY%</listen>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow receive_sender="*" eavesdrop="true"/>
  </policy>
</busconfig>
)";

std::string WriteConfiguration(const std::string& directory) {
  std::string text = kConfiguration;
  text.replace(text.find("%DIRECTORY%"), 11, directory);
  std::ofstream(directory + "/bus.conf") << text;
  return "--config-file=" + directory + "/bus.conf";
}

pid_t Spawn(const std::string& configuration, FdRef address) {
  std::string print = "--print-address=" + std::to_string(address.Get());
  std::array<const char*, 5> argv = {"dbus-daemon", configuration.c_str(), "--nofork", print.c_str(),
                                     nullptr};
  pid_t pid = -1;
  const int error =
      ::posix_spawnp(&pid, argv[0], nullptr, nullptr, const_cast<char* const*>(argv.data()), environ);
  if (error != 0) throw MakeErrno(error, "Failed to start", argv[0]);
  return pid;
}

// The daemon writes its address when it is ready; a daemon that dies closes the pipe.
std::string ReadLine(FdRef fd) {
  std::string line;
  char c = 0;
  while (::read(fd.Get(), &c, 1) == 1 && c != '\n') line += c;
  if (line.empty()) throw std::runtime_error("dbus-daemon did not start");
  return line;
}

}  // namespace

PrivateBus::PrivateBus() {
  directory_ = testing::TempDir() + "bus-XXXXXX";
  if (!::mkdtemp(directory_.data())) ThrowErrno("Failed to make directory", directory_);
  if (::chmod(directory_.c_str(), 0711) < 0)
    ThrowErrno("Failed to open up", directory_);  // other users come, too
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) < 0) ThrowErrno("Failed to make a pipe");
  const UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  daemon_ = Spawn(WriteConfiguration(directory_), out);
  out.Close();
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", ReadLine(in).c_str(), 1);
}

PrivateBus::~PrivateBus() {
  ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  ::kill(daemon_, SIGTERM);
  ::waitpid(daemon_, nullptr, 0);
  std::filesystem::remove_all(directory_);
}
