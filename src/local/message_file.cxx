// SPDX-License-Identifier: BSD-2-Clause
#include "local/message_file.hxx"

#include "base/error.hxx"

#include <fcntl.h>
#include <sys/mman.h>

#include <string>

namespace local {

namespace {

UniqueFd MakeUnnamedFile() {
  UniqueFd file;
  for (const char* directory : {"/var/tmp", "/tmp"}) {
    file = UniqueFd(::open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file) return file;
  }
  ThrowErrno("Failed to make a file in", "/tmp");
}

UniqueFd MakeMemory() {
  UniqueFd memory(::memfd_create("message", MFD_CLOEXEC));
  if (!memory) ThrowErrno("Failed to make a file in memory");
  return memory;
}

}  // namespace

UniqueFd MakeMessageFile(std::string_view head, const Letter& letter) {
  const bool small = head.size() + letter.envelope.message_size <= kMaxInMemory;
  const UniqueFd file = small ? MakeMemory() : MakeUnnamedFile();
  WriteCopy(file, head, letter);
  const std::string name = "/proc/self/fd/" + std::to_string(file.Get());
  UniqueFd reader(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!reader) ThrowErrno("Failed to open the copy of the message");
  return reader;
}

}  // namespace local
