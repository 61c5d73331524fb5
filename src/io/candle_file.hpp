#pragma once
// Candle files: CSV, plain or gzip, `ts_ms,open,high,low,close,volume[,trades,taker_buy_volume]`, cells of
// the last two may be empty; Kraken's OHLCVT CSV; Binance's klines, also in their monthly zip. Strict where a mistake
// would poison a model: the header must be that one, a line that can't be read is an error naming file and line, and so
// is a file whose columns are mixed up. Rows that are readable but wrong (insane, double) are never repaired: they are
// listed.
#include <string>
#include <vector>

#include "base/result.hpp"
#include "market/candle.hpp"

namespace voltage::io {

struct RowFault {
  std::int64_t line{};
  std::string what;
};

struct CandleFile {
  market::CandleSeries series;
  std::vector<RowFault> insane;      // not in series
  std::vector<RowFault> duplicates;  // of a row before it; not in series
  std::vector<RowFault> gaps;        // line of the row after the gap
  std::int64_t missing_bars{};
  std::int64_t rows{};
};

Result<CandleFile> read_candle_file(const std::string& path);

// Everything that was read, ready for features: per interval, sorted, one row a time.
struct Candles {
  market::CandleSeries fine{Duration{60'000'000'000}, {}};
  market::CandleSeries coarse{Duration{300'000'000'000}, {}};
  std::string hash;  // SHA-256 over the rows: equal data, equal hash, whatever the files
};

// Candle files and stores of one source (io/candle_store). For training and forecasting: any insane row and two rows of
// one time that differ are errors.
Result<Candles> read_candles(const std::vector<std::string>& paths);

}  // namespace voltage::io
