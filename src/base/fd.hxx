// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <unistd.h>

#include <utility>

/// A file descriptor that somebody else owns; valid as long as that owner keeps it.
class FdRef {
 public:
  constexpr explicit FdRef(int fd) noexcept : fd_(fd) {}
  [[nodiscard]] constexpr int Get() const noexcept { return fd_; }

 private:
  int fd_;
};

/// An owned file descriptor, closed on destruction. A default-made or moved-from one is empty.
class UniqueFd {
 public:
  constexpr UniqueFd() noexcept = default;
  constexpr explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() { Close(); }

  [[nodiscard]] int Get() const noexcept { return fd_; }
  [[nodiscard]] FdRef Ref() const noexcept { return FdRef(fd_); }
  operator FdRef() const noexcept { return Ref(); }  // borrowing is always safe while this lives
  explicit operator bool() const noexcept { return fd_ >= 0; }
  /// Gives the descriptor to the caller, who closes it.
  [[nodiscard]] int Release() noexcept { return std::exchange(fd_, -1); }
  void Close() noexcept {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};
