// SPDX-License-Identifier: BSD-2-Clause
#include "config/time_span.hxx"

#include <gtest/gtest.h>

#include <string>

using namespace std::chrono_literals;
using namespace std::string_literals;
using config::ParseTimeSpan;

TEST(TimeSpan, ReadsSystemdTime) {
  const struct {
    const char* text;
    mail::Duration span;
  } cases[] = {
      {"0", 0s},
      {"90", 90s},
      {"5d", 120h},
      {"1min 30s", 90s},
      {"1min30s", 90s},
      {" 2 h ", 2h},
      {"2hr", 2h},
      {"3m", 3min},
      {"1.5h", 90min},
      {"55s500ms", 55500ms},
      {".25s", 250ms},
      {"2.s", 2s},
      {"0.0000019s", 1us},
      {"300ms20s 5day", 120h + 20s + 300ms},
      {"1w", 168h},
      {"1M", std::chrono::duration_cast<mail::Duration>(std::chrono::duration<double>(30.44 * 86400))},
      {"1y 12months", std::chrono::duration_cast<mail::Duration>(
                          std::chrono::duration<double>((365.25 + 12 * 30.44) * 86400))},
      {"7us", 7us},
      {"7µs", 7us},
      {"7usec 1msec", 1007us},
      {"10 20", 30s},
  };
  for (const auto& c : cases) EXPECT_EQ(ParseTimeSpan(c.text), c.span) << c.text;
}

TEST(TimeSpan, RefusesEverythingElse) {
  for (const auto& text : {""s,
                           " "s,
                           "infinity"s,
                           "d"s,
                           "5x"s,
                           "-5s"s,
                           "+5s"s,
                           "5 d x"s,
                           "1e3"s,
                           "0x10"s,
                           "1..5s"s,
                           "."s,
                           "5D"s,
                           "200y"s,
                           "100y 1s"s,
                           "99999y"s,
                           ".y"s,
                           "1.2.3s"s,
                           "99999999999999999999999999y"s,
                           std::string(400, '9'),
                           "5\0s"s,
                           "nan"s,
                           "inf"s})
    EXPECT_FALSE(ParseTimeSpan(text)) << text;
}
