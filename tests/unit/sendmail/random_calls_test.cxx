// SPDX-License-Identifier: BSD-2-Clause
// Calls of sendmail at random: options, recipients, header and body. Of each it is known what must come of
// it; header and body are compared octet for octet. CALLS= says how many, SEED= which is the first: a failure
// names the seed of its call, and is repeated with CALLS=1.
#include "base/text.hxx"
#include "case.hxx"
#include "private_drop.hxx"
#include "run.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

unsigned Setting(const char* name, unsigned otherwise) {
  const char* const value = std::getenv(name);
  return value ? static_cast<unsigned>(std::strtoul(value, nullptr, 10)) : otherwise;
}

// What is given to sendmail, and what must be in the envelope and in the message.
struct Call {
  Case c;
  std::string sender = "alice";
  std::multiset<std::string> recipients;
  std::string notify, ret, envid, body_type;
  std::string fields;              // that stay
  std::vector<std::string> added;  // names of those that are added behind them
  std::string body;
};

class CallGenerator {
 public:
  explicit CallGenerator(unsigned seed) : random_(seed) {}

  Call Make() {
    AddOptions();
    AddSender();
    const bool from_header = Chance(2);
    if (from_header) Option({"-t"});
    if (!from_header || Chance(2)) AddOperands();
    AddFields(from_header);
    AddBody();
    return std::move(call_);
  }

 private:
  unsigned Pick(std::size_t end) { return static_cast<unsigned>(random_() % end); }
  bool Chance(unsigned of) { return Pick(of) == 0; }
  const std::string& PickOf(const std::vector<std::string>& texts) { return texts[Pick(texts.size())]; }

  void Option(std::vector<std::string> words) {
    // Operands come last: an option may stand anywhere in front of them.
    call_.c.arguments.insert(call_.c.arguments.end(), words.begin(), words.end());
  }

  void AddOptions() {
    static const std::vector<std::vector<std::string>> kIgnored = {
        {"-v"},  {"-oem"}, {"-odb"},    {"-G"},    {"-U"},    {"-m"},
        {"-bm"}, {"-n"},   {"-h", "3"}, {"-Ltag"}, {"-d0.1"}, {"-oee", "-p", "x"}};
    for (auto count = Pick(3); count > 0; --count) Option(kIgnored[Pick(kIgnored.size())]);
    ignores_dots_ = Chance(2);
    if (ignores_dots_) Option({PickOf({"-i", "-oi", "-vi", "-OIgnoreDots=true"})});
    if (Chance(4)) SetNotify(PickOf({"NEVER", "FAILURE", "FAILURE,DELAY", "SUCCESS"}));
    if (Chance(6)) Option({"-R", call_.ret = PickOf({"FULL", "HDRS"})});
    if (Chance(6)) Option({"-V" + (call_.envid = "id-" + std::to_string(Pick(1000)))});
    if (Chance(4)) Option({"-B", call_.body_type = PickOf({"8BITMIME", "7BIT"})});
  }

  void SetNotify(const std::string& notify) {
    call_.notify = notify;
    Option({"-N", ToLower(notify)});
  }

  void AddSender() {
    if (Chance(2)) return;
    call_.sender = PickOf({"", "list-bounces@example.org", "\"a b\"@example.org", "bob"});
    const auto& text = call_.sender;
    if (text.empty() || Chance(2))
      Option({PickOf({"-f", "-r"}), text.empty() ? PickOf({"", "<>", "MAILER-DAEMON"}) : "<" + text + ">"});
    else
      Option({"-f" + text});
  }

  // An address as it may be written, which becomes a recipient.
  std::string Recipient(bool in_list) {
    const auto plain =
        "u" + std::to_string(Pick(30)) + PickOf({"@example.net", "@Example.ORG", "+x@[192.0.2.1]"});
    const auto at = plain.find('@');
    seen_.insert(plain.substr(0, at) + ToLower(plain.substr(at)));
    const auto quoted = "\"" + plain.substr(0, at) + "\"" + plain.substr(at);
    const auto style = Pick(in_list ? 6 : 7);
    switch (style) {
      case 0:
        return "Some One <" + plain + ">";
      case 1:
        return "\"One, Some; <x@y>\" <" + plain + ">";
      case 2:
        return plain + " (a (nested) comment, x@y)";
      case 3:
        return quoted;
      case 4:
        return "<" + plain + ">";
      case 5:
        return plain.ends_with(']') ? plain : plain + ".";
      default:
        return plain;
    }
  }

  std::string List(const std::vector<std::string>& separators) {
    auto list = Recipient(true);
    for (auto count = Pick(3); count > 0; --count) list += PickOf(separators) + Recipient(true);
    return list;
  }

  void AddOperands() {
    if (Chance(3)) Option({"--"});
    for (auto count = 1 + Pick(3); count > 0; --count)
      call_.c.arguments.push_back(Chance(2) ? List({",", ", ", ";", " ; "}) : Recipient(false));
    if (Chance(5)) call_.c.arguments.emplace_back();
  }

  std::string Fold() { return PickOf({" ", "\n ", "\n\t ", "  "}); }

  void AddField(const std::string& field, bool stays = true) {
    header_ += field + "\n";
    if (stays) call_.fields += field + "\n";
  }

