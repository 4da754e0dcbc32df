// SPDX-License-Identifier: BSD-2-Clause
#include "nameserver/name_server.hxx"

#include "base/error.hxx"
#include "base/text.hxx"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <stdexcept>

namespace fs = std::filesystem;

namespace {

constexpr int kStarts = 6;
constexpr int kAnswerTime = 10'000;  // milliseconds

constexpr const char* kHead =
    "$TTL 300\n"
    ". SOA ns.nameserver. root.nameserver. 1 3600 600 86400 60\n"
    ". NS ns.nameserver.\n"
    "ns.nameserver. A 127.0.0.1\n";

std::string ReadFile(const fs::path& path) {
  std::ifstream stream(path);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Runs a program in a directory. @return the first word that it prints
std::string Run(const std::string& directory, const std::string& command) {
  std::FILE* const pipe = ::popen(("cd " + directory + " && PATH=$PATH:/usr/sbin " + command).c_str(), "r");
  if (!pipe) ThrowErrno("Failed to run", command);
  std::array<char, 4096> output{};
  const auto size = std::fread(output.data(), 1, output.size() - 1, pipe);
  if (::pclose(pipe) != 0) throw std::runtime_error("Failed to run " + command);
  return std::string(Trim(std::string(output.data(), size)));
}

std::uint16_t FindFreePort() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(socket.Get(), reinterpret_cast<const sockaddr*>(&address), size) < 0 ||
      ::getsockname(socket.Get(), reinterpret_cast<sockaddr*>(&address), &size) < 0)
    ThrowErrno("Failed to find a free port");
  return ntohs(address.sin_port);
}

// A question for the root's SOA record.
bool Answers(std::uint16_t port) {
  static constexpr char kQuestion[] = "\x12\x34\0\0\0\x01\0\0\0\0\0\0\0\0\x06\0\x01";
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(socket.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
      ::send(socket.Get(), kQuestion, sizeof kQuestion - 1, 0) < 0)
    return false;
  pollfd answer{socket.Get(), POLLIN, 0};
  std::array<char, 512> buffer{};
  return ::poll(&answer, 1, kAnswerTime) == 1 && ::recv(socket.Get(), buffer.data(), buffer.size(), 0) > 0;
}

std::string FileOf(const std::string& zone) {
  return "zone-" + zone;
}

}  // namespace

NameServer::NameServer(const Content& content, std::uint16_t port)
    : directory_("/tmp/name-server-XXXXXX"), port_(port ? port : FindFreePort()) {
  if (!::mkdtemp(directory_.data())) ThrowErrno("Failed to make directory", directory_);
  fs::permissions(directory_, fs::perms::all & ~fs::perms::group_write & ~fs::perms::others_write);
  WriteZones(content);
  Sign(content);
  std::ofstream(ResolvConf()) << "nameserver 127.0.0.1\n";
  Start(content, port == 0);
}

void NameServer::Stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

NameServer::~NameServer() {
  Stop();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void NameServer::WriteZones(const Content& content) {
  std::ofstream root(directory_ + "/root");
  root << kHead << content.root;
  for (const auto& [zone, records] : content.plain_zones) {
    root << zone << " NS ns.nameserver.\n";
    if (records.empty()) continue;
    std::ofstream(directory_ + "/" + FileOf(zone))
        << "$TTL 300\n"
        << zone << " SOA ns.nameserver. root.nameserver. 1 3600 600 86400 60\n"
        << zone << " NS ns.nameserver.\n"
        << records;
  }
}

void NameServer::Sign(const Content& content) {
  const auto key = Run(directory_, "ldns-keygen -a ECDSAP256SHA256 -k .");
  const auto zone_key = Run(directory_, "ldns-keygen -a ECDSAP256SHA256 .");
  fs::copy_file(directory_ + "/" + key + ".key", Anchor());
  Run(directory_, "ldns-signzone -o . -f root.signed root " + zone_key + " " + key);
  auto text = ReadFile(directory_ + (content.sign ? "/root.signed" : "/root"));
  for (const auto& [from, to] : content.forged) {
    const auto at = text.find(from);
    if (at == text.npos) throw std::runtime_error("Nothing to forge: " + from);
    text.replace(at, from.size(), to);
  }
  std::ofstream(directory_ + "/root.served") << text;
}

void NameServer::WriteConfiguration(const Content& content) {
  std::ofstream file(directory_ + "/nsd.conf");
  file << "server:\n  ip-address: 127.0.0.1\n  port: " << port_ << "\n  username: \"\"\n  zonesdir: \""
       << directory_ << "\"\n  pidfile: \"\"\n  database: \"\"\n  zonelistfile: \"" << directory_
       << "/zone.list\"\n  xfrdfile: \"\"\n  xfrdir: \"" << directory_
       << "\"\n  server-count: 1\n  verbosity: 1\nremote-control:\n  control-enable: no\n"
       << "zone:\n  name: .\n  zonefile: root.served\n";
  for (const auto& [zone, records] : content.plain_zones)
    file << "zone:\n  name: " << zone << "\n  zonefile: " << FileOf(zone) << "\n";
}

// nsd has been seen to start and then to answer nothing: with another's socket on its port, for example.
void NameServer::Start(const Content& content, bool any_port) {
  for (int i = 0; i < kStarts; ++i) {
    if (i > 0 && any_port) port_ = FindFreePort();
    WriteConfiguration(content);
    Launch();
    if (Answers(port_)) return;
    Stop();
  }
  throw std::runtime_error("nsd does not answer");
}

// Until it says that it has started: its sockets are open then.
void NameServer::Launch() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) ThrowErrno("Failed to make a pipe");
  log_ = UniqueFd(ends[0]);
  UniqueFd output(ends[1]);
  const auto configuration = directory_ + "/nsd.conf";
  pid_ = ::fork();
  if (pid_ < 0) ThrowErrno("Failed to fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::dup2(output.Get(), 2);
    ::execl("/usr/sbin/nsd", "nsd", "-d", "-c", configuration.c_str(), nullptr);
    ::_exit(127);
  }
  output.Close();
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.find("started") == text.npos) {
    const auto size = ::read(log_.Get(), buffer.data(), buffer.size());
    if (size <= 0) throw std::runtime_error("nsd has not started: " + text);
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}
