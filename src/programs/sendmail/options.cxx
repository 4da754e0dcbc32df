// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/options.hxx"

#include "base/text.hxx"
#include "programs/sendmail/option_table.hxx"

#include <algorithm>
#include <array>

namespace {

using Result = std::optional<UsageError>;

Result FailUsage(std::string text) {
  return UsageError{EX_USAGE, std::move(text)};
}

// Exim's -oMr and its like have their value in the next word. No recipient is lost by that: Sendmail's -oM
// always has its value attached, and without one it sets nothing. Of -qI the ID may stand apart.
bool GoesOnInNextWord(const Option& option, const std::string& value) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"Ma", "Maa", "Mai", "Mas", "Mi", "Mm", "Mr", "Ms", "Mt"});
  if (option.letter == 'q') return value == "I";
  return option.letter == 'o' && std::ranges::find(kNames, value) != kNames.end();
}

std::string BaseName(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

class Parser {
 public:
  explicit Parser(std::span<const std::string> words) : words_(words) {}

  std::variant<Options, UsageError> Parse(Mode mode) {
    options_.mode = mode;
    for (; !words_.empty() && words_[0].size() > 1 && words_[0][0] == '-'; words_ = words_.subspan(1)) {
      if (words_[0] == "--") {
        words_ = words_.subspan(1);
        return WithOperands(false);
      }
      if (auto error = ParseWord(words_[0])) return *error;
    }
    return WithOperands(true);
  }

 private:
  Result ParseWord(const std::string& word) {
    for (std::size_t at = 1; at < word.size(); ++at) {
      const auto* option = FindOption(word[at]);
      if (!option)
        return FailUsage("unknown option " +
                         Quote(at == 1 && word[1] == '-' ? word : std::string("-") + word[at]));
      if (option->argument == Option::Argument::None) {
        if (auto error = Apply(*option, {})) return error;
        continue;
      }
      return ApplyWithArgument(*option, word.substr(at + 1));
    }
    return {};
  }

  Result ApplyWithArgument(const Option& option, std::string value) {
    if (value.empty() && option.argument == Option::Argument::Required) {
      if (words_.size() < 2) return FailUsage(std::string("option -") + option.letter + " needs an argument");
      words_ = words_.subspan(1);
      value = words_[0];
    }
    if (GoesOnInNextWord(option, value) && words_.size() > 1) {
      words_ = words_.subspan(1);
      value += words_[0];
    }
    return Apply(option, value);
  }

  Result Apply(const Option& option, const std::string& value) {
    auto error = option.apply(options_, value);
    if (error) error->text = std::string("option -") + option.letter + ": " + error->text;
    return error;
  }

  // An option behind an operand is what some programs take as one, some as a recipient: nobody can rely on
  // either.
  std::variant<Options, UsageError> WithOperands(bool refuse_options) {
    for (const auto& word : words_)
      if (refuse_options && word.size() > 1 && word[0] == '-')
        return UsageError{
            EX_USAGE,
            "option " + Quote(word) +
                " stands behind a recipient; write \"--\" before an address that begins with a dash"};
    options_.operands.assign(words_.begin(), words_.end());
    return std::move(options_);
  }

  std::span<const std::string> words_;
  Options options_;
};

}  // namespace

std::variant<Options, UsageError> ParseCommandLine(std::string_view name,
                                                   std::span<const std::string> arguments) {
  if (arguments.size() == 1 && (arguments[0] == "--help" || arguments[0] == "--version")) {
    Options options;
    options.mode = arguments[0] == "--help" ? Mode::Help : Mode::Version;
    return options;
  }
  const auto base = BaseName(name);
  const auto mode = base == "mailq"        ? Mode::ListQueue
                    : base == "newaliases" ? Mode::Newaliases
                                           : Mode::Submit;
  return Parser(arguments).Parse(mode);
}
