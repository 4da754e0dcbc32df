// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/options.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::ElementsAre;
using Words = std::vector<std::string>;

std::variant<Options, UsageError> Parse(const Words& words, const std::string& name = "sendmail") {
  return ParseCommandLine(name, words);
}

Options Good(const Words& words) {
  auto parsed = Parse(words);
  if (const auto* error = std::get_if<UsageError>(&parsed)) {
    ADD_FAILURE() << testing::PrintToString(words) << ": " << error->text;
    return {};
  }
  return std::get<Options>(parsed);
}

int StatusOf(const Words& words) {
  const auto parsed = Parse(words);
  const auto* error = std::get_if<UsageError>(&parsed);
  if (!error) return 0;
  EXPECT_FALSE(error->text.empty()) << testing::PrintToString(words);
  return error->status;
}

TEST(CommandLine, ReadsWhatSubmissionNeeds) {
  const auto options = Good({"-t", "-i", "-f", "eve@x", "-F", "Eve", "-B8bitmime", "-N", "delay,Failure",
                             "-Rhdrs", "-V", "e1", "-O", "requiretls=yes", "--", "-bob", "carol"});
  EXPECT_TRUE(options.header_recipients);
  EXPECT_TRUE(options.ignore_dots);
  EXPECT_EQ(options.sender, "eve@x");
  EXPECT_EQ(options.full_name, "Eve");
  EXPECT_EQ(options.body, "8BITMIME");
  EXPECT_EQ(options.notify, "FAILURE,DELAY");
  EXPECT_EQ(options.ret, "HDRS");
  EXPECT_EQ(options.envid, "e1");
  EXPECT_TRUE(options.require_tls);
  EXPECT_THAT(options.operands, ElementsAre("-bob", "carol"));
}

TEST(CommandLine, TakesLettersInOneWord) {
  for (const Words& words :
       {Words{"-ti", "-f", "x"}, {"-itf", "x"}, {"-itfx"}, {"-oi", "-t", "-rx"}, {"-vtmixnfx"}}) {
    const auto options = Good(words);
    EXPECT_TRUE(options.header_recipients && options.ignore_dots) << testing::PrintToString(words);
    EXPECT_EQ(options.sender, "x") << testing::PrintToString(words);
  }
}

TEST(CommandLine, KnowsTheModes) {
  const std::tuple<const char*, Words, Mode> cases[] = {
      {"sendmail", {}, Mode::Submit},
      {"sendmail", {"-bm"}, Mode::Submit},
      {"sendmail", {"-b", "s"}, Mode::SmtpServer},
      {"sendmail", {"-bs", "-i", "-odb", "-oem"}, Mode::SmtpServer},
      {"sendmail", {"-bv", "a"}, Mode::Verify},
      {"sendmail", {"-bp"}, Mode::ListQueue},
      {"sendmail", {"-bi"}, Mode::Newaliases},
      {"sendmail", {"-I"}, Mode::Newaliases},
      {"sendmail", {"-q"}, Mode::Flush},
      {"sendmail", {"-q30m"}, Mode::Flush},
      {"sendmail", {"-qRexample.net"}, Mode::Flush},
      {"sendmail", {"--help"}, Mode::Help},
      {"sendmail", {"--version"}, Mode::Version},
      {"/usr/lib/sendmail", {}, Mode::Submit},
      {"mailq", {}, Mode::ListQueue},
      {"/usr/bin/mailq", {"-Ac", "-v"}, Mode::ListQueue},
      {"newaliases", {}, Mode::Newaliases},
      {"-sendmail", {}, Mode::Submit},
  };
  for (const auto& [name, words, mode] : cases) {
    const auto parsed = Parse(words, name);
    ASSERT_TRUE(std::holds_alternative<Options>(parsed)) << name << testing::PrintToString(words);
    EXPECT_EQ(std::get<Options>(parsed).mode, mode) << name << testing::PrintToString(words);
  }
}

TEST(CommandLine, FlushesOneMessageOrAll) {
  const std::pair<Words, const char*> cases[] = {
      {{"-q"}, ""},    {{"-qf"}, ""},   {{"-q15m"}, ""},     {{"-qRx", "y"}, ""},      {{"-qS", "y"}, ""},
      {{"-q!Ix"}, ""}, {{"-qIx"}, "x"}, {{"-qI", "x"}, "x"}, {{"-v", "-qI", "x"}, "x"}};
  for (const auto& [words, id] : cases) {
    EXPECT_EQ(Good(words).mode, Mode::Flush) << testing::PrintToString(words);
    EXPECT_EQ(Good(words).flush_id, id) << testing::PrintToString(words);
  }
}

