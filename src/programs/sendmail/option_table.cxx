// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/option_table.hxx"

#include "base/text.hxx"
#include "smtp/dsn.hxx"
#include "submit/submit.hxx"

#include <algorithm>
#include <array>

namespace {

using Result = std::optional<UsageError>;
using Argument = Option::Argument;

Result Refuse(std::string text) {
  return UsageError{EX_USAGE, std::move(text)};
}

Result Ignore(Options&, const std::string&) {
  return {};
}

Result NotImplemented(Options&, const std::string&) {
  return Refuse("not implemented");
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
  if (HasControl(value)) return UsageError{EX_DATAERR, "a name with a control character"};
  if (value.size() > submit::kMaxFullName) return UsageError{EX_DATAERR, "the name is too long"};
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
  return Refuse("there is no mode " + Quote(value));
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
  if (EqualsIgnoreCase(name, "RequireTls")) options.require_tls = !off;
  if (name.starts_with('i')) options.ignore_dots = true;
  return {};
}

// -q: whatever the interval or the pattern behind it is, the whole queue once; -qI: one message.
Result SetFlush(Options& options, const std::string& value) {
  options.mode = Mode::Flush;
  options.flush_id = value.starts_with('I') ? value.substr(1) : "";
  if (value.starts_with('I') && (options.flush_id.empty() || options.flush_id.starts_with('-')))
    return Refuse("I takes a queue ID");
  return {};
}

Result SetBody(Options& options, const std::string& value) {
  for (const char* known : {"8BITMIME", "7BIT"})
    if (EqualsIgnoreCase(value, known)) options.body = known;
  return {};
}

Result SetNotify(Options& options, const std::string& value) {
  const auto notify = smtp::ParseNotify(value);
  if (!notify) return Refuse("takes never, or a list of failure, delay and success");
  options.notify = *notify;
  return {};
}

Result SetRet(Options& options, const std::string& value) {
  const auto ret = smtp::ParseRet(value);
  if (!ret) return Refuse("takes full or hdrs");
  options.ret = *ret;
  return {};
}

Result SetEnvid(Options& options, const std::string& value) {
  const auto envid = smtp::ParseEnvid(value);
  if (!envid) return UsageError{EX_DATAERR, "takes up to 100 printable characters"};
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
    {'q', Argument::Attached, SetFlush},
    {'r', Argument::Required, SetSender},
    {'s', Argument::None, NotImplemented},
    {'t', Argument::None, SetHeaderRecipients},
    {'v', Argument::None, Ignore},  // verbose
    {'x', Argument::None, Ignore},
});

}  // namespace

const Option* FindOption(char letter) noexcept {
  const auto* found = std::ranges::find(kOptions, letter, &Option::letter);
  return found == kOptions.end() ? nullptr : found;
}
