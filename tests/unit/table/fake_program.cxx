// SPDX-License-Identifier: BSD-2-Clause
#include "fake_program.hxx"

#include "base/error.hxx"
#include "base/text.hxx"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

std::string FakeProgram::Connection::ReadLine() {
  while (received_.find('\n') == received_.npos) {
    char buffer[1024];
    const auto length = ::recv(fd_.Get(), buffer, sizeof buffer, 0);
    if (length <= 0) return {};
    received_.append(buffer, static_cast<std::size_t>(length));
  }
  const auto end = received_.find('\n');
  auto line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return line;
}

bool FakeProgram::Connection::Send(std::string_view text) const {
  while (!text.empty()) {
    const auto sent = ::send(fd_.Get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void FakeProgram::Connection::Greet(std::string_view services) {
  for (auto line = ReadLine(); !line.empty() && line != "config|ready"; line = ReadLine()) {
  }
  Send(services);
}

void FakeProgram::Connection::AwaitClose() {
  while (!ReadLine().empty()) {
  }
}

bool FakeProgram::Connection::IsClosedWithin(std::chrono::milliseconds limit) const {
  pollfd closed{fd_.Get(), POLLRDHUP, 0};
  return ::poll(&closed, 1, static_cast<int>(limit.count())) > 0;
}

FakeProgram::FakeProgram(const std::string& path, Serve serve)
    : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), serve_(std::move(serve)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ::unlink(path.c_str());
  if (::bind(listener_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
      ::listen(listener_.Get(), 10) < 0)
    ThrowErrno("Failed to listen on", path);
  thread_ = std::thread([this] { Run(); });
}

FakeProgram::~FakeProgram() {
  ::shutdown(listener_.Get(), SHUT_RDWR);
  thread_.join();
}

void FakeProgram::Run() {
  while (true) {
    const UniqueFd fd(::accept(listener_.Get(), nullptr, nullptr));
    if (!fd) return;
    ++connections_;
    Connection connection(fd.Ref());
    serve_(connection);
  }
}

std::string IdOf(const std::string& request) {
  const auto fields = SplitList(request, "|");
  return fields.size() > 6 ? fields[6] : "";
}

std::string Result(const std::string& request, const std::string& result) {
  return "lookup-result|" + IdOf(request) + "|" + result + "\n";
}
