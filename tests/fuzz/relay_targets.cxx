// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.hxx"
#include "dns/name.hxx"
#include "dns/records.hxx"
#include "dns/system_files.hxx"
#include "mx/sts_policy.hxx"
#include "sasl/client.hxx"
#include "sasl/secret.hxx"
#include "smtp/client/client.hxx"
#include "smtp/client/judge.hxx"
#include "target.hxx"
#include "targets.hxx"

#include <algorithm>
#include <array>

namespace fuzz {

namespace {

using smtp::Place;

constexpr std::string_view kPassword = "swordfish";  // in Base64, so that it may be in a command
constexpr std::array kPlaces = {Place::Greeting, Place::Hello, Place::StartTls, Place::Auth,  Place::Mail,
                                Place::Rcpt,     Place::Data,  Place::Text,     Place::Reset, Place::Quit};

void CheckResult(const mail::DeliveryResult& result) {
  Require(mail::IsEnhancedStatus(result.status), result.status);
  const char wanted = result.outcome == mail::Outcome::Delivered  ? '2'
                      : result.outcome == mail::Outcome::Deferred ? '4'
                                                                  : '5';
  Require(result.status[0] == wanted, result.status);
  Require(IsPrintable(result.text), result.text);
}

std::vector<smtp::Reply> ReadReplies(const std::vector<std::string_view>& pieces, bool& bad) {
  std::vector<smtp::Reply> replies;
  smtp::ReplyParser parser;
  for (const auto piece : pieces) {
    parser.Feed(piece);
    while (auto reply = parser.Next()) replies.push_back(std::move(*reply));
  }
  bad = parser.Bad();
  Require(IsPrintable(parser.Error()), parser.Error());
  return replies;
}

void CheckReply(const smtp::Reply& reply) {
  Require(reply.code >= 200 && reply.code <= 599 && !reply.lines.empty());
  const auto shown = reply.ToString();
  Require(IsPrintable(shown) && shown.size() <= smtp::Reply::kMaxShown, shown);
  for (const auto place : kPlaces) CheckResult(smtp::Judge(reply, place));
  const auto extensions = smtp::Extensions::Parse(reply).ToString();
  Require(IsPrintable(extensions), extensions);
}

/// Knows a mechanism that shows the password and one that does not.
class Login final : public smtp::Authenticator {
 public:
  [[nodiscard]] std::vector<Mechanism> Mechanisms() const override { return {{"CRAM-MD5"}, {"PLAIN", true}}; }
  [[nodiscard]] std::optional<std::string> Start(std::string_view mechanism) override {
    return mechanism == "PLAIN" ? std::string(kPassword) : std::string();
  }
  [[nodiscard]] std::optional<std::string> Step(std::string_view challenge) override {
    if (challenge.size() % 4 != 0) return std::nullopt;
    return "AAAA";
  }
  [[nodiscard]] bool IsComplete() const noexcept override { return true; }
};

mail::Envelope MakeEnvelope() {
  mail::Envelope envelope;
  envelope.sender = "alice@example.org";
  envelope.envid = "a b+c";
  envelope.ret = "HDRS";
  for (const char* address :
       {"bob@example.net", "carol@example.com", "j\xc3\xb6rg@example.net", "\"a b\"@x.example"})
    envelope.recipients.emplace_back().address = address;
  envelope.recipients[0].notify = "FAILURE";
  envelope.recipients[0].original = "rfc822;bob@example.net";
  return envelope;
}

/// One conversation with a server that says whatever the input says.
class Conversation {
 public:
  Conversation() : envelope_(MakeEnvelope()), message_{envelope_, 1000, true}, client_(Policy(), &login_) {}

  void Run(const std::vector<std::string>& inputs) {
    for (const auto& input : inputs) {
      if (client_.GetNeed() == Need::Input) client_.OnInput(input);
      GoOn();
      if (client_.GetNeed() == Need::Close) break;
    }
    if (client_.GetNeed() != Need::Close) client_.OnLost(mail::Deferred("4.4.2", "lost"));
    TakeReport();
    Require(!is_begun_ || is_reported_);
  }

 private:
  using Need = smtp::Client::Need;

  static smtp::SessionPolicy Policy() { return {.helo = "host.example"}; }

  // What is left to be done before the server has to say something.
  void GoOn() {
    for (;;) {
      CheckOutput();
      TakeReport();
      const auto need = client_.GetNeed();
      if (need == Need::Tls) {
        is_private_ = true;
        client_.OnTls();
      } else if (need == Need::Text) {
        client_.OnTextSent();
      } else if (need == Need::Ready && !is_begun_ && client_.MayBegin()) {
        is_begun_ = true;
        client_.Begin(message_, {0, 1, 2, 3});
      } else if (need == Need::Ready) {
        client_.Quit();
      } else {
        return CheckOutput();
      }
    }
  }

