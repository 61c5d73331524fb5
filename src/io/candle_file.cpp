#include "io/candle_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/hash.hpp"
#include "base/time.hpp"
#include "io/line_reader.hpp"

namespace voltage::io {
namespace {

constexpr std::string_view kShort = "ts_ms,open,high,low,close,volume";
constexpr std::string_view kLong = "ts_ms,open,high,low,close,volume,trades,taker_buy_volume";
constexpr std::int64_t kFineMs = 60'000;
constexpr std::int64_t kCoarseMs = 300'000;

struct Row {
  market::Candle bar;
  std::int64_t line{};
};

Result<double> cell(std::string_view text, const char* name, const LineReader& reader, bool may_be_empty) {
  if (text.empty() && may_be_empty) return std::numeric_limits<double>::quiet_NaN();
  const auto value = parse_double(text);
  if (!value) return fail(fmt::format("{}: {} is \"{}\", not a number", reader.place(), name, text));
  return *value;
}

Result<Row> parse_row(const std::vector<std::string_view>& f, std::size_t columns, const LineReader& reader) {
  if (f.size() != columns) {
    return fail(fmt::format("{}: {} fields where the header has {}", reader.place(), f.size(), columns));
  }
  const auto ms = parse_int(f[0]);
  constexpr std::int64_t first_ms = 1'000'000'000'000;  // 2001
  constexpr std::int64_t last_ms = 7'258'118'400'000;   // 2200
  if (!ms || *ms < first_ms || *ms > last_ms) {
    return fail(fmt::format("{}: ts_ms is \"{}\", not a time in Unix milliseconds", reader.place(), f[0]));
  }
  if (*ms % kFineMs != 0) return fail(fmt::format("{}: ts_ms {} is not on a whole minute", reader.place(), *ms));
  Row row{{Time::from_ms(*ms), 0, 0, 0, 0, 0, 0, 0}, reader.line_number()};
  row.bar.trades = row.bar.taker_buy = std::numeric_limits<double>::quiet_NaN();
  static constexpr const char* names[] = {"open", "high", "low", "close", "volume", "trades", "taker_buy_volume"};
  double* const values[] = {&row.bar.open,   &row.bar.high,   &row.bar.low,      &row.bar.close,
                            &row.bar.volume, &row.bar.trades, &row.bar.taker_buy};
  for (std::size_t i = 1; i < columns; ++i) {
    const auto value = cell(f[i], names[i - 1], reader, i >= 6);
    if (!value) return fail(value.error().message);
    *values[i - 1] = *value;
  }
  return row;
}

std::string fault_of(const market::Candle& bar) {
  if (!std::isnan(bar.trades) && bar.trades != std::floor(bar.trades))
    return fmt::format("trade count {} is not whole", bar.trades);
  return market::insanity(bar);
}

// Bars follow one another: an open is near the close before it. Where it is not, and the columns the
// other way round would be, open and close have changed places.
bool open_and_close_swapped(const std::vector<market::Candle>& bars, std::int64_t step_ms) {
  double as_is = 0;
  double swapped = 0;
  std::size_t n = 0;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    if (bars[i].begin.ms() - bars[i - 1].begin.ms() != step_ms) continue;
    as_is += std::abs(std::log(bars[i].open / bars[i - 1].close));
    swapped += std::abs(std::log(bars[i].close / bars[i - 1].open));
    ++n;
  }
  return n >= 20 && as_is > 2 * swapped;
}

Status check_columns(const CandleFile& file, const std::string& path, std::int64_t step_ms) {
  const auto insane = static_cast<std::int64_t>(file.insane.size());
  if (insane >= 3 && 50 * insane > file.rows) {
    return fail(fmt::format("{}:{}: {}; {} of {} rows are like that: are the columns mixed up? Expected {}", path,
                            file.insane.front().line, file.insane.front().what, insane, file.rows, kLong));
  }
  if (open_and_close_swapped(file.series.bars, step_ms)) {
    return fail(
        fmt::format("{}:2: opens don't follow the closes before them, but closes follow opens: are the columns "
                    "open and close swapped? Expected {}",
                    path, kLong));
  }
  return {};
}

// Sorts by time, drops and lists doubles, lists gaps, finds the interval.
Status arrange(std::vector<Row>& rows, CandleFile& file, const std::string& path) {
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.bar.begin < b.bar.begin; });
  std::int64_t step = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::int64_t d = rows[i].bar.begin.ms() - rows[i - 1].bar.begin.ms();
    if (d > 0 && (step == 0 || d < step)) step = d;
  }
  if (step == 0) step = kFineMs;
  if (step != kFineMs && step != kCoarseMs) {
    return fail(fmt::format("{}: bars are {} s apart; 1-minute and 5-minute candles are read", path, step / 1000));
  }
  file.series.interval = Duration{step * 1'000'000};
  for (const auto& row : rows) {
    auto& bars = file.series.bars;
    const std::int64_t at = row.bar.begin.ms();
    if (!bars.empty() && at == bars.back().begin.ms()) {
      file.duplicates.push_back({row.line, fmt::format("second row of {}", format_iso(row.bar.begin))});
      continue;
    }
    if (at % step != 0)
      return fail(fmt::format("{}:{}: ts_ms {} is not on the {} s grid", path, row.line, at, step / 1000));
    if (!bars.empty() && at - bars.back().begin.ms() > step) {
      const std::int64_t missing = (at - bars.back().begin.ms()) / step - 1;
      file.missing_bars += missing;
      file.gaps.push_back({row.line, fmt::format("{} bars missing after {}", missing, format_iso(bars.back().begin))});
    }
    bars.push_back(row.bar);
  }
  return check_columns(file, path, step);
}

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

