// SPDX-License-Identifier: BSD-2-Clause
#include "local/mount_tables.hxx"

#include "base/error.hxx"
#include "base/fd.hxx"
#include "base/file.hxx"
#include "base/text.hxx"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits.h>

namespace local {

namespace {

constexpr std::size_t kMaxTable = 16 * 1024 * 1024;  // octets of mountinfo, or fstab

// proc(5), fstab(5): blanks and backslashes of a mount point stand as \OOO.
std::string DecodeOctal(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 3 >= text.size()) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return decoded;
}

std::string WithoutSlashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

// "/", "/home", "/home/alice"
std::vector<std::string> PrefixesOf(std::string_view path) {
  std::vector<std::string> prefixes{"/"};
  std::string prefix;
  for (const auto& name : SplitList(path, "/")) prefixes.push_back(prefix.append("/").append(name));
  return prefixes;
}

struct MountPoint {
  std::string path;
  bool is_autofs = false;
};

// "36 35 98:0 / /home rw,noatime master:1 - autofs systemd-1 rw"
std::vector<MountPoint> ParseMounted(std::string_view text) {
  std::vector<MountPoint> points;
  for (const auto& line : SplitList(text, "\n")) {
    const auto words = SplitList(line, " ");
    const auto dash = line.find(" - ");
    if (words.size() < 5 || dash == line.npos) continue;
    points.push_back({DecodeOctal(words[4]), std::string_view(line).substr(dash + 3).starts_with("autofs ")});
  }
  return points;
}

std::vector<MountPoint> ReadMounted(const std::vector<std::string>& files) {
  for (const auto& file : files) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd) return ParseMounted(ReadAll(fd, kMaxTable));
  }
  ThrowErrno("Failed to open", files.empty() ? "" : files.back());
}

// "UUID=… /home ext4 defaults 0 2"; a file that can't be read promises nothing.
std::vector<std::string> ReadWanted(const std::string& file) {
  std::vector<std::string> points;
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return points;
  for (const auto& line : SplitList(ReadAll(fd, kMaxTable), "\n")) {
    const auto words = SplitList(line, " \t");
    if (words.size() >= 2 && !words[0].starts_with('#'))
      points.push_back(WithoutSlashes(DecodeOctal(words[1])));
  }
  return points;
}

// systemd.unit(5), "String Escaping for Inclusion in Unit Names"
std::string EscapeForUnit(std::string_view path) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string name;
  for (const auto& part : SplitList(path, "/")) {
    if (!name.empty()) name += '-';
    for (const char c : part) {
      const auto octet = static_cast<unsigned char>(c);
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                         c == ':' || c == '_' || (c == '.' && !name.empty());
      if (plain)
        name += c;
      else
        name += {'\\', 'x', kHex[octet >> 4], kHex[octet & 15]};
    }
  }
  return name.empty() ? "-" : name;
}

bool IsMasked(const std::string& unit) {
  std::array<char, PATH_MAX> target;
  const auto size = ::readlink(unit.c_str(), target.data(), target.size());
  return size >= 0 && std::string_view(target.data(), static_cast<std::size_t>(size)) == "/dev/null";
}

bool HasUnit(const std::string& point, const std::vector<std::string>& directories) {
  const auto name = EscapeForUnit(point);
  return std::ranges::any_of(directories, [&name](const std::string& directory) {
    return std::ranges::any_of(std::array{".mount", ".automount"}, [&](const char* suffix) {
      auto unit = directory;
      unit.append("/").append(name).append(suffix);
      return ::access(unit.c_str(), F_OK) == 0 && !IsMasked(unit);
    });
  });
}

}  // namespace

// What was mounted later covers what was mounted before, so the last mount of a path counts.
Prospect FindProspect(std::string_view path, const MountTables& tables) {
  const auto mounted = ReadMounted(tables.mounted);
  const auto wanted = ReadWanted(tables.wanted);
  bool is_autofs = false;
  for (const auto& prefix : PrefixesOf(path)) {
    const auto last = std::find_if(mounted.rbegin(), mounted.rend(),
                                   [&prefix](const MountPoint& point) { return point.path == prefix; });
    if (last != mounted.rend()) {
      is_autofs = last->is_autofs;
    } else if (std::ranges::count(wanted, prefix) > 0 || HasUnit(prefix, tables.units)) {
      return is_autofs ? Prospect::Autofs : Prospect::Mount;
    }
  }
  return is_autofs ? Prospect::Autofs : Prospect::None;
}

}  // namespace local
