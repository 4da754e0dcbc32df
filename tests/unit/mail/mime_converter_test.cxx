// SPDX-License-Identifier: BSD-2-Clause
#include "mail/mime_converter.hxx"

#include "unit/mail/mime_decoder.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace {

std::string Convert(std::string_view message, bool seven_bit, std::size_t step = 1 << 20) {
  const auto each_block = [&](auto&& take) {
    for (std::size_t at = 0; at < message.size(); at += step) take(message.substr(at, step));
  };
  mail::MimePlan plan(seven_bit);
  each_block([&](std::string_view block) { plan.Add(block); });
  plan.Finish();
  mail::MimeConverter converter(plan);
  std::string all;
  std::string out;
  each_block([&](std::string_view block) {
    converter.Add(block, out);
    all += out;
    out.clear();
  });
  converter.Finish(out);
  return all + out;
}

struct MessageCase {
  const char* what;
  std::string message, converted;
};

TEST(MimeConverter, ConvertsForSevenBits) {
  const MessageCase cases[] = {
      {"no MIME", "Subject: x\n\ngr\xc3\xbc\xc3\x9f\n",
       "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
       "Content-Transfer-Encoding: quoted-printable\n\ngr=C3=BC=C3=9F\n"},
      {"no MIME, no UTF-8", "Subject: x\n\n\xfc\n",
       "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=unknown-8bit\n"
       "Content-Transfer-Encoding: quoted-printable\n\n=FC\n"},
      {"a declared encoding",
       "Content-Transfer-Encoding: 8BIT (why)\nMIME-Version: 1.0\nContent-Type: text/html; "
       "charset=x\n\n\xfc\n",
       "MIME-Version: 1.0\nContent-Type: text/html; charset=x\nContent-Transfer-Encoding: "
       "quoted-printable\n\n"
       "=FC\n"},
      {"only the header", "Subject: \xc3\xbc\n\nplain\n", "Subject: =?utf-8?Q?=C3=BC?=\n\nplain\n"},
      {"no header", "\n\xc3\xbc\n",
       "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
       "Content-Transfer-Encoding: quoted-printable\n\n=C3=BC\n"},
      {"no end of the header", "Subject: x", "Subject: x"},
      {"the parts that need it",
       "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n"
       "pr\xc3\xa9\n--b\n\nplain \n--b\nContent-Type: text/plain; charset=utf-8\n\n\xc3\xbc \n--b \n"
       "Content-Transfer-Encoding: base64\n\nAAAA\n--b--\n\xff\n",
       "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n"
       "pr\xc3\xa9\n--b\n\nplain \n--b\nContent-Type: text/plain; charset=utf-8\n"
       "Content-Transfer-Encoding: quoted-printable\n\n=C3=BC=20\n--b \n"
       "Content-Transfer-Encoding: base64\n\nAAAA\n--b--\n\xff\n"},
      {"messages within",
       "Content-Type: multipart/digest; boundary=\"b\"\n\n--b\n\nSubject: one\n\n\xc3\xbc\n--b\n"
       "Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: two\nMIME-Version: "
       "1.0\n\n\xc3\xbc\n"
       "--b--\n",
       "Content-Type: multipart/digest; boundary=\"b\"\n\n--b\n\nSubject: one\nMIME-Version: 1.0\n"
       "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=C3=BC\n--b\n"
       "Content-Type: message/rfc822\n\nSubject: two\nMIME-Version: 1.0\n"
       "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
       "quoted-printable\n\n=C3=BC\n--b--\n"},
      {"a part that ends with that around it",
       "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=out\n\n--out\n"
       "Content-Type: multipart/mixed; boundary=in\n\n--in\n\n\xfc\n--out\n\n\xfc\n--in\n--out--\n",
       "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=out\n\n--out\n"
       "Content-Type: multipart/mixed; boundary=in\n\n--in\nContent-Type: text/plain; charset=unknown-8bit\n"
       "Content-Transfer-Encoding: quoted-printable\n\n=FC\n--out\nContent-Type: text/plain; "
       "charset=unknown-8bit\n"
       "Content-Transfer-Encoding: quoted-printable\n\n=FC\n--in\n--out--\n"},
      {"a part whose header nothing ends",
       "Content-Type: multipart/mixed; boundary=b\n\n--b\n\xfc no field\n--b--\n",
       "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=unknown-8bit\n"
       "Content-Transfer-Encoding: quoted-printable\n\n=FC no field\n--b--\n"},
  };
  for (const auto& test : cases)
    for (std::size_t step : {1U, 5U, 10000U})
      EXPECT_EQ(Convert(test.message, true, step), test.converted) << test.what << ", blocks of " << step;
}

