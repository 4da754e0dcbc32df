// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/digest.hxx"

#include "hex.hxx"

#include <gtest/gtest.h>

namespace {

TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(Hex(crypto::Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(crypto::Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
