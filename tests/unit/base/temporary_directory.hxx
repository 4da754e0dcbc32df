// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/error.hxx"

#include <cstdlib>
#include <filesystem>
#include <string>

/// An empty directory that is removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_(std::filesystem::temp_directory_path() / "mailqueue-test-XXXXXX") {
    if (!::mkdtemp(path_.data())) ThrowErrno("Failed to make directory", path_);
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::string& Path() const noexcept { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};
