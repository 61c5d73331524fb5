#include "io/candle_store.hpp"

#include <sqlite3.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace voltage::io {
namespace {

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS candles ("
    " source TEXT NOT NULL, interval_s INTEGER NOT NULL, ts_ms INTEGER NOT NULL,"
    " open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume REAL NOT NULL,"
    " trades REAL, taker_buy REAL, PRIMARY KEY (source, interval_s, ts_ms)) WITHOUT ROWID;";

struct Finalize {
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

sqlite3* handle(void* db) {
  return static_cast<sqlite3*>(db);
}

Statement prepare(void* db, const char* sql) {
  sqlite3_stmt* s = nullptr;
  sqlite3_prepare_v2(handle(db), sql, -1, &s, nullptr);
  return Statement{s};
}

// NaN, which is "not known", is NULL in the store.
void bind_optional(sqlite3_stmt* s, int at, double value) {
  if (std::isnan(value)) {
    sqlite3_bind_null(s, at);
  } else {
    sqlite3_bind_double(s, at, value);
  }
}

double optional_column(sqlite3_stmt* s, int at) {
  return sqlite3_column_type(s, at) == SQLITE_NULL ? std::numeric_limits<double>::quiet_NaN()
                                                   : sqlite3_column_double(s, at);
}

market::Candle candle_of(sqlite3_stmt* s) {
  return {Time::from_ms(sqlite3_column_int64(s, 0)),
          sqlite3_column_double(s, 1),
          sqlite3_column_double(s, 2),
          sqlite3_column_double(s, 3),
          sqlite3_column_double(s, 4),
          sqlite3_column_double(s, 5),
          optional_column(s, 6),
          optional_column(s, 7)};
}

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

bool same_bar(const market::Candle& a, const market::Candle& b) {
  return a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close && a.volume == b.volume &&
         same(a.trades, b.trades) && same(a.taker_buy, b.taker_buy);
}

}  // namespace

void CandleStore::Closer::operator()(void* db) const {
  sqlite3_close(handle(db));
}
CandleStore::CandleStore(std::string path, void* db) : path_{std::move(path)}, db_{db} {}
CandleStore::CandleStore(CandleStore&&) noexcept = default;
CandleStore::~CandleStore() = default;

std::string CandleStore::complaint(const char* what) {
  return fmt::format("{}: could not {}: {}", path_, what, sqlite3_errmsg(handle(db_.get())));
}

Status CandleStore::execute(const char* sql) {
  if (sqlite3_exec(handle(db_.get()), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return fail(complaint(sql));
  return {};
}

Result<CandleStore> CandleStore::open(const std::string& path) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open(path.c_str(), &db);
  CandleStore store{path, db};
  if (code != SQLITE_OK) return fail(fmt::format("{}: could not open: {}", path, sqlite3_errmsg(db)));
  for (const char* sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", kSchema}) {
    if (const auto s = store.execute(sql); !s) return fail(s.error().message);
  }
  return store;
}

Status CandleStore::begin() {
  return execute("BEGIN IMMEDIATE");
}

Status CandleStore::commit() {
  return execute("COMMIT");
}

Result<StoreCounts> CandleStore::add(const std::string& source, const market::CandleSeries& series) {
  const auto insert = prepare(db_.get(), "INSERT OR IGNORE INTO candles VALUES (?,?,?,?,?,?,?,?,?,?)");
  const auto find = prepare(db_.get(),
                            "SELECT ts_ms,open,high,low,close,volume,trades,taker_buy FROM candles "
                            "WHERE source=? AND interval_s=? AND ts_ms=?");
  if (!insert || !find) return fail(complaint("prepare an import"));
  const auto interval_s = series.interval.ns / 1'000'000'000;
  StoreCounts counts;
  for (const auto& bar : series.bars) {
    sqlite3_stmt* s = insert.get();
    sqlite3_reset(s);
    sqlite3_bind_text(s, 1, source.c_str(), -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, interval_s);
    sqlite3_bind_int64(s, 3, bar.begin.ms());
    int at = 4;
    for (const double v : {bar.open, bar.high, bar.low, bar.close, bar.volume}) sqlite3_bind_double(s, at++, v);
    bind_optional(s, at++, bar.trades);
    bind_optional(s, at, bar.taker_buy);
    if (sqlite3_step(s) != SQLITE_DONE) return fail(complaint("store a candle"));
    if (sqlite3_changes(handle(db_.get())) == 1) {
      ++counts.added;
      continue;
    }
    s = find.get();
    sqlite3_reset(s);
    sqlite3_bind_text(s, 1, source.c_str(), -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, interval_s);
    sqlite3_bind_int64(s, 3, bar.begin.ms());
    if (sqlite3_step(s) != SQLITE_ROW) return fail(complaint("look up a candle"));
    if (same_bar(candle_of(s), bar)) {
      ++counts.present;
    } else {
      ++counts.differing;
      if (counts.differ_at.size() < 10) counts.differ_at.push_back(bar.begin.ms());
    }
  }
  return counts;
}

Result<std::vector<std::string>> CandleStore::sources() {
  const auto query = prepare(db_.get(), "SELECT DISTINCT source FROM candles ORDER BY source");
  if (!query) return fail(complaint("list the sources"));
  std::vector<std::string> out;
  while (sqlite3_step(query.get()) == SQLITE_ROW) {
    out.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(query.get(), 0)));
  }
  return out;
}

Result<market::CandleSeries> CandleStore::read(const std::string& source, Duration interval) {
  const auto query = prepare(db_.get(),
                             "SELECT ts_ms,open,high,low,close,volume,trades,taker_buy FROM candles "
                             "WHERE source=? AND interval_s=? ORDER BY ts_ms");
  if (!query) return fail(complaint("read candles"));
  sqlite3_bind_text(query.get(), 1, source.c_str(), -1, SQLITE_STATIC);
  sqlite3_bind_int64(query.get(), 2, interval.ns / 1'000'000'000);
  market::CandleSeries series{interval, {}};
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(query.get())) == SQLITE_ROW) series.bars.push_back(candle_of(query.get()));
  if (code != SQLITE_DONE) return fail(complaint("read candles"));
  return series;
}

bool is_store(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  char magic[16] = {};
  const std::size_t n = std::fread(magic, 1, sizeof magic, file);
  std::fclose(file);
  return n == sizeof magic && std::string_view{magic, 15} == "SQLite format 3";
}

}  // namespace voltage::io