TEST(MimeConverter, LeavesEightBitsWhereTheyMayBe) {
  const std::string message =
      "Subject: \xc3\xbc\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: binary\n\n"
      "--b\n\n\xc3\xbc\n--b\n\na\rb\n--b--\n";
  EXPECT_EQ(Convert(message, false),
            "Subject: \xc3\xbc\nContent-Type: multipart/mixed; boundary=b\nMIME-Version: 1.0\n"
            "Content-Transfer-Encoding: 8bit\n\n--b\n\n\xc3\xbc\n--b\n"
            "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: quoted-printable\n\n"
            "a=0Db\n--b--\n");
}

std::string Base64OfX(int lines) {
  std::string base64;
  for (int i = 0; i < lines; ++i) base64 += "eHh4";
  return base64;
}

TEST(MimeConverter, MendsEncodingsThatAreBroken) {
  const std::string content(3000, 'x');
  const auto base64 = Base64OfX(1000);
  for (const auto& [encoding, body] : std::initializer_list<std::pair<std::string, std::string>>{
           {"base64", base64 + "\n"},
           {"BASE64", " " + base64 + "\t\r=\r\r\n"},
           {"quoted-printable", content},
           {"Quoted-Printable", "=78" + content.substr(2) + "=\n=78"}}) {
    const auto converted =
        Convert("MIME-Version: 1.0\nContent-Transfer-Encoding: " + encoding + "\n\n" + body, true);
    EXPECT_EQ(FindUnfit(converted, true), "");
    EXPECT_EQ(DecodeMessage(converted), std::vector{content}) << encoding;
  }
}

// A field of the header, and the boundary of the delimiters that follow.
struct BoundaryCase {
  std::string type, boundary;
};

TEST(MimeConverter, FindsThePartsHoweverTheBoundaryIsWritten) {
  const BoundaryCase cases[] = {
      {"multipart/alternative; boundary=----=_Part_1", "----=_Part_1"},
      {"multipart/alternative; boundary=----=_Part_1;charset=x", "----=_Part_1"},
      {"multipart/alternative; boundary=a:b?c@d/e,f<g>[h]\\i", "a:b?c@d/e,f<g>[h]\\i"},
      {"MULTIPART/x-new (why) ;\n\tBoundary = (not b) \"a b\" (nor c)", "a b"},
      {"multipart/mixed; boundary=abc (d)", "abc"},
      {"multipart/mixed; boundary=abc(d)", "abc"},
      {"multipart/mixed; boundary=abc(d)", "abc(d)"},
      {"multipart/mixed; boundary*0=\"abc\"; boundary*1=\"def\"", "abcdef"},
      {"multipart/mixed; boundary*1=def;\n boundary*2*=%20g%3d; BOUNDARY*0*=us-ascii'en'a%62c", "abcdef g="},
      {"multipart/mixed; boundary*=''%3D_x", "=_x"},
      {"multipart/mixed; boundary*0=no; boundary=yes; boundary=2", "yes"},
      {"multipart/mixed; x=\"a; boundary=no\"; boundary='b'", "'b'"},
  };
  for (const auto& [type, boundary] : cases) {
    const std::string head = "MIME-Version: 1.0\nContent-Type: " + type + "\n\n--" + boundary + "\n";
    const std::string rest = "--" + boundary + "\nContent-Type: text/html\n\n<p>\n--" + boundary + "--\n";
    for (const bool seven_bit : {false, true}) {
      EXPECT_EQ(Convert(head + "\ngr\xc3\xbc\xc3\x9f" + std::string(1200, 'x') + "\n" + rest, seven_bit)
                    .substr(0, head.size() + 100),
                (head +
                 "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n"
                 "\ngr=C3=BC=C3=9F" +
                 std::string(100, 'x'))
                    .substr(0, head.size() + 100))
          << type;
    }
  }
}

