#pragma once
// The rows of a CSV file with a known header, plain or gzip. Empty lines are passed over; a row with more
// or fewer fields than its header is an error that names file and line.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "io/line_reader.hpp"

namespace voltage::io {

class CsvTable {
 public:
  // header: what the first line must begin with; further columns may follow.
  static Result<CsvTable> open(const std::string& path, std::string_view header);

  // The fields of the next row, valid until the next call; null at the end of the file.
  Result<const std::vector<std::string_view>*> next();

  // An error about the row last returned.
  tl::unexpected<Error> bad(std::string_view what) const;
  std::int64_t line_number() const { return lines_.line_number(); }

 private:
  CsvTable(LineReader lines, std::size_t columns) : lines_{std::move(lines)}, columns_{columns} {}

  LineReader lines_;
  std::size_t columns_;
  std::vector<std::string_view> fields_;
};

}  // namespace voltage::io
