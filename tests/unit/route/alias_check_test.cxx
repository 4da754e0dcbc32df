// SPDX-License-Identifier: BSD-2-Clause
#include "route/alias_check.hxx"

#include "temporary_directory.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

class AliasCheck : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> Check(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    table::FileTable aliases(path_);
    auto faults = route::CheckAliases(aliases);
    for (auto& fault : faults) {
      EXPECT_TRUE(fault.starts_with(path_ + ":")) << fault;
      fault.erase(0, path_.size() + 1);
    }
    return faults;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "aliases";
};

TEST_F(AliasCheck, FindsNothingInWhatPeopleWrite) {
  const auto list = directory_ / "list";
  std::ofstream(list) << "bob\n";
  EXPECT_THAT(Check("# /etc/aliases\n"
                    "mailer-daemon: postmaster\n"
                    "postmaster:    root\n"
                    "root:          alice, \\bob,\n"
                    "               carol@example.org\n"
                    "\"a b\":         \"|/usr/bin/vacation alice\"\n"
                    "owner-list:    alice\n"
                    "list:          :include:" +
                    list +
                    "\n"
                    "abuse:         error:550 5.1.1 nobody reads this\n"
                    "archive        /var/archive/\n"
                    "*:             root\r\n"),
              IsEmpty());
  EXPECT_THAT(Check(""), IsEmpty());
}

TEST_F(AliasCheck, LooksIntoIncludedFiles) {
  const auto list = directory_ / "list";
  std::ofstream(list) << "bob\n\nbroken@@x\n";
  EXPECT_THAT(Check("x: y\nlist: :include:" + list + "\n"), ElementsAre(HasSubstr("2: " + list + ":3: ")));
  EXPECT_THAT(Check("list: :include:/nowhere/list\n"),
              ElementsAre(HasSubstr("1: Failed to open '/nowhere/list'")));
}

TEST_F(AliasCheck, FindsAddressesThatNobodyAsksFor) {
  EXPECT_THAT(Check("bob: carol\nbob@example.org: carol\n"),
              ElementsAre(AllOf(HasSubstr("2: "), HasSubstr("VirtualUsers="))));
}

TEST_F(AliasCheck, NamesTheLineOfEachFault) {
  EXPECT_THAT(
      Check("root: alice,\n"
            "  \"|/cmd,\n"
            "# in between\n"
            "  bob\n"
            "junk\n"
            "list:\n"
            "  :include:x,\n"
            "  procmail|x\n"
            "empty: # nobody\n"
            "ROOT: bob\n"
            "x: \"|procmail\"\n"),
      ElementsAre(
          HasSubstr("2: '\"|/cmd,  bob' has a double quote, bracket or parenthesis that is not closed"),
          HasSubstr("5: 'junk' has nothing behind it"), HasSubstr("7: ':include:x' names no file"),
          HasSubstr("8: 'procmail|x' is no name"), HasSubstr("9: 'empty' has no destination"),
          HasSubstr("10: 'root' has an entry in line 1 already"),
          HasSubstr("11: '\"|procmail\"' has no absolute path")));
}

TEST_F(AliasCheck, FindsWhatIsNobodysOwn) {
  EXPECT_THAT(Check("a: !, bob\n"
                    "b: alice,\n"
                    "  ~/Maildir/\n"
                    "c: :include:~/list\n"
                    "d: !alice, \"/~/x\"\n"),
              ElementsAre(HasSubstr("1: '!' names no user here"),
                          HasSubstr("3: '~/Maildir/' is in nobody's home here"),
                          HasSubstr("4: ':include:~/list' is in nobody's home here")));
}

TEST_F(AliasCheck, SaysThatThereIsNoFile) {
  table::FileTable aliases(path_);
  EXPECT_THAT(route::CheckAliases(aliases),
              ElementsAre(path_ + ": there is no such file; the table is empty"));
  std::filesystem::create_directory(path_);
  EXPECT_THROW((void)route::CheckAliases(aliases), table::Unavailable);
}

}  // namespace
