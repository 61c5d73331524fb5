#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "app/ladder/ladder.hpp"
#include "base/decimal.hpp"
#include "io/csv_table.hpp"

namespace voltage::app {
namespace {

// Dollars of a strike as whole cents; an empty bound is open.
std::optional<std::int64_t> cents(std::string_view text) {
  if (const auto exact = parse_fixed(text, 2)) return exact;
  // Written by programs as a double: 63972.44 may come as 63972.439999999995.
  const auto value = parse_double(text);
  if (!value || !(std::abs(*value) < 1e9)) return std::nullopt;
  const double nearest = std::round(*value * 100);
  if (std::abs(*value * 100 - nearest) > 1e-3) return std::nullopt;
  return static_cast<std::int64_t>(nearest);
}

}  // namespace

Result<std::vector<LadderSnapshot>> read_ladder(const std::string& path) {
  auto table = io::CsvTable::open(path, "ts_ms,close_ms,market,low,high,yes_bid,yes_ask,spot,settlement_price");
  if (!table) return tl::unexpected(table.error());
  std::vector<LadderSnapshot> out;
  for (;;) {
    const auto line = table->next();
    if (!line) return tl::unexpected(line.error());
    if (!*line) break;
    const auto& cells = **line;
    const auto bad = [&](const std::string& what) { return table->bad(what + " can't be read"); };
    const auto ts = parse_int(cells[0]), close = parse_int(cells[1]);
    if (!ts || !close || *close <= *ts) return bad("ts_ms before close_ms");
    LadderRow row{std::string{cells[2]}, {}, {}, {}};
    if (!cells[3].empty()) {
      const auto low = cents(cells[3]);
      if (!low) return bad("low");
      row.pays.low = *low;
    }
    if (!cells[4].empty()) {
      const auto high = cents(cells[4]);
      if (!high || *high <= row.pays.low) return bad("high");
      row.pays.high = *high;
    }
    const auto bid = parse_price(cells[5]), ask = parse_price(cells[6]);
    if (!bid || !ask || *bid > *ask) return bad("yes_bid at or below yes_ask");
    row.bid = *bid;
    row.ask = *ask;
    const auto spot = parse_double(cells[7]);
    const auto settled = cents(cells[8]);
    if (!spot || !(*spot > 0)) return bad("spot");
    if (!settled) return bad("settlement_price");
    const Time at = Time::from_ms(*ts), closes = Time::from_ms(*close);
    if (out.empty() || out.back().at != at || out.back().close != closes) {
      out.push_back({at, closes, *spot, *settled, {}});
    }
    out.back().rows.push_back(std::move(row));
  }
  if (out.empty()) return fail(path + ": no ladder in it");
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return out;
}

}  // namespace voltage::app
