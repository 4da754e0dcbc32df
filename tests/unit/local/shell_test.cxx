// SPDX-License-Identifier: BSD-2-Clause
#include "local/shell.hxx"

#include "../base/home_fixture.hxx"

#include <system_error>

namespace {

struct ShellTest : HomeTest {
  std::string file = directory / "shells";
  [[nodiscard]] bool IsListed(const std::string& shell) {
    user.shell = shell;
    return local::HasListedShell(user, file.c_str());
  }
};

TEST_F(ShellTest, IsListedOnALineOfItsOwn) {
  Write(file, "# shells\n/bin/sh\n  /bin/bash # the usual one\n#/bin/old\n/usr/bin/fish");
  for (const auto* shell : {"/bin/sh", "/bin/bash", "/usr/bin/fish", ""})
    EXPECT_TRUE(IsListed(shell)) << shell;
  for (const auto* shell : {"/usr/sbin/nologin", "/bin/false", "/bin/old", "bash", "/bin/s", "#"})
    EXPECT_FALSE(IsListed(shell)) << shell;
}

TEST_F(ShellTest, IsAUsualOneWhereThereIsNoList) {
  EXPECT_TRUE(IsListed("/bin/sh"));
  EXPECT_FALSE(IsListed("/usr/sbin/nologin"));
}

TEST_F(ShellTest, IsUnknownWhereTheListCanNotBeRead) {
  std::filesystem::create_directory(file);
  EXPECT_THROW(static_cast<void>(IsListed("/bin/sh")), std::system_error);
}

}  // namespace
