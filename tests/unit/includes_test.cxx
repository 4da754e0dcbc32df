// SPDX-License-Identifier: BSD-2-Clause
// The arrows between the folders of src, against the table "Folders" of ARCHITECTURE.md.
#include "base/text.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kTop = MAILQUEUE_SOURCE_DIR;

/// For each folder those that it may include, itself among them.
using Table = std::map<std::string, std::set<std::string>>;

/// For each beginning of a library's headers the folders that may include them.
using Libraries = std::map<std::string, std::set<std::string>>;

std::vector<std::string> LinesOf(const fs::path& file) {
  std::ifstream stream(file);
  EXPECT_TRUE(stream) << file;
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The cells of a row of a Markdown table, empty ones included.
std::vector<std::string> CellsOf(std::string_view row) {
  std::vector<std::string> cells;
  row.remove_prefix(1);
  for (auto end = row.find('|'); end != row.npos; end = row.find('|')) {
    cells.emplace_back(Trim(row.substr(0, end)));
    row.remove_prefix(end + 1);
  }
  return cells;
}

void AddRow(Table& table, const std::string& row) {
  const auto cells = CellsOf(row);
  if (cells.size() != 3 || !cells[0].starts_with('`')) return;
  const std::string folder = cells[0].substr(1, cells[0].size() - 2);
  auto& allowed = table[folder];
  for (const auto& name : SplitList(cells[2], " ,")) {
    EXPECT_TRUE(table.contains(name) && name != folder)
        << folder << " may include what is below it: " << name;
    allowed.insert(name);
  }
  allowed.insert(folder);
}

Table ReadTable(const std::vector<std::string>& page) {
  Table table;
  bool inside = false;
  for (const auto& line : page) {
    if (line.starts_with("## ")) inside = line == "## Folders";
    if (inside && line.starts_with('|')) AddRow(table, line);
  }
  return table;
}

Libraries ReadLibraries(const std::vector<std::string>& page) {
  Libraries libraries;
  bool inside = false;
  for (const auto& line : page) {
    if (line.starts_with("## ")) inside = line == "## Folders";
    if (!inside || !line.starts_with('|')) continue;
    const auto cells = CellsOf(line);
    if (cells.size() != 3 || cells[0].starts_with('`') || !cells[1].starts_with('`')) continue;
    const auto folders = SplitList(cells[2], " ");
    for (const auto& header : SplitList(cells[1], " `"))
      libraries[header].insert(folders.begin(), folders.end());
  }
  return libraries;
}

/// The rest of @p line behind @p word and white space; empty if it does not begin so.
std::string_view Behind(std::string_view word, std::string_view line) {
  return line.starts_with(word) ? Trim(line.substr(word.size())) : std::string_view();
}

/// What stands between the quotes or brackets of an #include; empty for any other line.
std::optional<std::string> IncludeOf(std::string_view line, char open = '"', char close = '"') {
  const auto rest = Behind({&open, 1}, Behind("include", Behind("#", Trim(line))));
  const auto end = rest.find(close);
  if (end == rest.npos) return std::nullopt;
  return std::string(rest.substr(0, end));
}

std::optional<std::string> LibraryIncludeOf(std::string_view line) {
  return IncludeOf(line, '<', '>');
}

/// A header of C++, of the C library or of Linux.
bool IsOfSystem(std::string_view header) {
  static const std::set<std::string_view> names = {
      "dirent.h", "dlfcn.h",  "endian.h",  "fcntl.h", "grp.h",    "ifaddrs.h", "limits.h",
      "malloc.h", "nss.h",    "poll.h",    "pwd.h",   "resolv.h", "sched.h",   "signal.h",
      "string.h", "syslog.h", "termios.h", "time.h",  "unistd.h", "sysexits.h"};
  static constexpr std::string_view kFolders[] = {"arpa/", "linux/", "net/", "netinet/", "sys/"};
  return header.find_first_of("./") == header.npos || names.contains(header) ||
         std::ranges::any_of(kFolders, [&](auto folder) { return header.starts_with(folder); });
}

/// The longest beginning in the table that @p header has; empty if there is none.
std::string LibraryOf(const Libraries& libraries, const std::string& header) {
  std::string longest;
  for (const auto& [beginning, folders] : libraries)
    if (header.starts_with(beginning) && beginning.size() > longest.size()) longest = beginning;
  return longest;
}

/// The lines of a file in @p folder with a library that is not in the table, or not for this folder.
std::vector<std::string> LibraryViolations(const Libraries& libraries, const std::string& folder,
                                           const std::vector<std::string>& lines) {
  std::vector<std::string> bad;
  for (const auto& line : lines) {
    const auto header = LibraryIncludeOf(line);
    if (!header || IsOfSystem(*header)) continue;
    const auto library = libraries.find(LibraryOf(libraries, *header));
    if (library == libraries.end() || !library->second.contains(folder)) bad.push_back(line);
  }
  return bad;
}

/// The folder of the table that @p path, relative to src, is in: the longest that its name begins with, or
/// else its first folder.
std::string FolderOf(const Table& table, const std::string& path) {
  for (auto end = path.rfind('/'); end != path.npos && end > 0; end = path.rfind('/', end - 1))
    if (table.contains(path.substr(0, end))) return path.substr(0, end);
  return path.substr(0, path.find('/'));
}

/// The lines of a file in @p folder that the table does not allow. A name without a folder is a header that
/// the build makes.
std::vector<std::string> Violations(const Table& table, const std::string& folder,
                                    const std::vector<std::string>& lines) {
  const auto row = table.find(folder);
  std::vector<std::string> bad;
  for (const auto& line : lines) {
    const auto include = IncludeOf(line);
    if (!include || include->find('/') == include->npos) continue;
    if (row == table.end() || !row->second.contains(FolderOf(table, *include))) bad.push_back(line);
  }
  return bad;
}

/// The sources of a tree, each with its path there.
std::map<std::string, std::vector<std::string>> SourcesBelow(const fs::path& tree) {
  std::map<std::string, std::vector<std::string>> sources;
  for (const auto& entry : fs::recursive_directory_iterator(tree))
    if (const auto extension = entry.path().extension(); extension == ".hxx" || extension == ".cxx")
      sources[fs::relative(entry.path(), tree).string()] = LinesOf(entry.path());
  return sources;
}

/// What the tables allow and no source makes use of, as "FOLDER: WHAT".
std::vector<std::string> UnusedPermissions(const Table& table, const Libraries& libraries,
                                           const std::map<std::string, std::vector<std::string>>& sources) {
  std::set<std::string> used;
  for (const auto& [file, lines] : sources) {
    const auto folder = FolderOf(table, file);
    for (const auto& line : lines) {
      if (const auto include = IncludeOf(line)) used.insert(folder + ": " + FolderOf(table, *include));
      if (const auto header = LibraryIncludeOf(line))
        used.insert(folder + ": " + LibraryOf(libraries, *header));
    }
  }
  std::vector<std::string> unused;
  const auto check = [&](const std::string& folder, const std::string& what) {
    if (const auto permission = folder + ": " + what; folder != what && !used.contains(permission))
      unused.push_back(permission);
  };
  for (const auto& [folder, allowed] : table)
    for (const auto& what : allowed) check(folder, what);
  for (const auto& [library, folders] : libraries)
    for (const auto& folder : folders) check(folder, library);
  return unused;
}

const std::vector<std::string> kPage = {
    "## Other",
    "| `c` | x | a |",
    "## Folders",
    "| folder | what | may include |",
    "|---|---|---|",
    "| `a` | x | |",
    "| `b` | x | a |",
    "| `a/c` | x | |",
    "| library | headers | folders |",
    "|---|---|---|",
    "| One | `one.h` `two/three` | a |",
    "| Two | `two/` | a b |",
    "```",
    "b",
    "a a/c",
    "```",
};

/// The folders of each floor, the lowest first. A folder is one floor above the highest that it may include.
std::vector<std::set<std::string>> FloorsOf(const Table& table) {
  std::vector<std::set<std::string>> floors;
  std::set<std::string> below;
  while (below.size() < table.size()) {
    std::set<std::string> floor;
    for (const auto& [folder, allowed] : table) {
      auto others = allowed;
      others.erase(folder);
      if (!below.contains(folder) && std::ranges::includes(below, others)) floor.insert(folder);
    }
    if (floor.empty()) return {};
    below.insert(floor.begin(), floor.end());
    floors.push_back(std::move(floor));
  }
  return floors;
}

/// The floors as the page draws them: a line each, the highest first.
std::vector<std::set<std::string>> ReadFloors(const std::vector<std::string>& page) {
  std::vector<std::set<std::string>> floors;
  bool inside = false;
  bool drawn = false;
  for (const auto& line : page) {
    if (line.starts_with("## ")) inside = line == "## Folders";
    if (line.starts_with("```")) {
      drawn = !drawn;
    } else if (inside && drawn) {
      const auto names = SplitList(line, " ");
      floors.emplace(floors.begin(), names.begin(), names.end());
    }
  }
  return floors;
}

TEST(IncludesTest, ReadsTheTable) {
  EXPECT_EQ(ReadTable(kPage), (Table{{"a", {"a"}}, {"a/c", {"a/c"}}, {"b", {"a", "b"}}}));
}

TEST(IncludesTest, ReadsTheLibraries) {
  EXPECT_EQ(ReadLibraries(kPage), (Libraries{{"one.h", {"a"}}, {"two/", {"a", "b"}}, {"two/three", {"a"}}}));
}

TEST(IncludesTest, ReadsTheFloors) {
  EXPECT_EQ(ReadFloors(kPage), FloorsOf(ReadTable(kPage)));
  EXPECT_EQ(ReadFloors(kPage).size(), 2u);
}

TEST(IncludesTest, FindsArrowsThatAreNotInTheTable) {
  const Table table = ReadTable(kPage);
  const std::vector<std::string> lines = {
      "#include \"a/x.hxx\"", " # include  \"b/x.hxx\" // why", "#include \"paths.h\"",
      "#include <b/x.hxx>",   "// #include \"b/x.hxx\"",        "#include \"../b/x.hxx\"",
      "#include \"d/x.hxx\"",
  };
  EXPECT_EQ(Violations(table, "a", lines), (std::vector{lines[1], lines[5], lines[6]}));
  EXPECT_EQ(Violations(table, "b", lines), (std::vector{lines[5], lines[6]}));
  EXPECT_EQ(Violations(table, "d", lines).size(), 4u);
}

TEST(IncludesTest, FindsFoldersWithinOthers) {
  const Table table = ReadTable(kPage);
  EXPECT_EQ(FolderOf(table, "a/x.hxx"), "a");
  EXPECT_EQ(FolderOf(table, "a/c/x.hxx"), "a/c");
  EXPECT_EQ(FolderOf(table, "b/c/x.hxx"), "b");
  EXPECT_EQ(FolderOf(table, "d/x.hxx"), "d");
}

TEST(IncludesTest, FindsLibrariesThatAreNotForTheFolder) {
  const Libraries libraries = ReadLibraries(kPage);
  const std::vector<std::string> lines = {
      "#include <one.h>",  "#include <two/x.h>",    "# include <two/three.h>", "#include <string>",
      "#include <poll.h>", "#include <sys/stat.h>", "#include <x.h>",          "#include \"x.h\""};
  EXPECT_EQ(LibraryViolations(libraries, "a", lines), (std::vector{lines[6]}));
  EXPECT_EQ(LibraryViolations(libraries, "b", lines), (std::vector{lines[0], lines[2], lines[6]}));
}

TEST(IncludesTest, FindsPermissionsThatNobodyUses) {
  const Table table = ReadTable(kPage);
  const Libraries libraries = ReadLibraries(kPage);
  EXPECT_EQ(
      UnusedPermissions(table, libraries, {{"a/x.cxx", {"#include <one.h>", "#include <two/three.h>"}}}),
      (std::vector<std::string>{"b: a", "a: two/", "b: two/"}));
  EXPECT_THAT(
      UnusedPermissions(table, libraries,
                        {{"a/x.cxx", {"#include <one.h>", "#include <two/three.h>", "#include <two/x>"}},
                         {"b/x.hxx", {"#include \"a/x.hxx\"", "#include <two/y>"}}}),
      testing::IsEmpty());
}

TEST(IncludesTest, EveryArrowOfTheSourcesIsInTheTables) {
  const auto page = LinesOf(kTop / "ARCHITECTURE.md");
  const Table table = ReadTable(page);
  const Libraries libraries = ReadLibraries(page);
  ASSERT_FALSE(table.empty());
  ASSERT_FALSE(libraries.empty());
  for (const auto& [file, lines] : SourcesBelow(kTop / "src")) {
    const auto folder = FolderOf(table, file);
    EXPECT_THAT(Violations(table, folder, lines), testing::IsEmpty()) << file;
    EXPECT_THAT(LibraryViolations(libraries, folder, lines), testing::IsEmpty()) << file;
  }
}

TEST(IncludesTest, EachPermissionIsUsed) {
  const auto page = LinesOf(kTop / "ARCHITECTURE.md");
  EXPECT_THAT(UnusedPermissions(ReadTable(page), ReadLibraries(page), SourcesBelow(kTop / "src")),
              testing::IsEmpty());
}

TEST(IncludesTest, TheFloorsAreThoseOfTheTable) {
  const auto page = LinesOf(kTop / "ARCHITECTURE.md");
  EXPECT_EQ(ReadFloors(page), FloorsOf(ReadTable(page)));
}

// What reaches the kernel past Disk: a system call, or base/file.hxx.
std::vector<std::string> WaysPastDisk(const std::vector<std::string>& lines) {
  static const std::set<std::string> elsewhere = {"clock_gettime", "explicit_bzero", "getegid", "geteuid"};
  static const std::regex call("(^|[^A-Za-z0-9_>])::([a-z][a-z0-9_]*)\\(");
  std::vector<std::string> ways;
  for (const auto& line : lines) {
    std::smatch match;
    const bool calls = std::regex_search(line, match, call) && !elsewhere.contains(match[2]);
    if (calls || IncludeOf(line) == "base/file.hxx") ways.push_back(line);
  }
  return ways;
}

TEST(IncludesTest, FindsWaysPastDisk) {
  const std::vector<std::string> lines = {"  if (::fsync(fd.Get()) < 0) Throw();",
                                          "::close(fd);",
                                          "#include \"base/file.hxx\"",
                                          "std::ranges::count(list, 1);",
                                          "if (::geteuid() == 0) return;",
                                          "file_ = ::Open(disk_, at);",
                                          "#include \"base/disk_file.hxx\""};
  EXPECT_EQ(WaysPastDisk(lines), (std::vector(lines.begin(), lines.begin() + 3)));
}

TEST(IncludesTest, TheSpoolReachesTheKernelThroughDisk) {
  std::vector<fs::path> files = {kTop / "src/submit/drop_file.cxx", kTop / "src/base/disk_file.cxx",
                                 kTop / "src/base/disk_room.cxx"};
  for (const auto& entry : fs::directory_iterator(kTop / "src/spool"))
    if (entry.path().extension() != ".build") files.push_back(entry.path());
  for (const auto& file : files) EXPECT_THAT(WaysPastDisk(LinesOf(file)), testing::IsEmpty()) << file;
}

// A row may be a folder within another one, which then has no row unless it has files of its own.
TEST(IncludesTest, TheTableNamesTheFoldersOfTheSources) {
  const Table table = ReadTable(LinesOf(kTop / "ARCHITECTURE.md"));
  std::set<std::string> folders;
  for (const auto& [file, lines] : SourcesBelow(kTop / "src"))
    if (file.find('/') != file.npos) folders.insert(FolderOf(table, file));
  std::set<std::string> named;
  for (const auto& [folder, allowed] : table) named.insert(folder);
  EXPECT_EQ(named, folders);
}

}  // namespace
