// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

/// A self-signed certificate for 127.0.0.1 and its key, made anew, in files that go with it.
class Certificate {
 public:
  /// @param name tells the files of several apart
  explicit Certificate(const std::string& name);
  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  [[nodiscard]] const std::string& Path() const noexcept { return path_; }  ///< certificate and key, PEM
  [[nodiscard]] const std::string& Pin() const noexcept { return pin_; }

 private:
  std::string path_;
  std::string pin_;
};
