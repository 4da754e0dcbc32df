// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/options.hxx"

#include "base/text.hxx"
#include "programs/sendmail/dsn_options.hxx"

#include <algorithm>
#include <array>

namespace {

using Result = std::optional<UsageError>;

enum class Argument {
  None,
  Required,  // attached or the next word
  Attached,  // attached or not there
};

struct Option {
  char letter;
  Argument argument;
  Result (*apply)(Options& options, const std::string& value);
};

Result Refuse(std::string text) {
  return UsageError{EX_USAGE, std::move(text)};
}

bool HasControl(std::string_view text) noexcept {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result Ignore(Options&, const std::string&) {
  return {};
}

Result NotImplemented(Options&, const std::string&) {
  return Refuse("this option is not implemented here");
}

template <Mode mode>
Result SetMode(Options& options, const std::string&) {
  options.mode = mode;
  return {};
}

Result SetSender(Options& options, const std::string& value) {
  options.sender = value;
  return {};
}

Result SetFullName(Options& options, const std::string& value) {
  if (HasControl(value)) return UsageError{EX_DATAERR, "the full name (-F) has a control character in it"};
  if (value.size() > kMaxFullName) return UsageError{EX_DATAERR, "the full name (-F) is too long"};
  options.full_name = value;
  return {};
}

Result SetHeaderRecipients(Options& options, const std::string&) {
  options.header_recipients = true;
  return {};
}

Result SetIgnoreDots(Options& options, const std::string&) {
  options.ignore_dots = true;
  return {};
}

// -b: the letter of a mode.
Result ApplyMode(Options& options, const std::string& value) {
  if (value == "m") return SetMode<Mode::Submit>(options, value);
  if (value == "s") return SetMode<Mode::SmtpServer>(options, value);
  if (value == "v") return SetMode<Mode::Verify>(options, value);
  if (value == "p") return SetMode<Mode::ListQueue>(options, value);
  if (value == "i") return SetMode<Mode::Newaliases>(options, value);
  if (value == "d" || value == "D")
    return Refuse("no daemon is started here: systemctl enable --now mailqueue.socket mailqueue.path");
  return Refuse("there is no mode -b" + value);
}

// -o: one letter and its value. Only "i" matters; of the others only the arity does.
Result ApplyShortOption(Options& options, const std::string& value) {
  if (value.starts_with('i')) options.ignore_dots = true;
  return {};
}

// -O Name=Value, or -O with the letter of a short option.
Result ApplyLongOption(Options& options, const std::string& value) {
  const auto name = value.substr(0, value.find('='));
  const auto setting = ToLower(value.substr(std::min(value.size(), name.size() + 1)));
  const bool off = setting == "false" || setting == "no" || setting == "f" || setting == "n";
  if (EqualsIgnoreCase(name, "IgnoreDots")) options.ignore_dots = !off;
  if (name.size() > 0 && name[0] == 'i') options.ignore_dots = true;
  return {};
}

Result SetBody(Options& options, const std::string& value) {
  for (const char* known : {"8BITMIME", "7BIT"})
    if (EqualsIgnoreCase(value, known)) options.body = known;
  return {};
}

Result SetNotify(Options& options, const std::string& value) {
  const auto notify = ParseNotify(value);
  if (!notify) return Refuse("-N takes never, or a list of failure, delay and success");
  options.notify = *notify;
  return {};
}

Result SetRet(Options& options, const std::string& value) {
  const auto ret = ParseRet(value);
  if (!ret) return Refuse("-R takes full or hdrs");
  options.ret = *ret;
  return {};
}

Result SetEnvid(Options& options, const std::string& value) {
  const auto envid = ParseEnvid(value);
  if (!envid) return UsageError{EX_DATAERR, "-V takes up to 100 printable characters"};
  options.envid = *envid;
  return {};
}

constexpr auto kOptions = std::to_array<Option>({
    {'A', Argument::Required, Ignore},  // which configuration file
    {'B', Argument::Required, SetBody},
    {'C', Argument::Required, Ignore},  // configuration file: a caller can't choose the queue
    {'D', Argument::Required, Ignore},  // debug file
    {'E', Argument::None, Ignore},
    {'F', Argument::Required, SetFullName},
    {'G', Argument::None, Ignore},  // gateway submission
    {'I', Argument::None, SetMode<Mode::Newaliases>},
    {'J', Argument::None, Ignore},
    {'L', Argument::Required, Ignore},  // syslog tag
    {'M', Argument::Required, NotImplemented},
    {'N', Argument::Required, SetNotify},
    {'O', Argument::Required, ApplyLongOption},
    {'Q', Argument::Required, NotImplemented},
    {'R', Argument::Required, SetRet},
    {'T', Argument::None, NotImplemented},
    {'U', Argument::None, Ignore},  // initial submission
    {'V', Argument::Required, SetEnvid},
    {'X', Argument::Required, Ignore},  // traffic log
    {'b', Argument::Required, ApplyMode},
    {'c', Argument::None, NotImplemented},
    {'d', Argument::Attached, Ignore},  // debug
    {'e', Argument::Required, Ignore},  // error mode
    {'f', Argument::Required, SetSender},
    {'h', Argument::Required, Ignore},  // hop count
    {'i', Argument::None, SetIgnoreDots},
    {'m', Argument::None, Ignore},  // "me too"
    {'n', Argument::None, Ignore},  // no aliases
    {'o', Argument::Required, ApplyShortOption},
    {'p', Argument::Required, Ignore},  // protocol and host
    {'q', Argument::Attached, SetMode<Mode::Flush>},
    {'r', Argument::Required, SetSender},
    {'s', Argument::None, NotImplemented},
    {'t', Argument::None, SetHeaderRecipients},
    {'v', Argument::None, Ignore},  // verbose
    {'x', Argument::None, Ignore},
});

const Option* FindOption(char letter) noexcept {
  const auto* found = std::ranges::find(kOptions, letter, &Option::letter);
  return found == kOptions.end() ? nullptr : found;
}

// Exim's -oMr and its like have their value in the next word; in Sendmail's -oM it is attached.
bool TakesNextWord(const Option& option, const std::string& value) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"Ma", "Maa", "Mai", "Mas", "Mi", "Mm", "Mr", "Ms", "Mt"});
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
      if (!option) return Refuse("unknown option " + Quote(word.substr(0, 1) + word[at]));
      if (option->argument == Argument::None) {
        if (auto error = Apply(*option, {})) return error;
        continue;
      }
      return ApplyWithArgument(*option, word.substr(at + 1));
    }
    return {};
  }

  Result ApplyWithArgument(const Option& option, std::string value) {
    if (value.empty() && option.argument == Argument::Required) {
      if (words_.size() < 2) return Refuse(std::string("option -") + option.letter + " needs an argument");
      words_ = words_.subspan(1);
      value = words_[0];
    }
    if (TakesNextWord(option, value)) words_ = words_.subspan(std::min<std::size_t>(1, words_.size() - 1));
    return Apply(option, value);
  }

  Result Apply(const Option& option, const std::string& value) {
    auto error = option.apply(options_, value);
    if (error && option.apply == NotImplemented)
      error->text = std::string("option -") + option.letter + " is not implemented";
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
