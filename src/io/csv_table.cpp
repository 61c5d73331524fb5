#include "io/csv_table.hpp"

#include <algorithm>

namespace voltage::io {

Result<CsvTable> CsvTable::open(const std::string& path, std::string_view header) {
  auto lines = LineReader::open(path);
  if (!lines) return tl::unexpected(lines.error());
  const auto first = lines->next();
  if (!first) return tl::unexpected(first.error());
  if (!*first || !(*first)->starts_with(header)) return fail(path + ":1: the header must begin " + std::string{header});
  const auto columns = static_cast<std::size_t>(std::count((*first)->begin(), (*first)->end(), ',')) + 1;
  return CsvTable{std::move(*lines), columns};
}

Result<const std::vector<std::string_view>*> CsvTable::next() {
  for (;;) {
    const auto line = lines_.next();
    if (!line) return tl::unexpected(line.error());
    if (!*line) return nullptr;
    if ((*line)->empty()) continue;
    split_csv(**line, fields_);
    if (fields_.size() != columns_) return bad("not " + std::to_string(columns_) + " fields, as in the header");
    return &fields_;
  }
}

tl::unexpected<Error> CsvTable::bad(std::string_view what) const {
  return fail(lines_.place() + ": " + std::string{what});
}

}  // namespace voltage::io
