// SPDX-License-Identifier: BSD-2-Clause
#include "config/relay_url.hxx"

#include "base/text.hxx"
#include "config/domain_name.hxx"
#include "config/value_checks.hxx"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

namespace config {

namespace {

constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

struct Scheme {
  std::string_view name;
  Protocol protocol;
  Tls tls;
  std::uint16_t port;
  bool needs_label = false;
  bool mx = false;
};

// For each meaning the first spelling is the one that ToString writes; the last three are those of old
// smtpd.conf files.
constexpr Scheme kSchemes[] = {
    {"smtp", Protocol::Smtp, Tls::Opportunistic, 25},
    {"smtp+tls", Protocol::Smtp, Tls::Required, 25},
    {"smtps", Protocol::Smtp, Tls::Implicit, 465},
    {"smtp+notls", Protocol::Smtp, Tls::Never, 25},
    {"lmtp", Protocol::Lmtp, Tls::Never, 24},
    {.name = "mx", .protocol = Protocol::Smtp, .tls = Tls::Opportunistic, .port = 25, .mx = true},
    {"tls", Protocol::Smtp, Tls::Required, 25},
    {"tls+auth", Protocol::Smtp, Tls::Required, 25, true},
    {"smtps+auth", Protocol::Smtp, Tls::Implicit, 465, true},
};

bool IsSocketPath(std::string_view text) noexcept {
  return text.size() > 1 && text.size() <= kMaxSocketPath && !HasControl(text);
}

/// Takes an URL apart from left to right; each step leaves the rest for the next, and says what is wrong.
class Parser {
 public:
  explicit Parser(std::string_view text) noexcept : text_(text), rest_(text) {}

  bool Run() {
    return TakeScheme() && (TakeSocket() || (error_.empty() && TakeLabel() && TakeHost() && TakePort()));
  }

  RelayUrl url;
  [[nodiscard]] std::string TakeError() noexcept { return std::move(error_); }

 private:
  bool TakeScheme();
  bool TakeSocket();
  bool TakeLabel();
  bool TakeHost();
  bool TakeBracketed();
  bool TakePort();
  bool Fail(std::string text) {
    error_ = std::move(text);
    return false;
  }

  std::string_view text_;
  std::string_view rest_;
  const Scheme* scheme_ = &kSchemes[0];
  std::string error_;
};

bool Parser::TakeScheme() {
  if (text_.find('\0') != text_.npos) return Fail("a NUL octet");
  const auto end = text_.find(":/");
  if (end != text_.npos) {
    const auto name = text_.substr(0, end);
    scheme_ = std::ranges::find_if(kSchemes, [&](const Scheme& s) { return EqualsIgnoreCase(s.name, name); });
    if (scheme_ == std::end(kSchemes))
      return Fail(Quote(name) + " is no protocol: smtp, smtp+tls, smtps, smtp+notls, lmtp or mx");
    rest_ = text_.substr(end + 1);
    if (rest_.starts_with("//")) rest_.remove_prefix(2);
  }
  url.protocol = scheme_->protocol;
  url.tls = scheme_->tls;
  url.mx = scheme_->mx;
  return true;
}

bool Parser::TakeSocket() {
  if (!rest_.starts_with('/')) return false;
  if (url.protocol != Protocol::Lmtp) return Fail("a host name is missing behind ://");
  if (!IsSocketPath(rest_)) return Fail(Quote(rest_) + " can't be the path of a Unix socket");
  url.host = rest_;
  return true;
}

bool Parser::TakeLabel() {
  const auto at = rest_.find('@');
  if (at != rest_.npos) {
    if (url.mx) return Fail("hosts that anybody's mail goes to get no password: mx:// has no LABEL@");
    const auto label = rest_.substr(0, at);
    if (!IsCredentialLabel(label))
      return Fail(Quote(label) + " is no label: letters, digits and -_.+ not beginning with a dot");
    url.label = label;
    rest_.remove_prefix(at + 1);
    if (url.tls == Tls::Opportunistic) url.tls = Tls::Required;  // a secret never goes to whoever answers
  } else if (scheme_->needs_label) {
    return Fail("a protocol with +auth needs LABEL@ before the host");
  }
  return true;
}

bool Parser::TakeBracketed() {
  const auto end = rest_.find(']');
  if (end == rest_.npos || !IsAddressOf(AF_INET6, rest_.substr(1, end - 1)))
    return Fail("brackets enclose an IPv6 address, as in [2001:db8::1]");
  url.host = rest_.substr(1, end - 1);
  rest_.remove_prefix(end + 1);
  return true;
}

bool Parser::TakeHost() {
  if (!url.mx && rest_.starts_with('[')) return TakeBracketed();
  const auto host = rest_.substr(0, rest_.find(':'));
  if (host.empty()) return Fail("the host name is missing");
  if (IsAddressOf(AF_INET6, rest_)) return Fail("an IPv6 address stands in brackets, as in [2001:db8::1]");
  const bool is_name = url.mx ? IsMailDomain(host) : IsDomainName(host) || IsAddressOf(AF_INET, host);
  if (!is_name) return Fail(Quote(host) + " can't be the name of a " + (url.mx ? "domain" : "host"));
  url.host = host;
  rest_.remove_prefix(host.size());
  return true;
}

bool Parser::TakePort() {
  url.port = scheme_->port;
  if (rest_.empty()) return true;
  const auto port = ParseNumber<std::uint16_t>(rest_.substr(1));
  if (rest_.front() != ':' || !port || *port == 0)
    return Fail(Quote(rest_) + " is no port: ':' and 1 to 65535");
  url.port = *port;
  return true;
}

const Scheme& SchemeOf(const RelayUrl& url) noexcept {
  return *std::ranges::find_if(kSchemes, [&](const Scheme& s) {
    return s.protocol == url.protocol && s.tls == url.tls && s.mx == url.mx;
  });
}

}  // namespace

std::optional<RelayUrl> RelayUrl::Parse(std::string_view text, Error* error) {
  Parser parser(text);
  if (parser.Run()) return std::move(parser.url);
  if (error) error->text = parser.TakeError();
  return std::nullopt;
}

std::string RelayUrl::ToString() const {
  if (IsUnixSocket()) return "lmtp:" + host;
  const Scheme& scheme = SchemeOf(*this);
  std::string text(scheme.name);
  text += "://";
  if (!label.empty()) text += label + "@";
  text += host.find(':') != host.npos ? "[" + host + "]" : host;
  if (port != scheme.port) text += ":" + std::to_string(port);
  return text;
}

}  // namespace config
