#include "market/candle.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace voltage::market {

std::string insanity(const Candle& c) {
  for (const double price : {c.open, c.high, c.low, c.close}) {
    if (!std::isfinite(price) || price <= 0) return fmt::format("price {} is not positive", price);
  }
  if (c.high < c.low) return fmt::format("high {} below low {}", c.high, c.low);
  if (c.high < std::max(c.open, c.close)) return fmt::format("high {} below open or close", c.high);
  if (c.low > std::min(c.open, c.close)) return fmt::format("low {} above open or close", c.low);
  if (std::isinf(c.volume) || c.volume < 0) return fmt::format("volume {} is negative", c.volume);
  if (c.trades < 0) return fmt::format("trade count {} is negative", c.trades);
  if (c.taker_buy < 0) return fmt::format("taker buy volume {} is negative", c.taker_buy);
  if (c.taker_buy > c.volume * (1 + 1e-9) + 1e-9) {
    return fmt::format("taker buy volume {} above volume {}", c.taker_buy, c.volume);
  }
  return {};
}

}  // namespace voltage::market