// Messages that can't be understood, or not in the same way by everybody, or that nobody may touch.
std::vector<std::string> Opaque() {
  const std::string text = "gr\xc3\xbc\xc3\x9f " + std::string(1200, 'x') + "\n";
  const std::string parts =
      "--b\nContent-Transfer-Encoding: base64\n\n" + Base64OfX(300) + "\n--b\n\n" + text + "--b--\n";
  std::vector<std::string> messages;
  for (const char* type :
       {"multipart/mixed", "multipart/mixed; boundary", "multipart/mixed; boundary=\"\"",
        "multipart; boundary=b", "multipart/mixed boundary=b", "multipart/mixed, boundary=b",
        "multipart/mixed; boundary=c", "multipart/mixed; boundary*1=b",
        "multipart/signed; boundary=b; protocol=x", "\"multipart/mixed\"; boundary=b",
        "message/partial; id=1", "message/external-body; access-type=x", "message/delivery-status",
        "nonsense", "/", "multipart/mixed; boundary=b\nContent-Type: multipart/mixed; boundary=c",
        "text/plain\nCONTENT-TYPE: multipart/mixed; boundary=b"})
    messages.push_back("MIME-Version: 1.0\nContent-Type: " + std::string(type) +
                       "\nContent-Transfer-Encoding: 8bit\n\n" + parts);
  for (const char* encoding : {"x-uuencode", "8-bit", "base64", "8bit\nContent-Transfer-Encoding: base64"})
    messages.push_back("MIME-Version: 1.0\nContent-Transfer-Encoding: " + std::string(encoding) + "\n\n" +
                       text);
  for (const char* encoding : {"base64", "quoted-printable", "x"})
    messages.push_back("MIME-Version: 1.0\nContent-Type: message/rfc822\nContent-Transfer-Encoding: " +
                       std::string(encoding) + "\n\nSubject: x\n\n" + text);
  messages.push_back("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=" +
                     std::string(mail::MimeReader::kMaxBoundary + 1, 'b') + "\n\n" + text);
  return messages;
}

TEST(MimeConverter, LeavesWhatIsNotUnderstoodAsItIs) {
  for (const auto& message : Opaque()) {
    EXPECT_TRUE(Convert(message, true, 7) == message) << message.substr(0, 100);
    EXPECT_TRUE(Convert(message, false) == message) << message.substr(0, 100);
  }
}

TEST(MimeConverter, LeavesAPartAsItIsAmongOthers) {
  for (const auto& inner : Opaque()) {
    const auto head =
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=out\n\n--out\n" + inner + "--out\n";
    EXPECT_EQ(Convert(head + "\n\xc3\xbc\n--out--\n", true),
              head +
                  "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
                  "=C3=BC\n--out--\n");
  }
}

TEST(MimeConverter, TellsBoundariesApartThatBeginAlike) {
  const std::string before =
      "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
      "Content-Type: multipart/alternative; boundary=b1\n\n--b1\n";
  const std::string between = "\n--b1\n\n--b1-\n--b1--x\n--b1--\n--b2\n--b\n";
  const std::string added =
      "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n";
  EXPECT_EQ(Convert(before + "\n\xc3\xbc" + between + "\n\xc3\xa4\n--b--\n", true),
            before + added + "\n=C3=BC" + between + added + "\n=C3=A4\n--b--\n");
}

bool CanBeSent(const std::string& message) {
  mail::MimePlan plan(false);
  plan.Add(message);
  plan.Finish();
  return plan.CanBeSent();
}

