// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/plugin.hxx"

#include "base/error.hxx"
#include "base/path_walk.hxx"
#include "base/text.hxx"
#include "base/utf8.hxx"
#include "local/exit_status.hxx"
#include "local/message_file.hxx"
#include "programs/deliver/mailqueue-plugin.h"

#include <sys/stat.h>

#include <array>
#include <cstring>
#include <dlfcn.h>
#include <map>
#include <variant>

namespace deliver {

namespace {

using Function = decltype(&::mailqueue_deliver);

struct Library {
  UniqueFd file;  ///< kept open: the loader knows it by this number, and would take another file for it
  Function deliver;
};

using Loaded = std::variant<Library, mail::DeliveryResult>;

constexpr std::size_t kMaxText = 400;  // octets of what a plugin says

mail::DeliveryResult CanNotUse(const std::string& path, const std::string& why) {
  return mail::Deferred("4.3.5", "Plugin " + Quote(path) + ": " + why);
}

// A plugin runs as every user who gets mail, so nobody but root may be able to change it. The open file is
// loaded, whatever its name means by then.
Loaded Load(const std::string& path) {
  const User root{"root", 0, 0, "/"};
  auto opened = PathWalk(root, PathWalk::Bounds::Everywhere).OpenFile(path);
  if (const auto* fault = std::get_if<PathFault>(&opened)) return CanNotUse(path, fault->text);
  auto& fd = std::get<UniqueFd>(opened);
  struct stat status;
  if (::fstat(fd.Get(), &status) < 0) ThrowErrno("Failed to look at", path);
  if (const auto distrust = FindDistrust(status, root)) return CanNotUse(path, "it " + *distrust);
  const std::string name = "/proc/self/fd/" + std::to_string(fd.Get());
  void* const handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) return CanNotUse(path, ::dlerror());
  void* const function = ::dlsym(handle, "mailqueue_deliver");
  if (!function) return CanNotUse(path, "it has no function mailqueue_deliver");
  return Library{std::move(fd), reinterpret_cast<Function>(function)};
}

// Kept until the end of the process: a plugin may have threads and handlers of its own.
std::variant<Function, mail::DeliveryResult> LoadOnce(const std::string& path) {
  static std::map<std::string, Library> libraries;
  if (const auto found = libraries.find(path); found != libraries.end()) return found->second.deliver;
  auto loaded = Load(path);
  if (auto* const refused = std::get_if<mail::DeliveryResult>(&loaded)) return std::move(*refused);
  return libraries.emplace(path, std::move(std::get<Library>(loaded))).first->second.deliver;
}

mail::DeliveryResult Call(Function function, const mailqueue_delivery& delivery, const std::string& path) {
  std::array<char, kMaxText> text{};
  auto result =
      local::ResultOfExitStatus(function(&delivery, text.data(), text.size()), "plugin " + Quote(path));
  const std::string said(text.data(), ::strnlen(text.data(), text.size()));
  if (!said.empty()) result.text += ": " + local::OneLine(ReplaceInvalidUtf8(Trim(said)));
  return result;
}

}  // namespace

mail::DeliveryResult Plugin::Deliver(const local::Letter& letter) {
  const auto loaded = LoadOnce(path_);
  if (const auto* refused = std::get_if<mail::DeliveryResult>(&loaded)) return *refused;
  const std::string head = local::MakeHead(letter, user_);
  const UniqueFd message = local::MakeMessageFile(head, letter);
  const std::string queue_id = letter.envelope.id.ToString();
  const std::string recipient = local::DeliveredTo(user_, letter.host);
  const std::string extension(letter.extension);
  const std::string host(letter.host);
  mailqueue_delivery delivery{};
  delivery.version = MAILQUEUE_PLUGIN_VERSION;
  delivery.queue_id = queue_id.c_str();
  delivery.sender = letter.envelope.sender.c_str();
  delivery.recipient = recipient.c_str();
  delivery.original_recipient = letter.envelope.recipients.front().address.c_str();
  delivery.user = user_.name.c_str();
  delivery.home = user_.home.c_str();
  delivery.extension = extension.c_str();
  delivery.host = host.c_str();
  delivery.message = message.Get();
  delivery.size = head.size() + letter.envelope.message_size;
  delivery.again = letter.again;
  return Call(std::get<Function>(loaded), delivery, path_);
}

mail::DeliveryResult Plugin::Explain() {
  const auto loaded = LoadOnce(path_);
  if (const auto* refused = std::get_if<mail::DeliveryResult>(&loaded)) return *refused;
  return mail::Delivered("2.0.0", "would deliver by plugin " + Quote(path_));
}

}  // namespace deliver
