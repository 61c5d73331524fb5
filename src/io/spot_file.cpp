#include "io/spot_file.hpp"

#include "base/decimal.hpp"
#include "io/line_reader.hpp"

namespace voltage::io {

Result<std::vector<SpotTick>> read_spot_file(const std::string& path) {
  auto lines = LineReader::open(path);
  if (!lines) return tl::unexpected(lines.error());
  const auto header = lines->next();
  if (!header) return tl::unexpected(header.error());
  if (!*header || !(*header)->starts_with("recv_ns,exch_ns,price")) {
    return fail(path + ":1: the header must begin recv_ns,exch_ns,price");
  }
  std::vector<SpotTick> ticks;
  std::vector<std::string_view> fields;
  for (;;) {
    const auto line = lines->next();
    if (!line) return tl::unexpected(line.error());
    if (!*line) break;
    split_csv(**line, fields);
    const auto bad = [&](const char* what) { return fail(lines->place() + ": " + what); };
    if (fields.size() < 3) return bad("fewer than three fields");
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
