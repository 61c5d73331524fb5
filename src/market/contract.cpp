#include "market/contract.hpp"

#include <cmath>
#include <utility>

namespace voltage::market {

IndexValue index_from_usd(double usd) {
  CHECK(std::isfinite(usd) && std::abs(usd) < 1e10);
  return {std::llround(usd * 1e8)};
}

IndexValue round_to_cents(IndexValue v) {
  constexpr std::int64_t kCentE8 = 1'000'000;
  const std::int64_t half = v.e8 < 0 ? -kCentE8 / 2 : kCentE8 / 2;
  return {(v.e8 + half) / kCentE8 * kCentE8};
}

bool Strike::known() const {
  switch (type) {
    case StrikeType::greater:
    case StrikeType::greater_or_equal:
      return floor.has_value();
    case StrikeType::less:
    case StrikeType::less_or_equal:
      return cap.has_value();
    case StrikeType::between:
      return floor.has_value() && cap.has_value();
  }
  return false;
}

bool Strike::pays(IndexValue settlement) const {
  CHECK(known());
  switch (type) {
    case StrikeType::greater:
      return settlement > *floor;
    case StrikeType::greater_or_equal:
      return settlement >= *floor;
    case StrikeType::less:
      return settlement < *cap;
    case StrikeType::less_or_equal:
      return settlement <= *cap;
    case StrikeType::between:
      return *floor <= settlement && settlement <= *cap;
  }
  return false;
}

std::optional<TickGrid> TickGrid::make(std::vector<PriceRange> ranges) {
  if (ranges.empty()) return std::nullopt;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto& r = ranges[i];
    if (r.start.pips < 0 || r.end.pips > Price::kOne || r.start >= r.end || r.step.pips <= 0) return std::nullopt;
    if (i > 0 && ranges[i - 1].end != r.start) return std::nullopt;
  }
  TickGrid grid;
  grid.ranges_ = std::move(ranges);
  return grid;
}

TickGrid TickGrid::linear_cent() {
  return *make({{Price{0}, Price{10'000}, Price{100}}});
}

TickGrid TickGrid::tapered_deci_cent() {
  return *make({{Price{0}, Price{1'000}, Price{10}},
                {Price{1'000}, Price{9'000}, Price{100}},
                {Price{9'000}, Price{10'000}, Price{10}}});
}

bool TickGrid::on_grid(Price p) const {
  return floor(p) == p;
}

std::optional<Price> TickGrid::floor(Price p) const {
  for (auto r = ranges_.rbegin(); r != ranges_.rend(); ++r) {
    if (p < r->start) continue;
    const std::int32_t top = p < r->end ? p.pips : r->end.pips;
    Price tick{r->start.pips + (top - r->start.pips) / r->step.pips * r->step.pips};
    if (tick.pips >= Price::kOne) tick.pips -= r->step.pips;
    if (tick.pips > 0) return tick;
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Price> TickGrid::ceil(Price p) const {
  for (const auto& r : ranges_) {
    if (p >= r.end) continue;
    const std::int32_t from = p > r.start ? p.pips : r.start.pips;
    Price tick{r.start.pips + (from - r.start.pips + r.step.pips - 1) / r.step.pips * r.step.pips};
    if (tick.pips == 0) tick.pips += r.step.pips;
    if (tick.pips < Price::kOne) return tick;
  }
  return std::nullopt;
}

}  // namespace voltage::market
