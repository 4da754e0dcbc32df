// SPDX-License-Identifier: BSD-2-Clause
#include "mail/destination.hxx"

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>

namespace mail {

using Kind = Destination::Kind;

void PrintTo(const Destination& destination, std::ostream* stream) {
  *stream << "{kind " << static_cast<int>(destination.kind) << ", "
          << testing::PrintToString(destination.text) << ", line " << destination.line << "}";
}

namespace {

Destination Mailbox(std::string text, unsigned line = 1) {
  return {Kind::Address, std::move(text), line};
}
Destination User(std::string text, unsigned line = 1) {
  return {Kind::User, std::move(text), line};
}
Destination File(std::string text, unsigned line = 1) {
  return {Kind::File, std::move(text), line};
}
Destination Command(std::string text, unsigned line = 1) {
  return {Kind::Command, std::move(text), line};
}
Destination Include(std::string text, unsigned line = 1) {
  return {Kind::Include, std::move(text), line};
}
Destination Error(std::string text, unsigned line = 1) {
  return {Kind::Error, std::move(text), line};
}

struct Good {
  std::string text;
  std::vector<Destination> entries;
};

void ExpectRead(const std::vector<Good>& cases) {
  for (const auto& one : cases) {
    SCOPED_TRACE(testing::PrintToString(one.text));
    const auto list = ParseDestinations(one.text);
    EXPECT_EQ(list.entries, one.entries);
    for (const auto& fault : list.faults) ADD_FAILURE() << fault.line << ": " << fault.text;
  }
}

}  // namespace

TEST(ParseDestinations, ReadsNamesAndAddresses) {
  ExpectRead({
      {"alice", {Mailbox("alice")}},
      {"alice\n", {Mailbox("alice")}},
      {"alice, bob@example.org", {Mailbox("alice"), Mailbox("bob@example.org")}},
      {"alice bob", {Mailbox("alice"), Mailbox("bob")}},
      {"alice,,bob,", {Mailbox("alice"), Mailbox("bob")}},
      {"alice,bob\tcarol", {Mailbox("alice"), Mailbox("bob"), Mailbox("carol")}},
      {"Alice <alice@example.org>", {Mailbox("alice@example.org")}},
      {"Alice B. Example <alice@example.org> bob", {Mailbox("alice@example.org"), Mailbox("bob")}},
      {"\"Example, Alice\" <alice@example.org>", {Mailbox("alice@example.org")}},
      {"\"Alice\"<alice@example.org>, bob", {Mailbox("alice@example.org"), Mailbox("bob")}},
      {"Bob \"Alice\"<alice@example.org>", {Mailbox("alice@example.org")}},
      {"<alice>", {Mailbox("alice")}},
      {"bob@example.org <alice@example.org>", {Mailbox("bob@example.org"), Mailbox("alice@example.org")}},
      {"alice@example.org (Alice, at work), bob", {Mailbox("alice@example.org"), Mailbox("bob")}},
      {"(all of us) alice", {Mailbox("alice")}},
      {"\"a b\"@example.org", {Mailbox("\"a b\"@example.org")}},
      {"\"a, b\"@example.org c", {Mailbox("\"a, b\"@example.org"), Mailbox("c")}},
      {"\"a b\"", {Mailbox("\"a b\"")}},
      {"\"alice\"", {Mailbox("alice")}},
      {"\"alice@example.org\"", {Mailbox("alice@example.org")}},
      {"\"DOMAIN\\\\alice\"", {Mailbox("\"DOMAIN\\\\alice\"")}},
      {"j\xc3\xb6rg@example.org", {Mailbox("j\xc3\xb6rg@example.org")}},
      {"user@[192.0.2.1]", {Mailbox("user@[192.0.2.1]")}},
      {"\\alice@example.org", {Mailbox("alice@example.org")}},
      {"\"|x\"@example.org", {Mailbox("|x@example.org")}},
      {"erroneous, include", {Mailbox("erroneous"), Mailbox("include")}},
  });
}

TEST(ParseDestinations, ReadsMailboxesOfUsers) {
  ExpectRead({
      {"\\alice, bob@example.org", {User("alice"), Mailbox("bob@example.org")}},
      {"!", {User("")}},
      {"\\", {User("")}},
      {"!, bob", {User(""), Mailbox("bob")}},
      {"! bob", {User(""), Mailbox("bob")}},
      {"!alice", {User("alice")}},
      {"\"\\\\alice\"", {User("alice")}},
      {"\\\"a b\"", {User("a b")}},
      {"\\alice, \"|/usr/bin/vacation alice\"", {User("alice"), Command("/usr/bin/vacation alice")}},
      {"\\alice \"|/usr/bin/vacation alice\"", {User("alice"), Command("/usr/bin/vacation alice")}},
  });
}

TEST(ParseDestinations, ReadsFiles) {
  ExpectRead({
      {"/var/mail/alice", {File("/var/mail/alice")}},
      {"/dev/null", {File("/dev/null")}},
      {"~/Maildir/", {File("~/Maildir/")}},
      {"maildir:/srv/box, MBOX:~/m, alice", {File("/srv/box/"), File("~/m"), Mailbox("alice")}},
      {"\"maildir:~/My Mail\"", {File("~/My Mail/")}},
      {"~/mbox, ~/Mail/ bob", {File("~/mbox"), File("~/Mail/"), Mailbox("bob")}},
      {"\"/home/alice/My Mail/\"", {File("/home/alice/My Mail/")}},
      {"/home/\"My, Mail\"/x", {File("/home/My, Mail/x")}},
      {"/home/a(b)/x#1", {File("/home/a(b)/x#1")}},
      {"\"~/a \\\"b\\\"\"", {File("~/a \"b\"")}},
      {"/caf\xe9", {File("/caf\xe9")}},
      {"alice /path", {Mailbox("alice"), File("/path")}},
  });
}

TEST(ParseDestinations, ReadsCommands) {
  ExpectRead({
      {"\"|/usr/bin/procmail -t\"", {Command("/usr/bin/procmail -t")}},
      {"|\"/usr/bin/vacation alice\"", {Command("/usr/bin/vacation alice")}},
      {"| \"/usr/bin/vacation alice\", bob", {Command("/usr/bin/vacation alice"), Mailbox("bob")}},
      {"|/usr/bin/vacation alice", {Command("/usr/bin/vacation alice")}},
      {"|/usr/bin/vacation alice, bob", {Command("/usr/bin/vacation alice"), Mailbox("bob")}},
      {"|/usr/bin/vacation alice  \nbob", {Command("/usr/bin/vacation alice"), Mailbox("bob", 2)}},
      {"|/usr/bin/vacation\n alice", {Command("/usr/bin/vacation alice")}},
      {"\"| /cmd a, b\", bob", {Command("/cmd a, b"), Mailbox("bob")}},
      {"\"|/cmd \\\"a, b\\\" c\"", {Command("/cmd \"a, b\" c")}},
      {"|/cmd \"a, b\" c, bob", {Command("/cmd \"a, b\" c"), Mailbox("bob")}},
      {"|/cmd 'a, b' {c, d}, bob", {Command("/cmd 'a, b' {c, d}"), Mailbox("bob")}},
      {"|\"/opt/my prog\" -x", {Command("\"/opt/my prog\" -x")}},
      {"|/bin/sh -c 'exec cat # not a comment'", {Command("/bin/sh -c 'exec cat # not a comment'")}},
      {"|/cmd\ta", {Command("/cmd\ta")}},
      {"alice |/cmd a b", {Mailbox("alice"), Command("/cmd a b")}},
  });
}

TEST(ParseDestinations, ReadsIncludedFiles) {
  ExpectRead({
      {":include:/etc/list", {Include("/etc/list")}},
      {":include: /etc/list, bob", {Include("/etc/list"), Mailbox("bob")}},
      {":Include:~/list bob", {Include("~/list"), Mailbox("bob")}},
      {"\":include:/etc/my list\"", {Include("/etc/my list")}},
      {":include:\"/etc/my list\"", {Include("/etc/my list")}},
  });
}

TEST(ParseDestinations, ReadsRefusals) {
  ExpectRead({
      {"error:text here", {Error("text here")}},
      {"error: no such person , bob", {Error("no such person"), Mailbox("bob")}},
      {"error:550 5.1.1 text", {Error("550 5.1.1 text")}},
      {"Error:don't write # to us", {Error("don't write # to us")}},
      {"\"error:sorry, gone\"", {Error("sorry, gone")}},
      {"error:\"sorry, gone\"", {Error("sorry, gone")}},
      {"error:ask \"Alice, Bob\", bob", {Error("ask \"Alice, Bob\""), Mailbox("bob")}},
  });
}

TEST(ParseDestinations, ReadsSpecialItemsOfExim) {
  ExpectRead({
      {":fail: bob has left, sorry # really", {Error("5.1.1 bob has left, sorry # really")}},
      {":fail:", {Error("5.1.1")}},
      {":FAIL:550 gone\nbob", {Error("5.1.1 550 gone"), Mailbox("bob", 2)}},
      {"\":fail: bob has left\"", {Error("5.1.1 bob has left")}},
      {":defer: on holiday", {Error("4.3.0 on holiday")}},
      {":unknown:", {Error("5.1.1 no user of that name on this machine")}},
      {":blackhole:", {File("/dev/null")}},
      {"\":blackhole:\"", {File("/dev/null")}},
      {":blackhole:, bob", {File("/dev/null"), Mailbox("bob")}},
      {"alice, :fail: bob has left", {Mailbox("alice"), Error("5.1.1 bob has left")}},
      {"alice :fail: bob", {Mailbox("alice"), Error("5.1.1 bob")}},
  });
}

TEST(ParseDestinations, TakesNoWordsOfATextForRecipients) {
  for (const char* text :
       {":fial: bob has left", ":unknown: bob has left", ":blackhole:bob", "alice, :blackhole: bob",
        "alice, :fial: bob has left", "alice :fial: bob", "alice, \":fial: bob\", carol", ":", ": bob",
        "discard: bob has left", "alice, bounce: bob has left", "smtp:[mail.example.org], bob",
        "file:/srv/mbox, bob", "Friends: alice, bob@example.org;", "root:alice", "alice\n, :fial: bob",
        "# Exim filter\nif $h_subject: contains spam then finish endif",
        "#   exim filter  <<== do not edit\nsave $home/x", "# Sieve filter\nkeep;"}) {
    SCOPED_TRACE(text);
    const auto list = ParseDestinations(text);
    EXPECT_EQ(list.faults.size(), 1U);
    EXPECT_TRUE(!list.faults.empty() && list.faults.back().waits);
    for (const auto& entry : list.entries)
      EXPECT_EQ(entry.text + " of the line above", "alice of the line above");
  }
  const auto list = ParseDestinations("alice\n:fial: bob\ncarol");
  EXPECT_EQ(list.entries, (std::vector<Destination>{Mailbox("alice"), Mailbox("carol", 3)}));
}

TEST(ParseDestinations, RunsNothingThatOnlyAShellUnderstands) {
  for (const char* line :
       {"/bin/cat >>/x",     "/bin/cat >/x",    "/bin/cat > /x",    "/bin/cat < /x",   "/bin/cat 2>/dev/null",
        "/bin/cat 2>&1",     "/bin/a | /bin/b", "/bin/a |/bin/b",   "/bin/a|/bin/b",   "/bin/a || /bin/b",
        "/bin/a && /bin/b",  "/bin/a &",        "/bin/a& /bin/b",   "/bin/a; /bin/b",  "/bin/a ; /bin/b",
        "/bin/a \\; /bin/b", "/bin/a ( b )",    "/bin/a $(/bin/b)", "/bin/a `/bin/b`", "/bin/a $HOME/x",
        "/bin/a ${HOME}",    "/bin/a $1",       "/bin/a \"$HOME\"", "/bin/a \"`b`\"",  "/bin/a ~/x",
        "/bin/a <<EOF"}) {
    SCOPED_TRACE(line);
    EXPECT_NE(FindShellSyntax(line), "");
    for (const auto& entry : {"|" + std::string(line), "\"|" + std::string(line) + "\""}) {
      if (std::string_view(line).find('"') != std::string_view::npos && entry.front() == '"') continue;
      const auto list = ParseDestinations(entry);
      EXPECT_TRUE(list.entries.empty());
      ASSERT_EQ(list.faults.size(), 1U);
      EXPECT_NE(list.faults[0].text.find("runs in no shell"), std::string::npos) << list.faults[0].text;
      EXPECT_TRUE(list.faults[0].waits);
    }
  }
  for (const char* line : {"/bin/a '>>/x' '|' '&&' ';' '$HOME' '`b`'", "/bin/a \">>/x\" \"|\" \"&&\" \";\"",
                           "/bin/a \"\\$HOME\"", "/bin/sh -c 'exec /bin/cat >>/x'", "/bin/a {b | c; $d}",
                           "/bin/a '^foo$' \"bar$\"", "/bin/a a$ $", "/bin/a x~ *.c [a] 100% a=b \"(x)\""}) {
    SCOPED_TRACE(line);
    EXPECT_EQ(FindShellSyntax(line), "");
    EXPECT_EQ(FaultOfCommand(line), "");
  }
}

TEST(ParseDestinations, CountsLinesAndPassesOverComments) {
  ExpectRead({
      {"", {}},
      {"\n\r\n \t\n", {}},
      {"# nobody\n   # at all\n", {}},
      {"alice\r\nbob\r\n", {Mailbox("alice"), Mailbox("bob", 2)}},
      {"alice,\n bob\ncarol", {Mailbox("alice"), Mailbox("bob", 2), Mailbox("carol", 3)}},
      {"alice,\n# me, too\n\n\tbob", {Mailbox("alice"), Mailbox("bob", 4)}},
      {"alice # not bob, nor carol\n dora", {Mailbox("alice"), Mailbox("dora", 2)}},
      {"alice, # not bob\n dora", {Mailbox("alice"), Mailbox("dora", 2)}},
      {"alice#1,#2", {Mailbox("alice#1"), Mailbox("#2")}},
      {" alice", {Mailbox("alice")}},
      {"\xef\xbb\xbf"
       "alice",
       {Mailbox("alice")}},
      {"\n\n  alice", {Mailbox("alice", 3)}},
      // A name on the line above is a recipient of its own.
      {"bob\n <alice@example.org>", {Mailbox("bob"), Mailbox("alice@example.org", 2)}},
  });
  EXPECT_EQ(ParseDestinations("a,\n b", 17).entries,
            (std::vector<Destination>{Mailbox("a", 17), Mailbox("b", 18)}));
}

TEST(ParseDestinations, SaysWhatItLeavesOut) {
  struct Bad {
    std::string text;
    std::string fault;  ///< a part of it
    std::vector<Destination> entries;
    unsigned line = 1;
  };
  const Bad cases[] = {
      {"alice, \"|/cmd x\nbob", "'\"|/cmd x' has a double quote", {Mailbox("alice"), Mailbox("bob", 2)}},
      {"alice\n\"bob, carol", "'\"bob, carol' has a double quote", {Mailbox("alice")}, 2},
      {"|/cmd 'x, bob", "quote or brace that is not closed", {}},
      {"|/cmd {x, bob", "quote or brace that is not closed", {}},
      {"|/cmd {x}y", "quote or brace that is not closed", {}},
      {"\"|/cmd 'x\", bob", "quote or brace that is not closed", {Mailbox("bob")}},
      {"|", "has no command", {}},
      {"\"|\", bob", "has no command", {Mailbox("bob")}},
      {"\"|IFS=' ' && exec /usr/bin/procmail\"", "write |/path/of/command, or |/bin/sh -c", {}},
      {"|procmail, bob", "'|procmail' has no absolute path", {Mailbox("bob")}},
      {"|~/bin/filter", "has no absolute path", {}},
      {"Alice <alice@x, bob\ncarol", "bracket", {Mailbox("Alice"), Mailbox("carol", 2)}},
      {"alice (bob, carol", "parenthesis", {Mailbox("alice")}},
      {":include:list", "names no file; write :include:/path", {}},
      {":include:", "names no file", {}},
      {":include:, bob", "names no file", {Mailbox("bob")}},
      {"error:", "has no text", {}},
      {"error:\"x", "double quote", {}},
      {"root: alice", "'root:' is no address; colons", {}},
      {"root:alice", "'root:alice' is no address; colons", {}},
      {"alice;bob", "'alice;bob' is no address; semicolons", {}},
      {"!alice@example.org", "is no user", {}},
      {"\\/etc/x", "is no user", {}},
      {"Mail/inbox, bob", "'Mail/inbox' is no name; the path", {Mailbox("bob")}},
      {"<|/cmd>", "is no name; the path of a file", {}},
      {"alice@, @example.org", "'alice@' is no address", {}},
      {"\"\"", "is empty", {}},
      {"<>", "is no address", {}},
      {"=?utf-8?Q?a?=@x", "is no address", {}},
      {std::string("a\0b, bob", 8), "'a\\x00b' is no address", {Mailbox("bob")}},
      {"/a\x01, bob", "has a control character", {Mailbox("bob")}},
      {"\\a\rb", "has a control character", {}},
      {"\"/a\tb\"", "has a control character", {}},
      {"j\xf6rg@example.org, bob", "'j\\xf6rg@example.org' is not UTF-8", {Mailbox("bob")}},
      {"error:\xf6", "is not UTF-8", {}},
      {"/" + std::string(Destination::kMaxText, 'a') + ", bob", "is too long", {Mailbox("bob")}},
      {std::string(Destination::kMaxText, 'a') + "@x, bob", "is too long", {Mailbox("bob")}},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(testing::PrintToString(one.text));
    const auto list = ParseDestinations(one.text);
    EXPECT_EQ(list.entries, one.entries);
    ASSERT_GE(list.faults.size(), 1U);
    EXPECT_EQ(list.faults[0].line, one.line);
    EXPECT_NE(list.faults[0].text.find(one.fault), std::string::npos) << list.faults[0].text;
  }
}

TEST(ParseDestinations, StopsAtItsLimits) {
  std::string many;
  for (std::size_t i = 0; i < DestinationList::kMaxEntries + 5; ++i) many += "a\n";
  auto list = ParseDestinations(many);
  EXPECT_EQ(list.entries.size(), DestinationList::kMaxEntries);
  ASSERT_EQ(list.faults.size(), 1U);
  EXPECT_EQ(list.faults[0].line, DestinationList::kMaxEntries + 1);
  EXPECT_EQ(list.faults[0].text, "'a' is one entry too many: it and all behind it are left out");

  many.clear();
  for (std::size_t i = 0; i < DestinationList::kMaxFaults + 5; ++i) many += ":x a\n";
  list = ParseDestinations(many);
  ASSERT_EQ(list.faults.size(), DestinationList::kMaxFaults);
  EXPECT_EQ(list.faults.back().text, "':x a' is one fault too many: it and all behind it are left out");
}

// A user chooses these texts: none may take much longer than its length asks for.
TEST(ParseDestinations, TakesLinearTime) {
  const auto repeated = [](std::string_view unit) {
    std::string text;
    while (text.size() < 96 * 1024) text += unit;
    return text;
  };
  for (const char* unit :
       {"a",     "a ",       "\"",        "\" ",    "(",   "()",  "<",  "a <", "\\",   "|/a ",
        "|/a {", "|/a '",    ":include:", "error:", "=?",  "# ",  "\n", "\n ", "\n #", "a\n\t",
        ",",     "a,<a@b> ", "\"a\" ",    "a\"",    "(\\", "<\"", "{",  "'",   "|"}) {
    const auto text = repeated(unit);
    const auto begin = std::chrono::steady_clock::now();
    (void)ParseDestinations(text);
    (void)SplitCommand(text);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4)) << unit;
  }
}

TEST(Destination, IsWrittenAsItIsRead) {
  const struct {
    Destination destination;
    const char* text;
  } cases[] = {
      {Mailbox("alice"), "alice"},
      {Mailbox("alice@example.org"), "alice@example.org"},
      {Mailbox("\"a b\"@example.org"), "<\"a b\"@example.org>"},
      {Mailbox("#1"), "<#1>"},
      {Mailbox("\xef\xbb\xbf.a"), "<\xef\xbb\xbf.a>"},
      {User(""), "!"},
      {User("alice"), "\\alice"},
      {User("a b"), "\"\\\\a b\""},
      {File("~/Maildir/"), "~/Maildir/"},
      {File("/a b"), "\"/a b\""},
      {Command("/cmd \"a, b\""), "\"|/cmd \\\"a, b\\\"\""},
      {Include("/etc/list"), ":include:/etc/list"},
      {Include("/a b"), "\":include:/a b\""},
      {Error("sorry, gone"), "\"error:sorry, gone\""},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(one.destination.ToString(), one.text);
    EXPECT_EQ(ParseDestinations(one.text).entries, std::vector<Destination>{one.destination}) << one.text;
  }
}

}  // namespace mail
