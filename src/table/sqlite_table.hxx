// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/file_identity.hxx"
#include "table/table.hxx"

struct sqlite3;
struct sqlite3_stmt;

namespace table {

/// A table in an SQLite database, which is only ever read. The query is a SELECT with one parameter, the key
/// in lower case; of each row the first column counts, and several rows make a list with commas. The database
/// is opened again when another file has taken its place.
class SqliteTable : public Table {
 public:
  static constexpr int kBusyTimeout = 1000;  ///< milliseconds to wait for who writes to the database

  /// @param text "/PATH QUERY"
  /// @param wait for an answer, at most
  explicit SqliteTable(std::string_view text, std::chrono::milliseconds wait = kMaxWait);
  ~SqliteTable() override;

  [[nodiscard]] std::optional<Found> Lookup(std::string_view key) override;

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const noexcept;
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };

  void Refresh();
  void Open();
  void Prepare();
  void Close() noexcept;
  [[nodiscard]] std::string ReadRows();
  [[nodiscard]] bool Step();
  [[noreturn]] void Fail(int code);
  [[noreturn]] void Fail(const std::string& why);
  static int OnProgress(void* self) noexcept;

  std::string path_;
  std::string query_;
  std::chrono::milliseconds wait_;
  FileIdentity identity_;
  std::chrono::steady_clock::time_point deadline_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement_;  // of database_
};

}  // namespace table
