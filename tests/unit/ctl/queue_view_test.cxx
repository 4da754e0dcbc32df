// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/queue_view.hxx"

#include "../base/temporary_directory.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct QueueViewTest : testing::Test {
  TemporaryDirectory directory;
  config::Settings settings;
  const std::string aliases = directory / "aliases";

  QueueViewTest() {
    EXPECT_EQ(::chmod(directory.Path().c_str(), 0755), 0);
    settings.local.aliases = {config::TableSpec::Kind::File, aliases};
    Write("aliases", "list: :include:" + (directory / "list") + "\n");
    Write("list", "alice\n");
    Write("mailqueue.conf", "");
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(directory / name) << text;
    Mode(name, 0644);
  }
  void Mode(const std::string& name, mode_t mode) const {
    EXPECT_EQ(::chmod((directory / name).c_str(), mode), 0);
  }
  // Users of the mail system who are neither the caller nor in a group of theirs.
  [[nodiscard]] ctl::QueueView View() const {
    return {settings, [](const std::string& name) {
              return User{"nobody-" + name, name == "mailqueue" ? 64001U : 64002U, 64003, "/"};
            }};
  }
};

TEST_F(QueueViewTest, NamesTheAliasesThatTheQueueMayNotRead) {
  EXPECT_THAT(View().FindHiddenAliases(), IsEmpty());
  Mode("aliases", 0600);
  EXPECT_THAT(
      View().FindHiddenAliases(),
      ElementsAre(aliases + ": user mailqueue must be able to read it, and may not, because of the mode of " +
                      aliases + ": chmod o+r " + aliases,
                  HasSubstr("user mailqueue-alias must")));
  Mode("aliases", 0644);
  Mode("list", 0600);
  EXPECT_THAT(View().FindHiddenAliases(), ElementsAre(HasSubstr("chmod o+r " + (directory / "list"))));
  Mode("list", 0644);
  EXPECT_EQ(::chmod(directory.Path().c_str(), 0700), 0);
  EXPECT_THAT(View().FindHiddenAliases(),
              ElementsAre(HasSubstr("chmod o+x " + directory.Path()), HasSubstr("o+x"), HasSubstr("o+x")));
  std::filesystem::remove(aliases);
  EXPECT_THAT(View().FindHiddenAliases(), IsEmpty()) << "most machines have none";
}

TEST_F(QueueViewTest, TellsNothingOfUsersWhoCanNotBeLookedUp) {
  Mode("aliases", 0600);
  const ctl::QueueView view(settings, [](const std::string&) -> std::optional<User> {
    throw std::system_error(EAGAIN, std::generic_category());
  });
  EXPECT_THAT(view.FindHiddenAliases(), IsEmpty());
  EXPECT_THAT(view.FindHiddenFiles(directory.Path()), IsEmpty());
}

TEST_F(QueueViewTest, NamesTheConfigurationThatItMayNotRead) {
  EXPECT_THAT(View().FindHiddenFiles(directory.Path()), IsEmpty());
  Mode("mailqueue.conf", 0640);
  EXPECT_THAT(View().FindHiddenFiles(directory.Path()),
              ElementsAre(HasSubstr("user mailqueue must"), HasSubstr("user mailqueue-alias must")));
  Mode("mailqueue.conf", 0644);
  Write("virtual", "");
  Mode("virtual", 0600);
  settings.route.virtual_users = {config::TableSpec::Kind::File, directory / "virtual"};
  EXPECT_THAT(View().FindHiddenFiles(directory.Path()),
              ElementsAre(HasSubstr("virtual: user mailqueue must")));
}

TEST_F(QueueViewTest, SaysWhereNobodyReadsRootsMail) {
  EXPECT_EQ(View().FindReaderlessRoot(), "");
  settings.local.enabled = false;
  settings.mail.domain = "example.org";
  EXPECT_THAT(View().FindReaderlessRoot(), HasSubstr("it is sent to root@example.org"));
  Write("aliases", "root: me@example.net\n");
  EXPECT_EQ(View().FindReaderlessRoot(), "");
  Write("aliases", "*: me@example.net\n");
  EXPECT_EQ(View().FindReaderlessRoot(), "");
}

}  // namespace
