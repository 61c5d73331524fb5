#include "io/candle_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/hash.hpp"
#include "base/time.hpp"
#include "io/candle_store.hpp"
#include "io/line_reader.hpp"
#include "io/zip.hpp"

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

// Where the columns of a format stand, and in which unit its first one counts.
struct Layout {
  std::string_view name;
  std::size_t fields{};
  std::array<int, 7> columns{};  // open high low close volume trades taker_buy; -1: it has none
  std::int64_t units_per_second{};
};
constexpr Layout kOursShort{"candle CSV", 6, {1, 2, 3, 4, 5, -1, -1}, 1000};
constexpr Layout kOursLong{"candle CSV", 8, {1, 2, 3, 4, 5, 6, 7}, 1000};
constexpr Layout kKraken{"Kraken OHLCVT", 7, {1, 2, 3, 4, 5, 6, -1}, 1};
constexpr Layout kBinance{"Binance klines", 12, {1, 2, 3, 4, 5, 8, 9}, 1000};
constexpr Layout kBinanceMicros{"Binance klines", 12, {1, 2, 3, 4, 5, 8, 9}, 1'000'000};  // from 2025 on

// One line after the other, whatever they come from; place() names the last one.
struct Lines {
  std::function<Result<std::optional<std::string_view>>()> next;
  std::string path;
  std::int64_t number{0};
  std::string place() const { return fmt::format("{}:{}", path, number); }
};

Result<double> cell(std::string_view text, const char* name, const Lines& lines, bool may_be_empty) {
  if (text.empty() && may_be_empty) return std::numeric_limits<double>::quiet_NaN();
  const auto value = parse_double(text);
  if (!value) return fail(fmt::format("{}: {} is \"{}\", not a number", lines.place(), name, text));
  return *value;
}

Result<Row> parse_row(const std::vector<std::string_view>& f, const Layout& layout, const Lines& lines) {
  if (f.size() != layout.fields) {
    return fail(fmt::format("{}: {} fields where {} has {}", lines.place(), f.size(), layout.name, layout.fields));
  }
  const auto count = parse_int(f[0]);
  constexpr std::int64_t first_s = 1'000'000'000;  // 2001
  constexpr std::int64_t last_s = 7'258'118'400;   // 2200
  if (!count || *count / layout.units_per_second < first_s || *count / layout.units_per_second > last_s) {
    return fail(fmt::format("{}: \"{}\" is not a time in Unix {}", lines.place(), f[0],
                            layout.units_per_second == 1 ? "seconds" : "milliseconds"));
  }
  if (*count % (60 * layout.units_per_second) != 0) {
    return fail(fmt::format("{}: time {} is not on a whole minute", lines.place(), *count));
  }
  Row row{{Time{*count / layout.units_per_second * 1'000'000'000}, 0, 0, 0, 0, 0, 0, 0}, lines.number};
  row.bar.trades = row.bar.taker_buy = std::numeric_limits<double>::quiet_NaN();
  static constexpr const char* names[] = {"open", "high", "low", "close", "volume", "trades", "taker_buy_volume"};
  double* const values[] = {&row.bar.open,   &row.bar.high,   &row.bar.low,      &row.bar.close,
                            &row.bar.volume, &row.bar.trades, &row.bar.taker_buy};
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    if (layout.columns[i] < 0) continue;
    const auto value = cell(f[static_cast<std::size_t>(layout.columns[i])], names[i], lines, i >= 5);
    if (!value) return fail(value.error().message);
    *values[i] = *value;
  }
  return row;
}

// The layout that a first line announces, and whether that line is a header.
Result<std::pair<Layout, bool>> layout_of(std::string_view first, const std::string& path) {
  if (first == kShort) return std::pair{kOursShort, true};
  if (first == kLong) return std::pair{kOursLong, true};
  if (first.starts_with("open_time,open,high,low,close,volume,")) return std::pair{kBinance, true};
  std::vector<std::string_view> fields;
  split_csv(first, fields);
  const auto count = fields.empty() ? std::nullopt : parse_int(fields[0]);
  if (count && fields.size() == kKraken.fields && *count < 100'000'000'000) return std::pair{kKraken, false};
  constexpr std::int64_t micros = 100'000'000'000'000;
  if (count && fields.size() == kBinance.fields) return std::pair{*count < micros ? kBinance : kBinanceMicros, false};
  std::string shown{first.substr(0, 120)};
  std::replace_if(shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return fail(
      fmt::format("{}:1: begins with \"{}\"; expected the header \"{}\", Kraken's OHLCVT rows or Binance's klines",
                  path, shown, kLong));
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

namespace {

Result<CandleFile> parse_lines(Lines lines) {
  const auto first = lines.next();
  if (!first) return fail(first.error().message);
  const auto layout = layout_of(*first ? **first : std::string_view{}, lines.path);
  if (!layout) return fail(layout.error().message);
  CandleFile file;
  std::vector<Row> rows;
  std::vector<std::string_view> fields;
  std::string held{**first};  // the first row of a file without a header is a row
  auto line = Result<std::optional<std::string_view>>{std::string_view{held}};
  lines.number = 1;
  if (layout->second) {
    line = lines.next();
    ++lines.number;
  }
  for (;; line = lines.next(), ++lines.number) {
    if (!line) return fail(line.error().message);
    if (!*line) break;
    if ((*line)->empty()) continue;
    split_csv(**line, fields);
    const auto row = parse_row(fields, layout->first, lines);
    if (!row) return fail(row.error().message);
    ++file.rows;
    if (auto fault = fault_of(row->bar); !fault.empty()) {
      file.insane.push_back({row->line, std::move(fault)});
    } else {
      rows.push_back(*row);
    }
  }
  if (file.rows == 0) return fail(fmt::format("{}: no candles in it", lines.path));
  if (const auto status = arrange(rows, file, lines.path); !status) return fail(status.error().message);
  return file;
}

Status add_store(const std::string& path, Candles& all) {
  auto store = CandleStore::open(path);
  if (!store) return fail(store.error().message);
  const auto sources = store->sources();
  if (!sources) return fail(sources.error().message);
  if (sources->size() != 1) {
    return fail(fmt::format("{}: holds {} sources of candles; name a store with exactly one", path, sources->size()));
  }
  for (auto* into : {&all.fine, &all.coarse}) {
    auto series = store->read(sources->front(), into->interval);
    if (!series) return fail(series.error().message);
    into->bars.insert(into->bars.end(), series->bars.begin(), series->bars.end());
  }
  return {};
}

}  // namespace

Result<CandleFile> read_candle_file(const std::string& path) {
  if (path.ends_with(".zip")) {
    const auto text = read_zip(path);
    if (!text) return fail(text.error().message);
    std::size_t at = 0;
    return parse_lines({[&]() -> Result<std::optional<std::string_view>> {
                          if (at >= text->size()) return std::optional<std::string_view>{};
                          const std::size_t end = std::min(text->find('\n', at), text->size());
                          auto line = std::string_view{*text}.substr(at, end - at);
                          if (line.ends_with('\r')) line.remove_suffix(1);
                          at = end + 1;
                          return std::optional{line};
                        },
                        path});
  }
  auto reader = LineReader::open(path);
  if (!reader) return fail(reader.error().message);
  return parse_lines({[&] { return reader->next(); }, path});
}

Result<Candles> read_candles(const std::vector<std::string>& paths) {
  Candles all;
  for (const auto& path : paths) {
    if (is_store(path)) {
      if (const auto s = add_store(path, all); !s) return fail(s.error().message);
      continue;
    }
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
