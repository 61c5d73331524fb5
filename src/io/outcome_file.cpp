#include "io/outcome_file.hpp"

#include <vector>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/line_reader.hpp"

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
  auto lines = LineReader::open(path);
  if (!lines) return tl::unexpected(lines.error());
  const auto header = lines->next();
  if (!header) return tl::unexpected(header.error());
  if (!*header || !(*header)->starts_with("market,strike,settlement_price,result,close_utc")) {
    return fail(path + ":1: the header must begin market,strike,settlement_price,result,close_utc");
  }
  std::map<std::string, OutcomeRow> rows;
  std::vector<std::string_view> fields;
  for (;;) {
    const auto line = lines->next();
    if (!line) return tl::unexpected(line.error());
    if (!*line) break;
    split_csv(**line, fields);
    const auto bad = [&](const char* what) { return fail(lines->place() + ": " + what); };
    if (fields.size() < 5) return bad("fewer than five fields");
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
