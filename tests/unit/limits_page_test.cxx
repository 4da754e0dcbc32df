// SPDX-License-Identifier: BSD-2-Clause
// The limits that mailqueue-limits(7) names, against the sources, the units and the configuration.
#include "base/text.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kTop = MAILQUEUE_SOURCE_DIR;

std::string TextOf(const fs::path& file) {
  std::ifstream stream(file);
  EXPECT_TRUE(stream) << file;
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The texts of all files below a folder of the source tree, by their paths there.
std::map<std::string, std::string> TextsBelow(const char* folder) {
  std::map<std::string, std::string> texts;
  for (const auto& entry : fs::recursive_directory_iterator(kTop / folder))
    if (entry.is_regular_file())
      texts[fs::relative(entry.path(), kTop / folder).string()] = TextOf(entry.path());
  return texts;
}

/// A number, of milliseconds or of octets if it has a unit.
struct Quantity {
  long long amount = 0;
  bool is_time = false;
  bool operator==(const Quantity&) const = default;
};

Quantity MakeQuantity(long long amount, const std::string& unit) {
  static const std::map<std::string, long long> kSizes = {{"", 1},         {"K", 1024},      {"KiB", 1024},
                                                          {"M", 1 << 20},  {"MiB", 1 << 20}, {"G", 1 << 30},
                                                          {"GiB", 1 << 30}};
  static const std::map<std::string, long long> kTimes = {
      {"ms", 1},         {"s", 1000},         {"min", 60'000},      {"h", 3'600'000},
      {"d", 86'400'000}, {"day", 86'400'000}, {"days", 86'400'000}, {"milliseconds", 1},
      {"seconds", 1000}, {"minutes", 60'000}, {"hours", 3'600'000}};
  if (const auto time = kTimes.find(unit); time != kTimes.end()) return {amount * time->second, true};
  return {amount * kSizes.at(unit), false};
}

/// All of a text: "10 s to 1 h", "440, 40 of them root's", "5% 1G".
std::vector<Quantity> QuantitiesIn(const std::string& text) {
  static const std::regex kQuantity(
      R"((\d{1,3}(?:,\d{3})+|\d+) ?(KiB|MiB|GiB|days?|min|ms|[KMGshd])?(?![A-Za-z]))");
  std::vector<Quantity> quantities;
  for (std::sregex_iterator at(text.begin(), text.end(), kQuantity), end; at != end; ++at) {
    auto digits = (*at)[1].str();
    std::erase(digits, ',');
    quantities.push_back(MakeQuantity(std::stoll(digits), (*at)[2].str()));
  }
  return quantities;
}

/// The value of an initializer made of numbers, "*" and "<<", with or without a type of std::chrono; empty
/// for any other. @param type what stands before the name
std::optional<Quantity> Evaluate(const std::string& type, const std::string& initializer) {
  static const std::regex kUnit(R"(std::chrono::(\w+))");
  static const std::regex kType(R"(std::(chrono::)?\w+)");
  static const std::regex kToken(R"(\*|<<|[\d']+|[A-Za-z_]\w*)");
  std::smatch unit;
  std::string name;
  if (std::regex_search(initializer, unit, kUnit) || std::regex_search(type, unit, kUnit)) name = unit[1];
  const auto plain = std::regex_replace(initializer, kType, "");
  std::optional<long long> value;
  std::string sign;
  for (std::sregex_iterator at(plain.begin(), plain.end(), kToken), end; at != end; ++at) {
    auto token = at->str();
    if (token == "*" || token == "<<") {
      sign = token;
      continue;
    }
    std::erase(token, '\'');
    const auto number = ParseNumber<long long>(token);
    if (!number) return std::nullopt;
    value = !value ? *number : sign == "*" ? *value * *number : *value << *number;
  }
  if (!value) return std::nullopt;
  return MakeQuantity(*value, name);
}

bool IsInName(char c) noexcept {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Where the whole word @p word is in a text, from @p at on; npos if it is not.
std::size_t FindWord(std::string_view text, std::string_view word, std::size_t at) {
  for (at = text.find(word, at); at != text.npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !IsInName(text[at - 1])) && (end == text.size() || !IsInName(text[end]))) break;
  }
  return at;
}

bool Defines(std::string_view text, const std::string& type) {
  return type.empty() || FindWord(text, "class " + type, 0) != text.npos ||
         FindWord(text, "struct " + type, 0) != text.npos;
}

/// The values of the constants of that name. @param type in the files of this class; empty: anywhere
std::vector<Quantity> ValuesOf(const std::map<std::string, std::string>& sources, const std::string& name,
                               const std::string& type) {
  std::vector<Quantity> values;
  for (const auto& [file, text] : sources) {
    if (!Defines(text, type)) continue;
    for (auto at = FindWord(text, name, 0); at != text.npos; at = FindWord(text, name, at + 1)) {
      const auto line = text.rfind('\n', at) + 1;
      const auto rest = Trim(std::string_view(text).substr(at + name.size()));
      if (!rest.starts_with('=') && !rest.starts_with('{')) continue;
      const std::string initializer(rest.substr(1, rest.find(';') - 1));
      if (const auto value = Evaluate(text.substr(line, at - line), initializer)) values.push_back(*value);
    }
  }
  return values;
}

/// What follows @p key at the beginning of lines of a text.
std::vector<Quantity> ValuesBehind(const std::string& text, const std::string& key) {
  std::vector<Quantity> values;
  for (const auto& line : SplitList(text, "\n"))
    if (line.starts_with(key))
      std::ranges::copy(QuantitiesIn(line.substr(key.size())), std::back_inserter(values));
  return values;
}

/// One cell of the page: "VALUES \(em NAME, NAME of CLASS", "VALUE \(em KEY=" or "VALUE \(em KEY= in UNIT".
struct Row {
  std::vector<Quantity> values;
  std::vector<std::string> names;
  std::string unit;
};

std::optional<Row> ParseRow(const std::string& cell) {
  static const std::string kDash = " \\(em ";
  const auto dash = cell.find(kDash);
  if (dash == cell.npos) return std::nullopt;
  Row row{QuantitiesIn(cell.substr(0, dash)), {}, {}};
  auto where = cell.substr(dash + kDash.size());
  if (const auto in = where.find(" in "); in != where.npos) {
    row.unit = where.substr(in + 4);
    where.resize(in);
  }
  for (const auto& name : SplitList(where, ",;")) row.names.emplace_back(Trim(name));
  return row;
}

/// Finds where limits are set.
class Sources {
 public:
  std::vector<Quantity> Find(const std::string& name, const std::string& unit) const {
    if (!name.ends_with('=')) {
      const auto of = name.find(" of ");
      return ValuesOf(sources_, name.substr(0, of), of == name.npos ? "" : name.substr(of + 4));
    }
    if (unit.empty()) return ValuesBehind(conf_, "#" + name);
    std::vector<Quantity> values;
    for (const auto& [file, text] : units_)
      if (file.starts_with(unit)) std::ranges::copy(ValuesBehind(text, name), std::back_inserter(values));
    return values;
  }

 private:
  std::map<std::string, std::string> sources_ = TextsBelow("src");
  std::map<std::string, std::string> units_ = TextsBelow("units");
  std::string conf_ = TextOf(kTop / "conf/mailqueue.conf");
};

TEST(LimitsPage, ReadsQuantities) {
  const std::vector<Quantity> expected = {
      {440, false}, {40, false}, {1024, false}, {600'000, true}, {5, false}};
  EXPECT_EQ(QuantitiesIn("440, 40 of them root's; 1 KiB to 10 min, 5%"), expected);
}

TEST(LimitsPage, EvaluatesInitializers) {
  EXPECT_EQ(Evaluate("constexpr std::size_t ", " std::size_t{16} << 20"), (Quantity{16 << 20, false}));
  EXPECT_EQ(Evaluate("constexpr std::chrono::minutes ", "240}"), (Quantity{14'400'000, true}));
  EXPECT_EQ(Evaluate("constexpr auto ", " std::chrono::seconds(600'000)"), (Quantity{600'000'000, true}));
  EXPECT_EQ(Evaluate("constexpr std::size_t ", " 2 * kOther"), std::nullopt);
}

TEST(LimitsPage, SaysWhatTheSourcesSay) {
  const Sources sources;
  std::size_t compared = 0;
  for (const auto& line : SplitList(TextOf(kTop / "man/mailqueue-limits.7"), "\n")) {
    const auto row = ParseRow(line);
    if (!row) continue;
    ASSERT_FALSE(row->values.empty() || row->names.empty()) << line;
    for (std::size_t i = 0; i < row->names.size(); ++i) {
      if (row->names[i].find('/') != std::string::npos) continue;  // a file that no limit is read from
      const auto value = row->values[std::min(i, row->values.size() - 1)];
      const auto found = sources.Find(row->names[i], row->unit);
      EXPECT_GT(std::ranges::count(found, value), 0) << row->names[i] << " in: " << line;
      ++compared;
    }
  }
  EXPECT_GE(compared, 80U);
}

}  // namespace
