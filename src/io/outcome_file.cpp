#include "io/outcome_file.hpp"

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/csv_table.hpp"

namespace voltage::io {
namespace {

// An index value in dollars, or an empty cell.
bool read_index(std::string_view cell, std::optional<market::IndexValue>& out) {
  if (cell.empty()) return true;
  const auto value = parse_fixed(cell, 8);
  if (!value || *value <= 0) return false;
  out = market::IndexValue{*value};
  return true;
}

}  // namespace

Result<std::map<std::string, OutcomeRow>> read_outcome_file(const std::string& path) {
  auto table = CsvTable::open(path, "market,strike,settlement_price,result,close_utc");
  if (!table) return tl::unexpected(table.error());
  std::map<std::string, OutcomeRow> rows;
  for (;;) {
    const auto line = table->next();
    if (!line) return tl::unexpected(line.error());
    if (!*line) break;
    const auto& fields = **line;
    const auto bad = [&](const char* what) { return table->bad(what); };
    OutcomeRow row;
    const auto close = parse_iso(fields[4]);
    if (fields[0].empty()) return bad("field market is empty");
    if (!read_index(fields[1], row.strike)) return bad("field strike is no index value");
    if (!read_index(fields[2], row.settlement)) return bad("field settlement_price is no index value");
    if (!close) return bad("field close_utc is no time");
    if (fields[3] == "yes")
      row.result = event::Outcome::yes;
    else if (fields[3] == "no")
      row.result = event::Outcome::no;
    else if (!fields[3].empty())
      return bad("field result is neither yes nor no nor empty");
    row.close = *close;
    if (!rows.emplace(fields[0], row).second) return bad("this market stands twice");
  }
  return rows;
}

}  // namespace voltage::io
