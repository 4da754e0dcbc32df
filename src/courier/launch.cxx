// SPDX-License-Identifier: BSD-2-Clause
#include "courier/launch.hxx"

#include "base/text.hxx"
#include "mail/record.hxx"

#include <algorithm>

namespace courier {

namespace {

constexpr std::string_view kRequest = "mailqueue-launch";
constexpr std::string_view kReply = "mailqueue-launched";
constexpr std::string_view kVersion = "1";

struct KindName {
  LaunchKind kind;
  std::string_view name;
};

constexpr KindName kKindNames[] = {{LaunchKind::Deliver, "deliver"},
                                   {LaunchKind::Command, "command"},
                                   {LaunchKind::AwaitHome, "await-home"}};

std::string_view NameOf(LaunchKind kind) noexcept {
  return std::ranges::find(kKindNames, kind, &KindName::kind)->name;
}

std::optional<LaunchKind> ParseKind(const std::optional<std::string>& name) noexcept {
  for (const auto& known : kKindNames)
    if (name == known.name) return known.kind;
  return std::nullopt;
}

// The value of the next field if that is @p key: the fields have one order.
std::optional<std::string> TakeField(mail::RecordReader& reader, std::string_view key) {
  auto field = reader.Next();
  if (!field || field->key != key) return std::nullopt;
  return std::move(field->value);
}

template <typename Integer>
std::optional<Integer> TakeNumber(mail::RecordReader& reader, std::string_view key) {
  const auto value = TakeField(reader, key);
  return value ? ParseNumber<Integer>(*value) : std::nullopt;
}

bool AtEnd(mail::RecordReader& reader) {
  return !reader.Next() && !reader.Bad();
}

}  // namespace

std::string LaunchRequest::ToText() const {
  mail::RecordWriter writer;
  writer.Add(kRequest, kVersion)
      .Add("kind", NameOf(kind))
      .Add("uid", uid)
      .Add("serial", std::to_string(serial));
  return writer.TakeText();
}

std::optional<LaunchRequest> LaunchRequest::Parse(std::string_view text) {
  mail::RecordReader reader(text);
  if (TakeField(reader, kRequest) != kVersion) return std::nullopt;
  const auto kind = ParseKind(TakeField(reader, "kind"));
  const auto uid = TakeNumber<uid_t>(reader, "uid");
  const auto serial = TakeNumber<std::uint64_t>(reader, "serial");
  // (uid_t) -1 is "no user" to every system call.
  if (!kind || !uid || *uid == static_cast<uid_t>(-1) || !serial || *serial == 0 || !AtEnd(reader))
    return std::nullopt;
  return LaunchRequest{*kind, *uid, *serial};
}

std::string LaunchReply::ToText() const {
  mail::RecordWriter writer;
  writer.Add(kReply, kVersion)
      .Add("serial", std::to_string(serial))
      .Add("ok", ok ? "yes" : "no")
      .Add("text", text);
  return writer.TakeText();
}

std::optional<LaunchReply> LaunchReply::Parse(std::string_view text) {
  mail::RecordReader reader(text);
  if (TakeField(reader, kReply) != kVersion) return std::nullopt;
  const auto serial = TakeNumber<std::uint64_t>(reader, "serial");
  const auto ok = TakeField(reader, "ok");
  auto reason = TakeField(reader, "text");
  if (!serial || !ok || (*ok != "yes" && *ok != "no") || !reason || !AtEnd(reader)) return std::nullopt;
  return LaunchReply{*serial, *ok == "yes", std::move(*reason)};
}

}  // namespace courier
