#include "app/live/unlisted_money.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/decimal.hpp"

namespace voltage::app::live {
namespace {

using namespace literals;

// A read that lags and a list that is late are over by then.
constexpr Duration kLasts = 30_s;
constexpr int kTimes = 4;

}  // namespace

std::optional<event::CashMoved> UnlistedMoney::look(const Comparison& c, Time moved) {
  if (c.what.empty()) {
    times_ = 0;
    equal_ = c.paying ? Time{-1} : c.asked;
    return std::nullopt;
  }
  // From here on, other causes than money from outside: ours may be wrong.
  if (!c.cash || c.paying || equal_.ns < 0 || moved >= equal_) {
    times_ = 0;
    equal_ = Time{-1};
    return std::nullopt;
  }
  const bool bookable = c.cash->micros > 0 && *c.cash <= credit_max_;
  if (!bookable || *c.cash != seen_) times_ = 0;
  if (!bookable || !c.lists_read) return std::nullopt;
  if (times_++ == 0) {
    seen_ = *c.cash;
    first_ = c.asked;
  }
  if (times_ < kTimes || c.asked - first_ < kLasts) return std::nullopt;
  times_ = 0;
  booked_.push_back(seen_);
  return event::CashMoved{event::CashMove::credit, seen_, fmt::format("unlisted-{}", first_.ns)};
}

bool UnlistedMoney::was_booked(const event::CashMoved& listed) {
  const auto found = std::find(booked_.begin(), booked_.end(), listed.amount);
  if (found == booked_.end()) return false;
  booked_.erase(found);
  return true;
}

}  // namespace voltage::app::live
