#include "io/calendar_file.hpp"

#include "base/time.hpp"
#include "features/releases.hpp"
#include "io/line_reader.hpp"

namespace voltage::io {
namespace {

constexpr std::string_view kHeader = "time_utc,name,before,after";
constexpr Duration kSpanMax{86'400'000'000'000};

}  // namespace

Result<std::vector<Release>> read_calendar(const std::string& path) {
  auto lines = LineReader::open(path);
  if (!lines) return tl::unexpected(lines.error());
  std::vector<Release> out;
  std::vector<std::string_view> cells;
  bool header = false;
  for (;;) {
    const auto line = lines->next();
    if (!line) return tl::unexpected(line.error());
    if (!*line) break;
    if ((*line)->empty() || (*line)->front() == '#') continue;
    const auto bad = [&](const std::string& what) { return fail(lines->place() + ": " + what); };
    if (!header) {
      if (**line != kHeader) return bad("the header must be " + std::string{kHeader});
      header = true;
      continue;
    }
    split_csv(**line, cells);
    if (cells.size() != 4) return bad("4 fields wanted: " + std::string{kHeader});
    const auto at = parse_iso(cells[0]);
    if (!at) return bad("time_utc '" + std::string{cells[0]} + "' is no time (2026-12-09T19:00:00Z)");
    if (cells[1].empty()) return bad("name is empty");
    const auto before = parse_duration(cells[2]), after = parse_duration(cells[3]);
    if (!before || before->ns < 0 || *before > kSpanMax) return bad("before is no duration up to a day (30m)");
    if (!after || after->ns < 0 || *after > kSpanMax) return bad("after is no duration up to a day (30m)");
    if (!out.empty() && *at < out.back().at) return bad("is earlier than the row before it");
    out.push_back({*at, std::string{cells[1]}, {Time{at->ns - before->ns}, *at + *after}});
  }
  if (out.empty()) return fail(path + ": holds no release");
  return out;
}

Result<std::vector<market::QuietSpan>> quiet_times(const std::string& path) {
  if (path == "none") return std::vector<market::QuietSpan>{};
  auto out = features::quiet_around_releases();
  if (path.empty()) return out;
  const auto more = read_calendar(path);
  if (!more) return tl::unexpected(more.error());
  for (const auto& r : *more) out.push_back(r.quiet);
  return out;
}

}  // namespace voltage::io
