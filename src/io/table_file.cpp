#include "io/table_file.hpp"

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/line_reader.hpp"

namespace voltage::io {

Result<TableFile> TableFile::create(const std::string& path, const std::vector<Column>& columns) {
  TableFile table{columns};
  if (path.ends_with(".parquet")) {
    auto file = ParquetFile::create(path, columns);
    if (!file) return tl::unexpected(file.error());
    table.parquet_.emplace(std::move(*file));
    return table;
  }
  auto file = AtomicFile::create(path);
  if (!file) return tl::unexpected(file.error());
  table.csv_.emplace(std::move(*file));
  std::string header;
  for (const auto& c : columns) header += (header.empty() ? "" : ",") + c.name;
  table.csv_->write(header + "\n");
  return table;
}

void TableFile::write(std::string_view lines) {
  if (csv_) return csv_->write(lines);
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    write_row(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

void TableFile::write_row(std::string_view line) {
  ++line_;
  if (!wrong_.empty()) return;
  split_csv(line, cells_);
  if (cells_.size() != columns_.size()) {
    wrong_ = fmt::format("line {} has {} cells, not {}", line_, cells_.size(), columns_.size());
    return;
  }
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const auto cell = cells_[i];
    const auto bad = [&] {
      if (wrong_.empty()) wrong_ = fmt::format("line {}: \"{}\" is no {}", line_, cell, columns_[i].name);
      parquet_->null();
    };
    if (cell.empty()) {
      parquet_->null();
    } else if (columns_[i].type == ColumnType::integer) {
      if (const auto v = parse_int(cell))
        parquet_->integer(*v);
      else
        bad();
    } else if (columns_[i].type == ColumnType::number) {
      if (const auto v = parse_double(cell))
        parquet_->number(*v);
      else
        bad();
    } else if (columns_[i].type == ColumnType::time) {
      if (const auto v = parse_time(cell))
        parquet_->time(*v);
      else
        bad();
    } else {
      parquet_->text(cell);
    }
  }
}

Status TableFile::commit() {
  if (!wrong_.empty()) return fail("the table was not written: " + wrong_);
  return csv_ ? csv_->commit() : parquet_->commit();
}

}  // namespace voltage::io
