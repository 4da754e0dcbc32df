// SPDX-License-Identifier: BSD-2-Clause
#include "receiver.hxx"

#include "base/error.hxx"
#include "base/text.hxx"
#include "events.hxx"
#include "queue.hxx"

#include <fmt/format.h>

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <stdlib.h>

namespace machine {

namespace fs = std::filesystem;

namespace {

Received ParseReceived(const std::string& text) {
  const auto end = text.find("\n\n");
  Letter head{{}, text.substr(0, end + 1), {}};
  Received received{
      head.Field("connection"), head.Field("peer"),  head.Field("tls"),  head.Field("server-name"),
      head.Field("auth"),       head.Field("hello"), head.Field("mail"), {},
      text.substr(end + 2)};
  for (const auto& line : SplitList(head.head, "\n"))
    if (line.starts_with("rcpt: ")) received.recipients.push_back(line.substr(6));
  return received;
}

}  // namespace

Receiver::Receiver(std::vector<std::string> options, std::string address, std::uint16_t port)
    : directory_("/tmp/receiver-XXXXXX"),
      options_(std::move(options)),
      address_(std::move(address)),
      port_(port) {
  if (!::mkdtemp(directory_.data())) ThrowErrno("Failed to make directory", directory_);
  Start();
}

Receiver::~Receiver() {
  Stop();
  fs::remove_all(directory_);
}

// A further start counts its messages from 1 again, so it keeps them in a directory of its own.
void Receiver::Start() {
  messages_ = fmt::format("{}/{}", directory_, ++starts_);
  fs::create_directory(messages_);
  fs::remove(directory_ + "/counters");
  std::vector<std::string> words = {"mailqueue-sink", fmt::format("--listen={}:{}", address_, port_),
                                    "--output=" + messages_, "--counters=" + directory_ + "/counters",
                                    "--rules=" + directory_ + "/rules"};
  words.insert(words.end(), options_.begin(), options_.end());
  child_ = std::make_unique<Child>(Command{.words = words});
  const auto listening = [this] { return fs::exists(directory_ + "/counters"); };
  if (!WaitUntil(listening, std::chrono::seconds(10), {directory_}))
    throw std::runtime_error("The receiving server does not listen");
  const auto line = std::string(Trim(child_->Output()));
  port_ = ParseNumber<std::uint16_t>(line.substr(line.rfind(':') + 1)).value();
}

void Receiver::Stop() {
  if (!child_) return;
  child_->Kill(SIGTERM);
  (void)child_->Wait();
  child_.reset();
}

void Receiver::SetRules(const std::string& lines) {
  std::ofstream(directory_ + "/rules.new") << lines;
  fs::rename(directory_ + "/rules.new", directory_ + "/rules");
}

std::string Receiver::At(const std::string& host) const {
  return fmt::format("{}:{}", host, port_);
}

std::vector<Received> Receiver::All() const {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory_))
    if (entry.path().extension() == ".eml") files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<Received> all;
  for (const auto& file : files) all.push_back(ParseReceived(TextOf(file)));
  return all;
}

std::vector<Received> Receiver::WithSubject(const std::string& subject) const {
  auto all = All();
  std::erase_if(all, [&](const auto& received) { return received.Content().Field("Subject") != subject; });
  return all;
}

Received Receiver::WaitFor(const std::string& subject, std::chrono::milliseconds limit) const {
  std::vector<Received> found;
  const auto there = [&] { return !(found = WithSubject(subject)).empty(); };
  if (!WaitUntil(there, limit, {messages_}))
    throw std::runtime_error(
        fmt::format("Nothing with subject {} was received. {}", Quote(subject), DescribeQueue()));
  return found[0];
}

bool Receiver::WaitForCount(std::size_t number, std::chrono::milliseconds limit) const {
  return WaitUntil([&] { return All().size() >= number; }, limit, {messages_});
}

std::size_t Receiver::Counter(const std::string& name) const {
  const Letter counters{{}, TextOf(directory_ + "/counters"), {}};
  return ParseNumber<std::size_t>(counters.Field(name)).value();
}

}  // namespace machine
