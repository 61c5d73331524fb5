#include "venue/known_fields.hpp"

#include <initializer_list>

namespace voltage::venue {
namespace {

void expect(SchemaWatch& watch, const char* kind, const char* where, std::initializer_list<const char*> keys) {
  for (const char* key : keys) watch.expect(kind, where, key);
}

void may_lack(SchemaWatch& watch, const char* kind, const char* where, std::initializer_list<const char*> keys) {
  for (const char* key : keys) watch.may_lack(kind, where, key);
}

}  // namespace

void expect_kalshi_fields(SchemaWatch& watch) {
  for (const char* kind :
       {"orderbook_delta", "orderbook_snapshot", "ticker", "trade", "fill", "user_order", "cfbenchmarks_value"}) {
    expect(watch, kind, "frame", {"sid"});
  }
  expect(watch, "REST market", "market", {"strike_type"});
  for (const char* kind : {"orderbook_delta", "orderbook_snapshot"}) expect(watch, kind, "frame", {"seq"});
  // In the last minute before a quarter of an hour only.
  may_lack(watch, "cfbenchmarks_value", "msg", {"last_60s_windowed_average_15min"});
  // A side that is empty.
  may_lack(watch, "orderbook_snapshot", "msg", {"yes_dollars_fp", "no_dollars_fp"});
  // A strike that is not published yet, or that the type lacks: no order then (strike_unknown).
  may_lack(watch, "REST market", "market", {"floor_strike", "cap_strike"});
  may_lack(watch, "market_lifecycle_v2 created", "msg.additional_metadata", {"floor_strike", "cap_strike"});
  may_lack(watch, "market_lifecycle_v2 metadata_updated", "msg", {"floor_strike", "cap_strike"});
  // What a person ordered has no name and no end.
  may_lack(watch, "orderbook_delta", "msg", {"client_order_id"});
  may_lack(watch, "fill", "msg", {"client_order_id"});
  may_lack(watch, "user_order", "msg", {"client_order_id", "expiration_ts_ms"});
}

void expect_kraken_fields(SchemaWatch& watch) {
  // Candles alone have one.
  may_lack(watch, "subscribe", "result", {"interval"});
  may_lack(watch, "v1 subscriptionStatus", "subscription", {"interval"});
}

}  // namespace voltage::venue
