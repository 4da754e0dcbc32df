// SPDX-License-Identifier: BSD-2-Clause
#include "table/sqlite_table.hxx"

#include "base/text.hxx"
#include "table/key.hxx"

#include <cerrno>
#include <cstring>
#include <sqlite3.h>

namespace table {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kStepsBetweenLooks = 10000;  // instructions of SQLite's machine, well below a millisecond
constexpr std::string_view kBetweenRows = ", ";

}  // namespace

void SqliteTable::CloseDatabase::operator()(sqlite3* database) const noexcept {
  ::sqlite3_close_v2(database);
}

void SqliteTable::FinalizeStatement::operator()(sqlite3_stmt* statement) const noexcept {
  ::sqlite3_finalize(statement);
}

SqliteTable::SqliteTable(std::string_view text, std::chrono::milliseconds wait) : wait_(wait) {
  const auto blank = std::min(text.find_first_of(" \t"), text.size());
  path_ = text.substr(0, blank);
  query_ = Trim(text.substr(blank));
}

SqliteTable::~SqliteTable() = default;

std::optional<Found> SqliteTable::Lookup(std::string_view key) {
  const auto normal = NormaliseKey(key);
  if (!normal) return std::nullopt;
  deadline_ = Clock::now() + wait_;
  Refresh();
  const int code = ::sqlite3_bind_text(statement_.get(), 1, normal->data(), static_cast<int>(normal->size()),
                                       SQLITE_STATIC);
  if (code != SQLITE_OK) Fail(code);
  auto value = ReadRows();
  if (value.empty()) return std::nullopt;
  return Found{std::move(value), "sqlite:" + path_};
}

void SqliteTable::Refresh() {
  struct stat status;
  if (::stat(path_.c_str(), &status) < 0) Fail(std::strerror(errno));
  // Opening a FIFO would block until somebody writes to it.
  if (!S_ISREG(status.st_mode)) Fail("not a regular file");
  const FileIdentity identity(status);
  if (database_ && identity.IsSameFile(identity_)) return;
  Close();
  identity_ = identity;
  Open();
  Prepare();
}

void SqliteTable::Open() {
  sqlite3* database = nullptr;
  const int code =
      ::sqlite3_open_v2(path_.c_str(), &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(database);  // even one that failed to open has to be closed
  if (code != SQLITE_OK) Fail(code);
  ::sqlite3_busy_timeout(database, kBusyTimeout);
  ::sqlite3_progress_handler(database, kStepsBetweenLooks, OnProgress, this);
  // A user who may write the file must not make its schema do more than answer.
  ::sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  ::sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
}

void SqliteTable::Prepare() {
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code = ::sqlite3_prepare_v3(database_.get(), query_.data(), static_cast<int>(query_.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, &tail);
  statement_.reset(statement);
  if (code != SQLITE_OK) Fail(code);
  const auto rest = Trim(std::string_view(query_).substr(static_cast<std::size_t>(tail - query_.data())));
  const bool asks = statement && ::sqlite3_stmt_readonly(statement) && ::sqlite3_column_count(statement) > 0;
  if (!asks || !rest.empty()) Fail("the query is not one SELECT");
  if (::sqlite3_bind_parameter_count(statement) != 1) Fail("the query needs one ? for the key");
}

std::string SqliteTable::ReadRows() {
  std::string value;
  while (Step()) {
    const auto* const text = ::sqlite3_column_text(statement_.get(), 0);
    const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(statement_.get(), 0));
    if (!text || size == 0) continue;
    if (value.size() + kBetweenRows.size() + size > kMaxValue) Fail("the answer is too long");
    if (!value.empty()) value += kBetweenRows;
    value.append(reinterpret_cast<const char*>(text), size);
  }
  return value;
}

// False behind the last row; the statement is ready for its next use then.
bool SqliteTable::Step() {
  const int code = ::sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) Fail(code);
  ::sqlite3_reset(statement_.get());
  return false;
}

int SqliteTable::OnProgress(void* self) noexcept {
  return Clock::now() > static_cast<const SqliteTable*>(self)->deadline_;
}

void SqliteTable::Close() noexcept {
  statement_.reset();
  database_.reset();
}

void SqliteTable::Fail(int code) {
  if (code == SQLITE_INTERRUPT) Fail("no answer in time");
  Fail(std::string(database_ ? ::sqlite3_errmsg(database_.get()) : ::sqlite3_errstr(code)));
}

// Whatever it was: the next lookup opens the database anew.
void SqliteTable::Fail(const std::string& why) {
  Close();
  throw Unavailable("failed to ask sqlite:" + path_ + ": " + why);
}

}  // namespace table
