// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/dsn.hxx"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace {

TEST(Dsn, NotifyIsWrittenInOneWay) {
  const std::pair<const char*, std::optional<std::string>> cases[] = {{"never", "NEVER"},
                                                                      {"delay", "DELAY"},
                                                                      {"delay,Success", "SUCCESS,DELAY"},
                                                                      {"Success, failure", "SUCCESS,FAILURE"},
                                                                      {"delay,delay", "DELAY"},
                                                                      {"", std::nullopt},
                                                                      {"x", std::nullopt},
                                                                      {"never,success", std::nullopt}};
  for (const auto& [text, notify] : cases) EXPECT_EQ(smtp::ParseNotify(text), notify) << text;
}

TEST(Dsn, RetIsFullOrHdrs) {
  EXPECT_EQ(smtp::ParseRet("full"), "FULL");
  EXPECT_EQ(smtp::ParseRet("Hdrs"), "HDRS");
  EXPECT_FALSE(smtp::ParseRet("BODY"));
}

TEST(Dsn, EnvidIsPrintableAndShort) {
  EXPECT_EQ(smtp::ParseEnvid("a+2Bb"), "a+b");
  EXPECT_EQ(smtp::ParseEnvid("a+b"), "a+b") << "what is not xtext stays as it is";
  EXPECT_EQ(smtp::ParseEnvid(std::string(100, 'x')), std::string(100, 'x'));
  EXPECT_FALSE(smtp::ParseEnvid(std::string(101, 'x')));
  EXPECT_FALSE(smtp::ParseEnvid("a+0Ab"));
}

TEST(Xtext, LeavesNothingThatCouldEndAParameter) {
  EXPECT_EQ(smtp::ToXtext("plain-1.2"), "plain-1.2");
  EXPECT_EQ(smtp::ToXtext("a+b=c d\r\n\x7f\xff"), "a+2Bb+3Dc+20d+0D+0A+7F+FF");
}

TEST(Xtext, IsDecoded) {
  EXPECT_EQ(smtp::DecodeXtext("a+2Bb+3D"), "a+b=");
  for (const char* bad : {"+", "+2", "+2b", "+ZZ", "a+"}) EXPECT_FALSE(smtp::DecodeXtext(bad)) << bad;
}

}  // namespace
