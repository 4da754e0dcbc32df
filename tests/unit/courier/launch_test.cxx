// SPDX-License-Identifier: BSD-2-Clause
#include "courier/launch.hxx"

#include <gtest/gtest.h>

namespace {

using courier::LaunchReply;
using courier::LaunchRequest;

TEST(LaunchRequest, SurvivesItsText) {
  const LaunchRequest request{courier::LaunchKind::Deliver, 1000, 18446744073709551615U};
  EXPECT_EQ(request.ToText(),
            "mailqueue-launch: 1\nkind: deliver\nuid: 1000\nserial: 18446744073709551615\n");
  const auto parsed = LaunchRequest::Parse(request.ToText());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->uid, request.uid);
  EXPECT_EQ(parsed->serial, request.serial);
}

TEST(LaunchRequest, NamesEachKind) {
  using courier::LaunchKind;
  for (const auto kind : {LaunchKind::Deliver, LaunchKind::Command, LaunchKind::AwaitHome}) {
    const auto parsed = LaunchRequest::Parse(LaunchRequest{kind, 1000, 1}.ToText());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->kind, kind);
  }
}

TEST(LaunchRequest, RefusesAnythingElse) {
  const char* const kTexts[] = {
      "",
      "mailqueue-launch: 1\n",
      "mailqueue-launch: 2\nkind: deliver\nuid: 0\nserial: 1\n",
      "mailqueue-launch: 1\nkind: shell\nuid: 0\nserial: 1\n",
      "mailqueue-launch: 1\nuid: 0\nkind: deliver\nserial: 1\n",
      "mailqueue-launch: 1\nkind: deliver\nserial: 1\n",
      "mailqueue-launch: 1\nkind: deliver\nuid: \nserial: 1\n",
      "mailqueue-launch: 1\nkind: deliver\nuid: root\nserial: 1\n",
      "mailqueue-launch: 1\nkind: deliver\nuid: -1\nserial: 1\n",
      "mailqueue-launch: 1\nkind: deliver\nuid: 4294967295\nserial: 1\n",
      "mailqueue-launch: 1\nkind: deliver\nuid: 4294967296\nserial: 1\n",
      "mailqueue-launch: 1\nkind: deliver\nuid: 0\n",
      "mailqueue-launch: 1\nkind: deliver\nuid: 0\nserial: 0\n",
      "mailqueue-launch: 1\nkind: deliver\nuid: 0\nserial: 1",
      "mailqueue-launch: 1\nkind: deliver\nuid: 0\nserial: 1\nuid: 1\n",
      "mailqueue-launch: 1\nkind: deliver\nuid: 0\nserial: 1\nexec: /bin/sh\n",
      "mailqueue-launch: 1\nkind: deliver\nuid: 0\nserial: 1\n\n",
  };
  for (const auto* text : kTexts) EXPECT_FALSE(LaunchRequest::Parse(text)) << text;
}

TEST(LaunchReply, SurvivesItsText) {
  for (const auto& reply : {LaunchReply{7, true, "a.service"}, LaunchReply{0, false, "two\nlines"}}) {
    const auto parsed = LaunchReply::Parse(reply.ToText());
    ASSERT_TRUE(parsed) << reply.ToText();
    EXPECT_EQ(parsed->serial, reply.serial);
    EXPECT_EQ(parsed->ok, reply.ok);
    EXPECT_EQ(parsed->text, reply.text);
  }
}

TEST(LaunchReply, RefusesAnythingElse) {
  const char* const kTexts[] = {
      "",
      "mailqueue-launched: 1\nserial: 1\nok: maybe\ntext: \n",
      "mailqueue-launched: 1\nserial: 1\nok: yes\n",
      "mailqueue-launched: 2\nserial: 1\nok: yes\ntext: \n",
      "mailqueue-launched: 1\nserial: x\nok: yes\ntext: \n",
      "mailqueue-launched: 1\nserial: 1\nok: yes\ntext: \nmore: \n",
  };
  for (const auto* text : kTexts) EXPECT_FALSE(LaunchReply::Parse(text)) << text;
}

}  // namespace
