#include "app/live/past_bars.hpp"

#include <fmt/format.h>

#include "app/journal/bars_before.hpp"
#include "app/terminal.hpp"
#include "base/time.hpp"

namespace voltage::app::live {

using namespace literals;

bool PastBars::takes(const event::CandleClosed& bar, Time start) {
  const Time end = bar.candle.begin + bar.interval;
  const bool next = bar.candle.begin >= until_;
  if (next) until_ = end;
  if (!next || end + 1_min >= start) return false;
  bars_.push_back(bar);
  return true;
}

void PastBars::keep(const std::string& folder) {
  if (folder.empty() || bars_.size() == kept_) return;
  kept_ = bars_.size();
  if (const auto kept = journal::write_bars_before(folder, bars_); !kept) tell(kept.error().message);
}

std::optional<std::string> PastBars::line(const venue::kraken::Filling& f) {
  const int tenths = static_cast<int>(f.done * 10);
  if (!f.over && tenths_told_ && *tenths_told_ >= tenths) return std::nullopt;
  if (!f.over && !f.left) return std::nullopt;
  tenths_told_ = tenths;
  const std::string since = format_iso(f.from).substr(0, 16);
  if (!f.over) {
    return fmt::format("minutes since {} from trades: {:.0f} % filled in, about {} left", since, 100 * f.done,
                       format_duration(Duration{f.left->ns / (1_s).ns * (1_s).ns}));
  }
  return fmt::format(
      "minutes since {} from trades: {} filled in with {} requests{}", since, f.bars, f.requests,
      f.given_up == 0 ? std::string{} : fmt::format("; {} pieces stay as they were: {}", f.given_up, f.why));
}

}  // namespace voltage::app::live
