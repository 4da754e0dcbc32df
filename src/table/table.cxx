// SPDX-License-Identifier: BSD-2-Clause
#include "table/table.hxx"

#include "base/text.hxx"
#include "table/file_table.hxx"
#include "table/socket_table.hxx"
#include "table/sqlite_table.hxx"
#include "table/static_table.hxx"

namespace table {

namespace {

// A table of the configuration that was not understood.
class BadTable : public Table {
 public:
  explicit BadTable(const std::string& text) : why_(Quote(text) + " is no table: see mailqueuectl status") {}

  [[nodiscard]] std::optional<Found> Lookup(std::string_view /*key*/) override { throw Unavailable(why_); }

 private:
  std::string why_;
};

}  // namespace

std::unique_ptr<Table> Make(const config::TableSpec& spec, Separator separator) {
  using Kind = config::TableSpec::Kind;
  switch (spec.kind) {
    case Kind::Static:
      return std::make_unique<StaticTable>(spec.text);
    case Kind::File:
      return std::make_unique<FileTable>(spec.text, separator);
    case Kind::Sqlite:
      return std::make_unique<SqliteTable>(spec.text);
    case Kind::Socket:
      return std::make_unique<SocketTable>(spec.text);
    case Kind::Bad:
      return std::make_unique<BadTable>(spec.text);
  }
  throw std::logic_error("no such kind of table");
}

}  // namespace table