bool same_bar(const market::Candle& a, const market::Candle& b) {
  return a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close && a.volume == b.volume &&
         same(a.trades, b.trades) && same(a.taker_buy, b.taker_buy);
}

Status sort_unique(market::CandleSeries& series) {
  auto& bars = series.bars;
  const auto earlier = [](const market::Candle& a, const market::Candle& b) { return a.begin < b.begin; };
  if (!std::is_sorted(bars.begin(), bars.end(), earlier)) std::stable_sort(bars.begin(), bars.end(), earlier);
  for (std::size_t i = 1; i < bars.size(); ++i) {
    if (bars[i].begin == bars[i - 1].begin && !same_bar(bars[i], bars[i - 1])) {
      return fail(fmt::format("two different bars at {}: name only files that agree", format_iso(bars[i].begin)));
    }
  }
  const auto same_time = [](const market::Candle& a, const market::Candle& b) { return a.begin == b.begin; };
  bars.erase(std::unique(bars.begin(), bars.end(), same_time), bars.end());
  return {};
}

}  // namespace

Result<CandleFile> read_candle_file(const std::string& path) {
  auto reader = LineReader::open(path);
  if (!reader) return fail(reader.error().message);
  const auto header = reader->next();
  if (!header) return fail(header.error().message);
  const std::string_view names = *header ? **header : std::string_view{};
  if (names != kShort && names != kLong) {
    return fail(fmt::format("{}:1: header is \"{}\"; expected \"{}\"", path, names.substr(0, 120), kLong));
  }
  const std::size_t columns = names == kShort ? 6 : 8;
  CandleFile file;
  std::vector<Row> rows;
  std::vector<std::string_view> fields;
  while (true) {
    const auto line = reader->next();
    if (!line) return fail(line.error().message);
    if (!*line) break;
    if ((*line)->empty()) continue;
    split_csv(**line, fields);
    const auto row = parse_row(fields, columns, *reader);
    if (!row) return fail(row.error().message);
    ++file.rows;
    if (auto fault = fault_of(row->bar); !fault.empty()) {
      file.insane.push_back({row->line, std::move(fault)});
    } else {
      rows.push_back(*row);
    }
  }
  if (file.rows == 0) return fail(fmt::format("{}: no candles in it", path));
  if (const auto status = arrange(rows, file, path); !status) return fail(status.error().message);
  return file;
}

Result<Candles> read_candles(const std::vector<std::string>& paths) {
  Candles all;
  for (const auto& path : paths) {
    const auto file = read_candle_file(path);
    if (!file) return fail(file.error().message);
    if (!file->insane.empty()) {
      return fail(fmt::format("{}:{}: {}", path, file->insane.front().line, file->insane.front().what));
    }
    if (!file->duplicates.empty()) {
      return fail(fmt::format("{}:{}: {}", path, file->duplicates.front().line, file->duplicates.front().what));
    }
    auto& into = file->series.interval == all.fine.interval ? all.fine.bars : all.coarse.bars;
    into.insert(into.end(), file->series.bars.begin(), file->series.bars.end());
  }
  Sha256 hash;
  for (auto* series : {&all.fine, &all.coarse}) {
    if (const auto status = sort_unique(*series); !status) return fail(status.error().message);
    static_assert(sizeof(market::Candle) == 64, "hashed as it lies in memory");
    hash.update({reinterpret_cast<const char*>(series->bars.data()), series->bars.size() * sizeof(market::Candle)});
  }
  all.hash = hash.hex();
  return all;
}

}  // namespace voltage::io