TEST(CommandLine, NamesAnOptionThatItDoesNotKnow) {
  const std::pair<Words, const char*> cases[] = {
      {{"-tZ"}, "'-Z'"}, {{"--foo", "x"}, "'--foo'"}, {{"--help", "x"}, "'--help'"}};
  for (const auto& [words, name] : cases)
    EXPECT_THAT(std::get<UsageError>(Parse(words)).text, testing::HasSubstr(name));
}

// Each with its argument apart and attached: an argument that is taken for a recipient gets mail.
TEST(CommandLine, PassesOverWhatOthersUse) {
  for (const char letter : std::string("ACDLOXehpo")) {
    EXPECT_THAT(Good({std::string("-") + letter, "value", "bob"}).operands, ElementsAre("bob")) << letter;
    EXPECT_THAT(Good({std::string("-") + letter + "value", "bob"}).operands, ElementsAre("bob")) << letter;
  }
  for (const char letter : std::string("EGJUmnvxtid"))
    EXPECT_THAT(Good({std::string("-") + letter, "bob"}).operands, ElementsAre("bob")) << letter;
  for (const char* word : {"-oem", "-oee", "-odb", "-odq", "-o7", "-oo", "-om", "-or0s", "-oA/x", "-oQ/y",
                           "-oMxvalue", "-oMrSMTP", "-d0.1", "-XV", "-Ac", "-em", "-Bnonsense"})
    EXPECT_THAT(Good({word, "bob"}).operands, ElementsAre("bob")) << word;
  for (const char* word : {"-oMr", "-oMa", "-oMaa", "-oMs"})
    EXPECT_THAT(Good({word, "value", "bob"}).operands, ElementsAre("bob")) << word;
}

TEST(CommandLine, KnowsEachWayToIgnoreDots) {
  for (const Words& words : {Words{"-i"},
                             {"-oi"},
                             {"-oitrue"},
                             {"-o", "i"},
                             {"-O", "IgnoreDots=true"},
                             {"-OIgnoreDots"},
                             {"-O", "ignoredots=yes"}})
    EXPECT_TRUE(Good(words).ignore_dots) << testing::PrintToString(words);
  for (const Words& words : {Words{}, {"-oe"}, {"-O", "IgnoreDots=false"}, {"-O", "DeliveryMode=i"}})
    EXPECT_FALSE(Good(words).ignore_dots) << testing::PrintToString(words);
}

TEST(CommandLine, TellsTheNullSenderFromNone) {
  EXPECT_EQ(Good({"-f", ""}).sender, "");
  EXPECT_EQ(Good({"-f", "<>"}).sender, "<>");
  EXPECT_EQ(Good({}).sender, std::nullopt);
}

TEST(CommandLine, Refuses) {
  const std::pair<Words, int> cases[] = {
      {{"-Z"}, EX_USAGE},
      {{"-tZ"}, EX_USAGE},
      {{"-f"}, EX_USAGE},
      {{"-F"}, EX_USAGE},
      {{"-tf"}, EX_USAGE},
      {{"-o"}, EX_USAGE},
      {{"-bd"}, EX_USAGE},
      {{"-bD"}, EX_USAGE},
      {{"-bt"}, EX_USAGE},
      {{"-b", "x"}, EX_USAGE},
      {{"-M", "x"}, EX_USAGE},
      {{"-s"}, EX_USAGE},
      {{"-N", "perhaps"}, EX_USAGE},
      {{"-N", "never,delay"}, EX_USAGE},
      {{"-R", "half"}, EX_USAGE},
      {{"--help", "bob"}, EX_USAGE},
      {{"-qI"}, EX_USAGE},
      {{"-qI", "-v"}, EX_USAGE},
      {{"bob", "-f", "eve@x"}, EX_USAGE},
      {{"bob", "-t"}, EX_USAGE},
      {{"-V", "a\nb"}, EX_DATAERR},
      {{"-V", std::string(101, 'x')}, EX_DATAERR},
      {{"-F", "a\nX-Evil: y"}, EX_DATAERR},
      {{"-F", "a\rb"}, EX_DATAERR},
      {{"-F", std::string(100000, 'x')}, EX_DATAERR},
  };
  for (const auto& [words, status] : cases)
    EXPECT_EQ(StatusOf(words), status) << testing::PrintToString(words);
}

TEST(CommandLine, TakesASingleDashAsAnOperand) {
  EXPECT_THAT(Good({"-"}).operands, ElementsAre("-"));
}

}  // namespace
