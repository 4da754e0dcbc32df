// SPDX-License-Identifier: BSD-2-Clause
#include "options.hxx"

#include "base/text.hxx"

#include <fmt/core.h>

#include <cstdlib>
#include <getopt.h>
#include <iterator>

namespace sink {

namespace {

constexpr char kUsage[] = R"(Usage: mailqueue-sink [OPTION]...
A receiving SMTP or LMTP server that keeps what it gets and misbehaves when told to.

  --listen=ADDR:PORT   TCP address (default 127.0.0.1:0; port 0: any)
  --unix=PATH          Unix socket instead
  --lmtp               LMTP instead of SMTP
  --tls=none|starttls|implicit
  --cert=FILE --key=FILE
  --auth=MECHANISM,... ask for AUTH before MAIL: PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256, both
                       with -PLUS, EXTERNAL, OAUTHBEARER, XOAUTH2
  --user=NAME --password=SECRET, which is the token of the last two
  --output=DIR         one file a transaction, NUMBER.eml
  --counters=FILE      connections, open, peak, transactions, messages, recipients, violations;
                       made when it listens
  --rule=RULE          misbehave (may be given several times)
  --rules=FILE         the same, one a line; read again whenever it changes
  --delay=MS           wait before each group of replies
  --size=OCTETS        largest message
  --limits=LIMITS      what LIMITS (RFC 9422) says: "RCPTMAX=10 MAILMAX=5"; nothing here keeps to it
  --verbose            the dialog on stderr

The first line of output is "listening on ADDR:PORT" or "listening on PATH". Rules, the first that fits decides:

  COMMAND [PATTERN] CODE [TEXT]   reply so ("\n" in TEXT: several lines); 421 closes
  COMMAND [PATTERN] DROP          close without a word
  COMMAND [PATTERN] SLOW MS       wait, then go on with the next rule
  HIDE EXTENSION                  do not announce it
  INJECT TEXT                     sent in the clear behind the reply to STARTTLS
  CUT OCTETS                      close after so many received octets of a connection

COMMAND is CONNECT, EHLO, HELO, LHLO, STARTTLS, AUTH, MAIL, RCPT, DATA (and BDAT), DOT, RSET, NOOP, QUIT or *.
PATTERN is a glob(7) for the name of EHLO, the mechanism of AUTH, the address of MAIL and RCPT, the sender for
DATA and DOT (LMTP: the recipient for DOT).
)";

[[noreturn]] void Refuse(const std::string& text) {
  fmt::print(stderr, "mailqueue-sink: {}\n", text);
  std::exit(2);
}

template <typename Integer>
Integer Number(const char* text) {
  const auto number = ParseNumber<Integer>(text);
  if (!number) Refuse(fmt::format("not a number: {}", Quote(text)));
  return *number;
}

void SetListen(Options& options, std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) Refuse(fmt::format("not ADDR:PORT: {}", Quote(text)));
  options.port = Number<std::uint16_t>(std::string(text.substr(colon + 1)).c_str());
  auto address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  options.address = address;
}

Tls ParseTls(std::string_view text) {
  if (text == "none") return Tls::None;
  if (text == "starttls") return Tls::StartTls;
  if (text == "implicit") return Tls::Implicit;
  Refuse(fmt::format("--tls is none, starttls or implicit, not {}", Quote(text)));
}

enum Option {
  Listen,
  Unix,
  Lmtp,
  TlsMode,
  Cert,
  Key,
  Auth,
  User,
  Password,
  Output,
  Counters,
  OneRule,
  RulesFile,
  Delay,
  Size,
  Limits,
  Verbose,
  Help
};

constexpr option kOptions[] = {
    {"listen", required_argument, nullptr, Listen},
    {"unix", required_argument, nullptr, Unix},
    {"lmtp", no_argument, nullptr, Lmtp},
    {"tls", required_argument, nullptr, TlsMode},
    {"cert", required_argument, nullptr, Cert},
    {"key", required_argument, nullptr, Key},
    {"auth", required_argument, nullptr, Auth},
    {"user", required_argument, nullptr, User},
    {"password", required_argument, nullptr, Password},
    {"output", required_argument, nullptr, Output},
    {"counters", required_argument, nullptr, Counters},
    {"rule", required_argument, nullptr, OneRule},
    {"rules", required_argument, nullptr, RulesFile},
    {"delay", required_argument, nullptr, Delay},
    {"size", required_argument, nullptr, Size},
    {"limits", required_argument, nullptr, Limits},
    {"verbose", no_argument, nullptr, Verbose},
    {"help", no_argument, nullptr, Help},
    {nullptr, 0, nullptr, 0},
};

void Set(Options& options, int option, const char* value) {
  switch (option) {
    case Listen:
      return SetListen(options, value);
    case Unix:
      options.unix_path = value;
      return;
    case Lmtp:
      options.lmtp = true;
      return;
    case TlsMode:
      options.tls = ParseTls(value);
      return;
    case Cert:
      options.certificate = value;
      return;
    case Key:
      options.key = value;
      return;
    case Auth:
      options.mechanisms = SplitList(value, ",");
      return;
    case User:
      options.user = value;
      return;
    case Password:
      options.password = value;
      return;
    case Output:
      options.output = value;
      return;
    case Counters:
      options.counters = value;
      return;
    case OneRule:
      options.rules.emplace_back(value);
      return;
    case RulesFile:
      options.rules_file = value;
      return;
    case Delay:
      options.delay = std::chrono::milliseconds(Number<int>(value));
      return;
    case Size:
      options.max_size = Number<std::size_t>(value);
      return;
    case Limits:
      options.limits = value;
      return;
    case Verbose:
      options.verbose = true;
      return;
    case Help:
      fmt::print("{}", kUsage);
      std::exit(0);
    default:
      std::exit(2);  // getopt has said why
  }
}

}  // namespace

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int option; (option = ::getopt_long(argc, argv, "", kOptions, nullptr)) != -1;)
    Set(options, option, optarg);
  if (optind != argc) Refuse(fmt::format("unexpected argument {}", Quote(argv[optind])));
  if (options.tls != Tls::None && (options.certificate.empty() || options.key.empty()))
    Refuse("--tls needs --cert and --key");
  return options;
}

}  // namespace sink
