#pragma once
// Writes tables as Apache Parquet: what pandas, pyarrow, DuckDB, Polars and Spark read. A small part of the format,
// by hand (docs/decisions/050): flat columns that may be null, plain encoding, gzip, one page a column and row group.
// The file is there whole or not at all. Cells come row by row, in the order of the columns.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/types.hpp"
#include "io/atomic_file.hpp"

namespace voltage::io {

enum class ColumnType : std::uint8_t { integer, number, text, time };  // int64, double, UTF-8, UTC nanoseconds

struct Column {
  std::string name;
  ColumnType type{};
};

class ParquetFile {
 public:
  static Result<ParquetFile> create(const std::string& path, std::vector<Column> columns);

  // The next cell; its kind must be that of its column.
  ParquetFile& integer(std::int64_t value);
  ParquetFile& number(double value);  // NaN: null
  ParquetFile& text(std::string_view value);
  ParquetFile& time(Time value);
  ParquetFile& null();
  [[nodiscard]] Status commit();  // after whole rows only

 private:
  static constexpr std::size_t kGroupRows = 65'536;
  struct Chunk {  // of a row group that is written
    std::int64_t offset{}, values{}, plain{}, packed{};
  };
  struct Group {
    std::vector<Chunk> chunks;
    std::int64_t rows{};
  };
  struct Pending {  // cells that wait for their row group to be full
    std::string values;
    std::vector<std::uint8_t> present;
  };

  ParquetFile(AtomicFile file, std::vector<Column> columns);
  Pending& next(ColumnType type);
  void end_cell();
  void write(std::string_view bytes);
  void write_group();
  std::string footer() const;

  AtomicFile file_;
  std::vector<Column> columns_;
  std::vector<Pending> pending_;
  std::vector<Group> groups_;
  std::size_t column_{0};
  std::int64_t written_{0};
  bool packed_{true};  // false: zlib failed
};

}  // namespace voltage::io
