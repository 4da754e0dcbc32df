// SPDX-License-Identifier: BSD-2-Clause
#include "private_drop.hxx"

#include "spool/drop_format.hxx"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace {

std::optional<PrivateDrop::Message> Read(const std::string& path, const std::string& name) {
  std::ifstream file(path + "/" + name, std::ios::binary);
  const std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto head = spool::DropHead::Parse(all.substr(0, spool::kDropHeadSize));
  if (!head || head->FileSize() != all.size()) return std::nullopt;
  const auto envelope = mail::Envelope::Parse(all.substr(spool::kDropHeadSize, head->envelope_size));
  if (!envelope || envelope->id.ToString() != name) return std::nullopt;
  return PrivateDrop::Message{name, *envelope, all.substr(spool::kDropHeadSize + head->envelope_size)};
}

}  // namespace

PrivateDrop::PrivateDrop() {
  std::string path = (std::filesystem::temp_directory_path() / "mailqueue-drop-XXXXXX").string();
  if (!::mkdtemp(path.data())) throw std::runtime_error("mkdtemp failed");
  path_ = path;
}

PrivateDrop::~PrivateDrop() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> PrivateDrop::Names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

std::vector<PrivateDrop::Message> PrivateDrop::Messages() const {
  std::vector<Message> messages;
  for (const auto& name : Names()) {
    struct stat status = {};
    EXPECT_EQ(::stat((path_ + "/" + name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0640U) << name;
    auto message = Read(path_, name);
    if (message)
      messages.push_back(std::move(*message));
    else
      ADD_FAILURE() << name << " is no complete drop";
  }
  return messages;
}
