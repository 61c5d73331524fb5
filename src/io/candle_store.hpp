#pragma once
// Candles in SQLite: what `voltage import` fills and every reader of candle files can read. A row is
// never overwritten: a bar that is there and differs is reported and left. All of an import or nothing.
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "market/candle.hpp"

namespace voltage::io {

struct StoreCounts {
  std::int64_t added{};
  std::int64_t present{};               // equal to the stored row
  std::int64_t differing{};             // not stored: the row there stays
  std::vector<std::int64_t> differ_at;  // begins, ms; at most ten
};

class CandleStore {
 public:
  // Makes the file if it is not there.
  static Result<CandleStore> open(const std::string& path);
  CandleStore(CandleStore&&) noexcept;
  CandleStore& operator=(CandleStore&&) = delete;
  ~CandleStore();

  Status begin();
  Status commit();  // without it, everything since begin() is undone when the store closes
  Result<StoreCounts> add(const std::string& source, const market::CandleSeries& series);

  Result<std::vector<std::string>> sources();
  Result<market::CandleSeries> read(const std::string& source, Duration interval);

 private:
  struct Closer {
    void operator()(void* db) const;
  };
  CandleStore(std::string path, void* db);
  Status execute(const char* sql);
  std::string complaint(const char* what);

  std::string path_;
  std::unique_ptr<void, Closer> db_;
};

// True if the file is an SQLite database.
bool is_store(const std::string& path);

}  // namespace voltage::io
