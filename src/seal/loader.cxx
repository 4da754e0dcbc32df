// SPDX-License-Identifier: BSD-2-Clause
#include "paths.h"
#include "seal/module.hxx"

#include <dlfcn.h>
#include <stdexcept>

namespace seal {

namespace {

constexpr const char* kModule = MAILQUEUE_LIBEXECDIR "/mailqueue-seal.so";

// Kept until the end of the process.
decltype(&mailqueue_seal) Load() {
  void* const handle = ::dlopen(kModule, RTLD_NOW | RTLD_LOCAL);
  void* const function = handle ? ::dlsym(handle, "mailqueue_seal") : nullptr;
  if (!function) throw std::runtime_error(std::string("Failed to load ") + kModule + ": " + ::dlerror());
  return reinterpret_cast<decltype(&mailqueue_seal)>(function);
}

}  // namespace

std::string SealByModule(std::string_view text, const crypto::Key& key) {
  static const auto seal = Load();
  std::string box(text.size() + kOverhead, '\0');
  if (seal(text.data(), text.size(), key.data(), box.data()) != 0)
    throw std::runtime_error("Failed to seal credentials for mailqueue-relay");
  return box;
}

}  // namespace seal
