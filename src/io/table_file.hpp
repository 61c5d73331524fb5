#pragma once
// A table on its way to disk, in the form that the file's name asks for: `.parquet` is Parquet, anything else CSV. The
// caller writes CSV lines either way, so both hold the same numbers. An empty cell is null in Parquet.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/parquet_file.hpp"

namespace voltage::io {

class TableFile {
 public:
  static Result<TableFile> create(const std::string& path, const std::vector<Column>& columns);

  // Whole lines, each with a cell for each column, none of them quoted.
  void write(std::string_view csv_lines);
  [[nodiscard]] Status commit();  // fails, naming the line, if a cell was not of its column's type

 private:
  explicit TableFile(std::vector<Column> columns) : columns_{std::move(columns)} {}
  void write_row(std::string_view line);

  std::vector<Column> columns_;
  std::optional<AtomicFile> csv_;
  std::optional<ParquetFile> parquet_;
  std::int64_t line_{1};
  std::string wrong_;
  std::vector<std::string_view> cells_;
};

}  // namespace voltage::io
