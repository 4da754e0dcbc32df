// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mbox_search.hxx"

#include "base/error.hxx"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <vector>

namespace deliver {

namespace {

constexpr std::size_t kCompared = 64 * 1024;
constexpr std::string_view kSeparator = "\n\nFrom ";
constexpr std::size_t kEmptyLine = 2;  // octets of kSeparator that belong to the message before

// Reads a file in order from some place on.
class Reader {
 public:
  Reader(FdRef file, std::uint64_t size, std::uint64_t offset, std::size_t block)
      : file_(file), size_(size), offset_(offset), buffer_(block) {}

  /// The next octets, at least one and at most a block; empty at the end, and not before: what follows a copy
  /// that seems to be cut short would be cut off.
  std::string_view Next() {
    ssize_t n;
    do n = ::pread(file_.Get(), buffer_.data(), buffer_.size(), static_cast<off_t>(offset_));
    while (n < 0 && errno == EINTR);
    if (n < 0) ThrowErrno("Failed to read the mailbox");
    if (n == 0 && offset_ < size_) throw MakeErrno(EIO, "Failed to read the mailbox");
    offset_ += static_cast<std::uint64_t>(n);
    return {buffer_.data(), static_cast<std::size_t>(n)};
  }

 private:
  FdRef file_;
  std::uint64_t size_;  // of the file
  std::uint64_t offset_;
  std::vector<char> buffer_;
};

// Compares what it is given with a file.
class Comparison : public Sink {
 public:
  Comparison(FdRef file, std::uint64_t size, std::uint64_t offset, std::size_t block)
      : reader_(file, size, offset, block) {}

  bool Put(std::string_view data) override {
    while (!data.empty()) {
      if (there_.empty()) there_ = reader_.Next();
      if (there_.empty()) return !(file_ended_ = true);
      const auto size = std::min(there_.size(), data.size());
      if (there_.substr(0, size) != data.substr(0, size)) return false;
      there_.remove_prefix(size);
      data.remove_prefix(size);
    }
    return true;
  }
  [[nodiscard]] bool FileEnded() const noexcept { return file_ended_; }

 private:
  Reader reader_;
  std::string_view there_;
  bool file_ended_ = false;
};

EarlierCopy::Kind Compare(FdRef mailbox, std::uint64_t size, std::uint64_t offset, const MboxEntry& entry) {
  // The head alone distinguishes nearly all messages, and costs one short read.
  Comparison head(mailbox, size, offset, entry.Head().size());
  if (!head.Put(entry.Head()) && !head.FileEnded()) return EarlierCopy::Kind::None;
  Comparison whole(mailbox, size, offset, kCompared);
  if (entry.WriteTo(whole)) return EarlierCopy::Kind::Whole;
  return whole.FileEnded() ? EarlierCopy::Kind::Partial : EarlierCopy::Kind::None;
}

// Calls visit(offset) for each place after @p start where a message begins, until it returns true.
template <typename Visit>
void VisitMessages(FdRef mailbox, std::uint64_t size, std::uint64_t start, Visit visit) {
  Reader reader(mailbox, size, start, kCompared);
  // What comes before the file's beginning counts as an empty line.
  std::string window = start == 0 ? std::string(kSeparator.substr(0, kEmptyLine)) : std::string();
  std::uint64_t base = start - window.size();  // of window[0]; wraps around below zero and back
  for (auto block = reader.Next(); !block.empty(); block = reader.Next()) {
    window += block;
    for (auto at = window.find(kSeparator); at != window.npos; at = window.find(kSeparator, at + 1))
      if (visit(base + at + kEmptyLine)) return;
    const auto kept = std::min(window.size(), kSeparator.size() - 1);
    base += window.size() - kept;
    window.erase(0, window.size() - kept);
  }
}

}  // namespace

EarlierCopy FindEarlierCopy(FdRef mailbox, std::uint64_t size, const MboxEntry& entry) {
  const auto reach = kSearchBack + entry.MaxSize();
  EarlierCopy copy;
  VisitMessages(mailbox, size, size > reach ? size - reach : 0, [&](std::uint64_t offset) {
    copy = {Compare(mailbox, size, offset, entry), offset};
    return copy.kind != EarlierCopy::Kind::None;
  });
  return copy;
}

}  // namespace deliver
