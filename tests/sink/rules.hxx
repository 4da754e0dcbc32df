// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sink {

/// How the server is told to misbehave; the usage text describes the language.
struct Rule {
  enum class Action { Reply, Drop, Slow, Hide, Inject, Cut };

  std::string command;        ///< in any case, or "*"; empty for Hide, Inject, Cut
  std::string pattern = "*";  ///< glob(7)
  Action action = Action::Reply;
  std::string text;        ///< Reply: code and text; Hide: the extension; Inject: what
  std::size_t number = 0;  ///< Slow: milliseconds; Cut: octets

  /// Empty if @p line is no rule.
  [[nodiscard]] static std::optional<Rule> Parse(std::string_view line);
  [[nodiscard]] bool Fits(std::string_view command_name, const std::string& subject) const;
};

/// What the rules say of one command.
struct Verdict {
  std::chrono::milliseconds wait{0};
  bool drop = false;
  std::string reply;  ///< empty: behave
};

/// The rules of the command line, then those of the file as it stands now.
class Rules {
 public:
  /// Throws std::runtime_error for a line that is no rule, later on too.
  Rules(const std::vector<std::string>& lines, std::string file);

  /// Reads the file again if it has changed. A file that is not there is empty.
  void Refresh();
  [[nodiscard]] Verdict Judge(std::string_view command, const std::string& subject) const;
  [[nodiscard]] bool Hides(std::string_view extension) const;
  [[nodiscard]] std::string Injected() const;
  /// After how many octets a connection ends; the largest number for never.
  [[nodiscard]] std::size_t Cut() const;

 private:
  [[nodiscard]] const Rule* Find(Rule::Action action) const;

  std::vector<Rule> rules_;
  std::size_t fixed_ = 0;  ///< the first so many are the command line's
  std::string file_;
  std::string fingerprint_;  ///< of the file as last read
};

}  // namespace sink