TEST(MimePlan, RefusesAnEndOfLineThatCanNotBeEncoded) {
  for (const std::string& octet : {std::string("\r"), std::string(1, '\0')}) {
    const auto text = "a" + octet + "b\n";
    EXPECT_TRUE(CanBeSent("Subject: x\n\n" + text));
    EXPECT_TRUE(CanBeSent("Content-Transfer-Encoding: quoted-printable\n\n" + text));
    EXPECT_TRUE(CanBeSent("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + text + "--b--\n"));
    EXPECT_FALSE(CanBeSent("Subject: " + text + "\nx\n"));
    EXPECT_FALSE(CanBeSent("Content-Type: multipart/mixed; boundary=b\n\n" + text + "--b\n\nx\n--b--\n"));
    EXPECT_FALSE(CanBeSent("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n" + text));
    EXPECT_FALSE(CanBeSent("Content-Type: multipart/mixed; boundary=b\n\n--b\nX: " + text + "\nx\n--b--\n"));
    EXPECT_FALSE(CanBeSent("Content-Type: multipart/mixed\n\n" + text));
    EXPECT_FALSE(CanBeSent("Content-Transfer-Encoding: base64\n\n-" + text));
    EXPECT_FALSE(CanBeSent("Content-Transfer-Encoding: x-uuencode\n\n" + text));
  }
  EXPECT_TRUE(CanBeSent("Content-Transfer-Encoding: base64\n\neHh4\reHh4\n"));
  EXPECT_TRUE(
      CanBeSent("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"));
}

TEST(MimeConverter, LeavesWhatIsTooDeepAsItIs) {
  std::string message = "MIME-Version: 1.0\n";
  std::string end;
  for (std::size_t i = 0; i < mail::MimeReader::kMaxDepth + 5; ++i) {
    const auto boundary = "b" + std::to_string(i);
    message += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n";
    end.insert(0, "--" + boundary + "--\n");
  }
  message += "\n\xfc\n" + end;
  EXPECT_EQ(Convert(message, true), message);
}

/// Messages at random, of which it is known what a reader finds in them.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string Message(unsigned depth, std::vector<std::string>& contents) {
    return "From: a@example.org\n" + std::string(Pick(2) ? "MIME-Version: 1.0\n" : "") +
           Part(depth, contents);
  }

 private:
  unsigned Pick(unsigned end) { return static_cast<unsigned>(random_() % end); }

  std::string Content() {
    static const std::string kPieces[] = {"text",
                                          " ",
                                          "\n",
                                          "\n",
                                          "=",
                                          "gr\xc3\xbc\xc3\x9f ",
                                          "\xff",
                                          std::string(1, '\0'),
                                          "a\rb",
                                          ".\n",
                                          "--b1x\n",
                                          std::string(1500, 'x'),
                                          "\xf0\x9d\x84\x9e",
                                          "Content-Type: no\n"};
    std::string content;
    for (unsigned i = Pick(12); i > 0; --i) content += kPieces[Pick(std::size(kPieces))];
    return content;
  }

  std::string Part(unsigned depth, std::vector<std::string>& contents) {
    const unsigned kind = depth == 0 ? 9 : Pick(10);
    if (kind < 4) return Multipart(depth, contents);
    if (kind == 4) return "Content-Type: message/rfc822\n\n" + Message(depth - 1, contents);
    contents.push_back(Content());
    static const char* const kFields[] = {"", "Content-Type: text/plain; charset=utf-8\n",
                                          "Content-Transfer-Encoding: 8bit\n",
                                          "Content-Type: application/x\nContent-Transfer-Encoding: binary\n"};
    return kFields[Pick(4)] + ("\n" + contents.back());
  }

  std::string Multipart(unsigned depth, std::vector<std::string>& contents) {
    const auto boundary = "b" + std::to_string(++boundaries_);
    std::string part = "Content-Type: multipart/mixed;\n boundary=\"" + boundary + "\"\n\npreamble\n";
    for (unsigned i = 1 + Pick(3); i > 0; --i)
      part += "--" + boundary + "\n" + Part(depth - 1, contents) + "\n";
    return part + "--" + boundary + "--\n";
  }

  std::mt19937 random_;
  unsigned boundaries_ = 0;
};

TEST(MimeConverter, KeepsTheContentsOfAnyMessage) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    std::vector<std::string> contents;
    const auto message = Generator(seed).Message(3, contents);
    const bool seven_bit = seed % 2 == 0;
    const auto converted = Convert(message, seven_bit, 1 + seed % 50);
    ASSERT_EQ(FindUnfit(converted, seven_bit), "") << seed;
    ASSERT_EQ(DecodeMessage(converted), contents) << seed << "\n" << message << "\n=>\n" << converted;
    ASSERT_EQ(Convert(converted, seven_bit), converted) << "twice is once, " << seed;
  }
}

TEST(MimeConverter, TakesAnyOctets) {
  std::mt19937 random(2045);
  static const char* const kPieces[] = {"--b\n",
                                        "--b--\n",
                                        "\n",
                                        "\r\n",
                                        "Content-Type: multipart/mixed; boundary=b\n",
                                        "\xff",
                                        "\r",
                                        "x",
                                        " ",
                                        "Content-Transfer-Encoding: base64\n",
                                        "From x\n",
                                        "--",
                                        ":",
                                        "Content-Type: message/rfc822\n"};
  for (int i = 0; i < 1000; ++i) {
    std::string message;
    for (auto pieces = random() % 30; pieces > 0; --pieces) message += kPieces[random() % std::size(kPieces)];
    ASSERT_EQ(Convert(message, true, 1), Convert(message, true)) << message;
    ASSERT_EQ(Convert(message, false, 3), Convert(message, false)) << message;
  }
}

}  // namespace
