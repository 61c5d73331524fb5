#include "venue/known_fields.hpp"

#include <initializer_list>

namespace voltage::venue {
namespace {

void expect(SchemaWatch& watch, const char* kind, const char* where, std::initializer_list<const char*> keys) {
  for (const char* key : keys) watch.expect(kind, where, key);
}

}  // namespace

void expect_kalshi_fields(SchemaWatch& watch) {
  for (const char* kind :
       {"orderbook_delta", "orderbook_snapshot", "ticker", "trade", "fill", "user_order", "cfbenchmarks_value"}) {
    expect(watch, kind, "frame", {"sid"});
  }
  expect(watch, "REST market", "market", {"strike_type"});
  for (const char* kind : {"orderbook_delta", "orderbook_snapshot"}) expect(watch, kind, "frame", {"seq"});
}

void expect_kraken_fields(SchemaWatch&) {}

}  // namespace voltage::venue
