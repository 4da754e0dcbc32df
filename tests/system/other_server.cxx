// SPDX-License-Identifier: BSD-2-Clause
#include "other_server.hxx"

#include "base/error.hxx"
#include "base/fd.hxx"
#include "events.hxx"
#include "manager.hxx"
#include "process.hxx"

#include <fmt/format.h>

#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <chrono>
#include <filesystem>
#include <stdexcept>

namespace fs = std::filesystem;

namespace machine {

namespace {

bool Listens(std::uint16_t port) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void MakeDirectory(const std::string& user, const std::string& path) {
  const auto* const owner = ::getpwnam(user.c_str());
  if (!owner) throw std::runtime_error("There is no user " + user);
  fs::create_directories(path);
  if (::chown(path.c_str(), owner->pw_uid, owner->pw_gid) < 0) ThrowErrno("Failed to give away", path);
}

}  // namespace

OtherServer::OtherServer(const Kind& kind) : kind_(kind) {
  for (const auto& [path, text] : kind.files) {
    files_.push_back(std::make_unique<SetupFile>(path, text));
    // Postfix waits for seconds where somebody may still be writing.
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::minutes(1));
  }
  auto directories = kind.directories;
  for (const char* name : {"", "/new", "/cur", "/tmp"}) directories.push_back("alice:" + Box() + name);
  for (const auto& directory : directories) {
    const auto colon = directory.find(':');
    MakeDirectory(directory.substr(0, colon), directory.substr(colon + 1));
  }
  Start();
}

OtherServer::~OtherServer() {
  Stop();
  fs::remove_all(Box());
}

void OtherServer::Start() {
  std::vector<std::string> words = {"systemd-run", "--quiet", "--collect", "--unit=" + Unit(), "--"};
  words.insert(words.end(), kind_.words.begin(), kind_.words.end());
  Check(words);
  const Deadline deadline(kSoon);
  while (!Listens(kind_.port)) {
    if (deadline.HasPassed()) throw std::runtime_error(kind_.name + " does not listen: " + Log());
    ::poll(nullptr, 0, 20);  // nothing tells when a program of somebody else listens
  }
}

void OtherServer::Stop() {
  Manager().Stop({Unit()});
}

void OtherServer::Forget() {
  for (const auto& entry : fs::directory_iterator(Box() + "/new")) fs::remove(entry.path());
}

std::string OtherServer::Url() const {
  return fmt::format("{}127.0.0.1:{}", kind_.scheme, kind_.port);
}

std::vector<Letter> OtherServer::All() const {
  std::vector<Letter> all;
  for (const auto& entry : fs::directory_iterator(Box() + "/new"))
    all.push_back(ParseLetter(TextOf(entry.path())));
  return all;
}

std::vector<Letter> OtherServer::WithSubject(const std::string& subject) const {
  auto all = All();
  std::erase_if(all, [&](const auto& letter) { return letter.Field("Subject") != subject; });
  return all;
}

bool OtherServer::WaitForCount(std::size_t number) const {
  return WaitUntil([&] { return All().size() >= number; }, kSoon, {Box() + "/new"});
}

std::string OtherServer::Log() const {
  return Execute({.words = {"journalctl", "-q", "--no-pager", "-o", "cat", "-u", Unit()}}).out;
}

}  // namespace machine