  void AddFields(bool from_header) {
    if (Chance(4)) header_ += PickOf({"\xef\xbb\xbf", "From alice Mon Jan  1 00:00:00 2024\n"});
    for (const std::string name : {"From", "Date", "Message-ID"}) {
      if (Chance(2))
        call_.added.push_back(name);
      else
        AddField(name + ":" + Fold() +
                 (name == "From" ? "Al (x) <al@example.org>" : "<any" + Fold() + "thing>"));
      AddAnyField();
    }
    if (from_header) {
      AddField("To:" + Fold() + List({",", ", ", ",\n "}));
      if (Chance(2)) AddField("cc:" + List({","}));
      if (Chance(2)) AddField("Bcc: " + List({",\n\t", ";"}), false);
    } else if (Chance(2)) {
      AddField("To: nobody@example.com (not with -t)");
    }
    AddField("Bcc: hidden@example.com", false);
    if (from_header) seen_.insert("hidden@example.com");
    if (Chance(6)) AddField("Content-Length: 12", false);
    AddAnyField();
  }

  void AddAnyField() {
    if (Chance(2)) return;
    auto field = "X-Any-" + std::to_string(++fields_) + PickOf({":", ": ", " : "});
    static const std::vector<std::string> kPieces = {
        "word",    " ",  "\n ", "gr\xc3\xbc\xc3\x9f",  "\xff", "=?utf-8?Q?a?=",
        "To: x@y", "\t", ";",   std::string(1200, 'x')};
    for (auto count = Pick(8); count > 0; --count) field += PickOf(kPieces);
    AddField(field);
  }

  void AddBody() {
    static const std::vector<std::string> kPieces = {"text",
                                                     " ",
                                                     "\n",
                                                     "\n",
                                                     "\r\n",
                                                     "\r",
                                                     "\r\r\n",
                                                     ".",
                                                     "\n.",
                                                     "..",
                                                     "\n.\n",
                                                     std::string(1, '\0'),
                                                     "\xff",
                                                     "gr\xc3\xbc\xc3\x9f",
                                                     "From x\n",
                                                     "To: body@example.com\n",
                                                     std::string(1500, 'y'),
                                                     std::string(70000, 'z')};
    std::string body;
    for (auto count = Pick(25); count > 0; --count) body += PickOf(kPieces);
    const std::string end = Chance(2) ? "\r\n" : "\n";
    auto header = header_;
    if (end == "\r\n")
      for (auto at = header.find('\n'); at != header.npos; at = header.find('\n', at + 2))
        header.insert(at, 1, '\r');
    call_.c.input = header + end + body;
    call_.body = Expected(body);
    for (const auto& address : seen_) call_.recipients.insert(address);
  }

  // Lines end in LF, the last one too; a lone dot may end the message.
  std::string Expected(const std::string& body) const {
    std::string text;
    for (std::size_t i = 0; i < body.size(); ++i)
      if (body[i] != '\r' || i + 1 == body.size() || body[i + 1] != '\n') text += body[i];
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    if (ignores_dots_) return text;
    return text.substr(0, std::min(("\n" + text).find("\n.\n"), text.size()));
  }

  std::mt19937 random_;
  Call call_;
  bool ignores_dots_ = false;
  std::set<std::string> seen_;
  std::string header_;
  unsigned fields_ = 0;
};

std::string Normal(const std::string& address) {
  const auto at = std::min(address.rfind('@'), address.size());
  return address.substr(0, at) + ToLower(address.substr(at));
}

// What is behind the fields that stay: those that were added, one a line but for folding, and the empty line.
void CheckAdded(std::string_view text, const Call& call) {
  for (const auto& name : call.added) {
    ASSERT_TRUE(text.starts_with(name + ": ")) << name << "\n" << text.substr(0, 200);
    auto end = text.find('\n');
    while (end + 1 < text.size() && text[end + 1] == ' ') end = text.find('\n', end + 1);
    text.remove_prefix(end + 1);
  }
  ASSERT_TRUE(text.starts_with('\n')) << text.substr(0, 200);
  EXPECT_TRUE(text.substr(1) == call.body)
      << "the body, of " << text.size() - 1 << " octets instead of " << call.body.size();
}

void Check(const Call& call, const PrivateDrop::Message& message) {
  const auto& envelope = message.envelope;
  EXPECT_EQ(envelope.sender, call.sender);
  EXPECT_EQ(envelope.ret, call.ret);
  EXPECT_EQ(envelope.envid, call.envid);
  EXPECT_EQ(envelope.body, call.body_type);
  std::multiset<std::string> recipients;
  for (const auto& recipient : envelope.recipients) {
    recipients.insert(Normal(recipient.address));
    EXPECT_EQ(recipient.notify, call.notify) << recipient.address;
  }
  EXPECT_EQ(recipients, call.recipients);
  ASSERT_TRUE(message.text.starts_with(call.fields))
      << message.text.substr(0, call.fields.size() + 100) << "\n=>\n"
      << call.fields;
  CheckAdded(std::string_view(message.text).substr(call.fields.size()), call);
}

TEST(RandomCalls, AreTakenOctetForOctet) {
  const auto first = Setting("SEED", 5322);
  const auto last = first + Setting("CALLS", 100);
  for (auto seed = first; seed != last; ++seed) {
    SCOPED_TRACE("SEED=" + std::to_string(seed));
    const auto call = CallGenerator(seed).Make();
    const PrivateDrop drop;
    const std::vector<std::string> environment = {"ASAN_OPTIONS=detect_leaks=0",
                                                  "TEST_DOMAIN=host.example.org",
                                                  "TEST_DROP=" + drop.Path(),
                                                  "TEST_SOCKET=" + drop.Path() + "/none",
                                                  "TEST_USER=alice",
                                                  "TEST_UID=1000",
                                                  "TEST_GECOS=Alice"};
    const auto run = RunCase(call.c, {TEST_SENDMAIL, environment, {}});
    ASSERT_EQ(run.status, 0) << run.err;
    const auto messages = drop.Messages();
    ASSERT_EQ(messages.size(), 1U);
    Check(call, messages[0]);
    if (HasFailure()) break;
  }
}

}  // namespace
