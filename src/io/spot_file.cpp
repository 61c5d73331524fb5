#include "io/spot_file.hpp"

#include "base/decimal.hpp"
#include "io/csv_table.hpp"

namespace voltage::io {

Result<std::vector<SpotTick>> read_spot_file(const std::string& path) {
  auto table = CsvTable::open(path, "recv_ns,exch_ns,price");
  if (!table) return tl::unexpected(table.error());
  std::vector<SpotTick> ticks;
  for (;;) {
    const auto row = table->next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    const auto& fields = **row;
    const auto bad = [&](const char* what) { return table->bad(what); };
    const auto received = parse_int(fields[0]), exchange = parse_int(fields[1]);
    const auto price = parse_double(fields[2]);
    if (!received || *received <= 0) return bad("field recv_ns is no time in nanoseconds");
    if (!exchange || *exchange <= 0) return bad("field exch_ns is no time in nanoseconds");
    if (!price || *price <= 0) return bad("field price is no positive number");
    if (!ticks.empty() && Time{*received} < ticks.back().received) return bad("recv_ns goes back: sort the file by it");
    ticks.push_back({Time{*received}, Time{*exchange}, *price});
  }
  return ticks;
}

}  // namespace voltage::io
