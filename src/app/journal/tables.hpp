#pragma once
// A run's journal as tables for others to read: orders, fills, cash, decisions and quotes, in Parquet. Read from the
// records alone: nothing is made again, so a run of another program version is exported as it was recorded.
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace voltage::app::journal {

struct Exported {
  std::int64_t orders{0}, fills{0}, cash{0}, decisions{0}, quotes{0};
};
// Files `orders.parquet` … in `to`, which is made if it is not there. Fails, and leaves no table, on a damaged journal.
Result<Exported> export_tables(const std::string& folder, const std::string& to);

}  // namespace voltage::app::journal