  void CheckOutput() {
    const auto output = client_.TakeOutput();
    Require(output.empty() || output.ends_with("\r\n"), output);
    auto lines = output;
    for (auto end = lines.find("\r\n"); end != lines.npos; end = lines.find("\r\n")) lines.erase(end, 2);
    Require(IsPrintable(lines), output);
    Require(is_private_ || output.find(kPassword) == output.npos, output);
  }

  void TakeReport() {
    const auto report = client_.TakeReport();
    if (!report) return;
    is_reported_ = true;
    Require(report->results.size() == envelope_.recipients.size());
    for (const auto& result : report->results) CheckResult(result);
    for (const auto place : report->untouched) Require(place < report->results.size());
  }

  mail::Envelope envelope_;
  smtp::Message message_;
  Login login_;
  smtp::Client client_;
  bool is_private_ = false;
  bool is_begun_ = false;
  bool is_reported_ = false;
};

bool IsBase64(std::string_view text) noexcept {
  return text.size() % 4 == 0 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                  c == '/' || c == '=';
         });
}

}  // namespace

void Dns(std::string_view input) {
  if (const auto mx = dns::ParseMx(input)) Require(IsPrintable(mx->host) && !mx->host.empty(), mx->host);
  if (const auto tlsa = dns::ParseTlsa(input)) Require(tlsa->data.size() + 3 == input.size(), input);
  if (const auto txt = dns::ParseTxt(input)) Require(txt->size() <= input.size(), input);
  (void)dns::ParseAddress(input);
  auto rest = input;
  if (const auto name = dns::TakeWireName(rest))
    Require(IsPrintable(*name) && name->size() <= 255 && rest.size() < input.size(), *name);
}

void DnsName(std::string_view input) {
  (void)dns::IsLocalhost(input);
  const auto name = dns::ToAscii(input);
  if (!name) return;
  Require(!name->empty() && name->size() <= 253 && !name->ends_with('.') && IsPrintable(*name), *name);
  Require(ToLower(*name) == *name && std::ranges::all_of(*name, [](char c) { return c > 0; }), *name);
  Require(dns::ToAscii(*name) == name, *name);
  for (const auto& label : SplitList(*name, ".")) Require(label.size() <= 63, *name);
}

void Reply(std::string_view input) {
  bool bad = false;
  bool bad_in_pieces = false;
  const auto whole = ReadReplies({input}, bad);
  const auto pieces = ReadReplies(Pieces(input), bad_in_pieces);
  Require(bad == bad_in_pieces && whole.size() == pieces.size(), input);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Require(whole[i].code == pieces[i].code && whole[i].lines == pieces[i].lines, input);
    CheckReply(whole[i]);
  }
}

void ResolvConf(std::string_view input) {
  const auto servers = dns::ParseResolvConf(input);
  Require(!servers.empty() && servers.size() <= dns::kMaxServers);
  for (const auto& server : servers) Require(IsPrintable(server), server);
  (void)dns::FindInHosts(input, "localhost");
}

// Parts: the name of a mechanism, and what the server says.
void Sasl(std::string_view input) {
  static sasl::Client client(sasl::Secret("tim", "tanstaaftanstaaf"));
  const auto parts = Parts(input);
  if (parts.empty()) return;
  auto word = client.Start(parts[0]);
  for (std::size_t i = 1; word && i < parts.size(); ++i) {
    Require(IsBase64(*word), *word);
    word = client.Step(parts[i]);
  }
}

void Secret(std::string_view input) {
  const auto secret = sasl::ParseSecret(input);
  Require(secret.has_value() == sasl::SplitSecret(input).has_value(), input);
  if (secret)
    Require(input.starts_with(secret->user + ":" + secret->password) && !secret->user.empty(), input);
}

// Each part is what the server says in one piece.
void SmtpClient(std::string_view input) {
  Conversation().Run(Parts(input));
}

void Sts(std::string_view input) {
  std::string why;
  const auto policy = mx::StsPolicy::Parse(input, why);
  Require(policy || !why.empty(), input);
  Require(IsPrintable(why), why);
  if (policy) {
    Require(policy->hosts.size() <= mx::StsPolicy::kMaxHosts && policy->max_age <= mx::StsPolicy::kMaxAge,
            input);
    for (const auto& host : policy->hosts) {
      Require(IsPrintable(host) && ToLower(host) == host, host);
      if (!host.starts_with('*')) Require(policy->Names(host), host);
    }
    Require(policy->max_age.count() >= 0, input);
  }
  if (const auto id = mx::FindStsId(Parts(input))) Require(IsPrintable(*id) && id->size() <= 32, *id);
}

}  // namespace fuzz
