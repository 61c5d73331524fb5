#pragma once
// What the decoders of one message share; for decode*.cpp alone.
#include "venue/kalshi/decode.hpp"

namespace voltage::venue::kalshi {

// What one message is decoded with.
struct Context {
  Flaws& flaws;
  NoPrices no_prices;
  JsonDocument& inner;
};

Message index_tick(JsonValue msg, Context& c);
Message index_list(JsonValue msg, Context& c);

}  // namespace voltage::venue::kalshi
