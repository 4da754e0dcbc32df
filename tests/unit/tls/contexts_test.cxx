// SPDX-License-Identifier: BSD-2-Clause
#include "tls/contexts.hxx"

#include "unit/tls/certificate.hxx"

#include <gtest/gtest.h>

#include <system_error>

namespace {

using tls::Context;
using tls::Contexts;
using tls::Options;

TEST(Contexts, AreSharedByThoseWithTheSameOptions) {
  Contexts contexts;
  const auto one = contexts.Find(Context::Verify::No, {});
  EXPECT_EQ(contexts.Find(Context::Verify::No, {}), one);
  EXPECT_NE(contexts.Find(Context::Verify::Dane, {}), one);
  EXPECT_NE(contexts.Find(Context::Verify::No, Options{{"sha256//x"}, {}, {}}), one);
}

TEST(Contexts, OfNobodyGo) {
  Contexts contexts;
  const auto kept = contexts.Find(Context::Verify::No, {});
  for (std::size_t i = 0; i < 2 * Contexts::kMax; ++i)
    (void)contexts.Find(Context::Verify::No, Options{{std::to_string(i)}, {}, {}});
  EXPECT_EQ(contexts.Find(Context::Verify::No, {}), kept);
}

TEST(Context, NeedsTheFilesOfItsOptions) {
  EXPECT_THROW(Context(Context::Verify::No, Options{{}, {}, "/nonexistent"}), std::system_error);
  const Certificate certificate("context");
  const Context context(Context::Verify::No, Options{{}, {}, certificate.Path()});
  EXPECT_TRUE(context.IsLoaded());
}

TEST(Context, LoadsAuthoritiesWhenItIsUsed) {
  const Certificate certificate("context");
  Context context(Context::Verify::Yes, Options{{}, certificate.Path(), {}});
  EXPECT_FALSE(context.IsLoaded());
  (void)context.Get();
  EXPECT_TRUE(context.IsLoaded());
}

TEST(Context, WithPinsVerifiesNoChain) {
  const Context context(Context::Verify::Yes, Options{{"sha256//x"}, {}, {}});
  EXPECT_FALSE(context.VerifiesChain());
  EXPECT_TRUE(context.IsLoaded());
}

TEST(Options, GiveDifferentKeysWhereAnythingDiffers) {
  EXPECT_EQ((Options{{"a"}, "b", "c"}.Key()), (Options{{"a"}, "b", "c"}.Key()));
  EXPECT_NE((Options{{"a"}, "b", {}}.Key()), (Options{{"a"}, {}, "b"}.Key()));
  EXPECT_NE((Options{{"a", "b"}, {}, {}}.Key()), (Options{{"a"}, "b", {}}.Key()));
}

}  // namespace
