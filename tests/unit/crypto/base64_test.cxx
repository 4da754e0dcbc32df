// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/base64.hxx"

#include <gtest/gtest.h>

#include <string>

namespace {

// RFC 4648 section 10.
TEST(Base64, IsThatOfTheStandard) {
  EXPECT_EQ(crypto::ToBase64(""), "");
  EXPECT_EQ(crypto::ToBase64("f"), "Zg==");
  EXPECT_EQ(crypto::ToBase64("fo"), "Zm8=");
  EXPECT_EQ(crypto::ToBase64("foo"), "Zm9v");
  EXPECT_EQ(crypto::ToBase64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(crypto::ToBase64(std::string("\0\xff\xfe", 3)), "AP/+");
}

TEST(Base64, HasNoLineEnds) {
  EXPECT_EQ(crypto::ToBase64(std::string(300, 'x')).find('\n'), std::string::npos);
  EXPECT_EQ(crypto::ToBase64(std::string(300, 'x')).size(), 400u);
}

}  // namespace
