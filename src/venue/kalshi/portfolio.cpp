#include "venue/kalshi/portfolio.hpp"

#include <algorithm>

namespace voltage::venue::kalshi {
namespace {

constexpr std::int64_t kShardMax = 1'000;
constexpr std::int64_t kCentsMax = 1'000'000'000'000;

// Reads the body's object with `read` and fails with the first flaw.
template <class T, class Read>
Result<T> decode(std::string_view body, const char* where, Read read) {
  JsonDocument document;
  const auto root = document.parse(body);
  if (!root) return fail(std::string{where} + ": " + root.error().message);
  Flaws flaws;
  T out;
  {
    Fields f{*root, where, flaws};
    read(f, flaws, out);
  }
  if (!flaws.error.empty()) return fail(flaws.error);
  return out;
}

HeldPosition position_of(JsonValue value, Flaws& flaws) {
  Fields f{value, "market_position", flaws};
  f.ignore({"total_traded_dollars", "last_updated_ts", "resting_orders_count"});
  HeldPosition out;
  out.ticker = f.text("ticker");
  out.exchange_index = shard_of(f);
  out.qty = f.qty("position_fp", true);
  out.exposure = f.money("market_exposure_dollars");
  out.realized = f.maybe_money("realized_pnl_dollars").value_or(Money{});
  out.fees = f.maybe_money("fees_paid_dollars").value_or(Money{});
  return out;
}

VenueSettlement settlement_of(JsonValue value, Flaws& flaws) {
  Fields f{value, "settlement", flaws};
  f.ignore({"event_ticker", "value", "exchange_index"});
  VenueSettlement out;
  out.ticker = f.text("ticker");
  out.result = market_result(f.text("market_result"), flaws);
  out.yes = f.maybe_qty("yes_count_fp").value_or(Qty{});
  out.no = f.maybe_qty("no_count_fp").value_or(Qty{});
  out.yes_cost = f.maybe_money("yes_total_cost_dollars").value_or(Money{});
  out.no_cost = f.maybe_money("no_total_cost_dollars").value_or(Money{});
  out.revenue = Money{f.integer("revenue", -kCentsMax, kCentsMax) * 10'000};
  out.fees = f.maybe_money("fee_cost").value_or(Money{});
  out.at = f.time_iso("settled_time");
  return out;
}

}  // namespace

Result<Balance> decode_balance(std::string_view body) {
  return decode<Balance>(body, "balance", [](Fields& f, Flaws& flaws, Balance& out) {
    f.ignore({"balance", "portfolio_value", "updated_ts"});
    out.total = f.money("balance_dollars");
    const auto shards = f.maybe_child("balance_breakdown", JsonType::array);
    if (!shards) return;
    for (const JsonValue value : *shards) {
      Fields shard{value, "balance_breakdown", flaws};
      const auto index = shard.integer("exchange_index", 0, kShardMax);
      out.by_shard[index] = shard.money("balance");
    }
  });
}

Result<HeldPositions> decode_positions(std::string_view body) {
  return decode<HeldPositions>(body, "positions", [](Fields& f, Flaws& flaws, HeldPositions& out) {
    f.ignore({"event_positions"});
    for (const JsonValue value : f.child("market_positions", JsonType::array))
      out.positions.push_back(position_of(value, flaws));
    out.cursor = f.text_or("cursor");
  });
}

Result<VenueSettlements> decode_settlements(std::string_view body) {
  return decode<VenueSettlements>(body, "settlements", [](Fields& f, Flaws& flaws, VenueSettlements& out) {
    for (const JsonValue value : f.child("settlements", JsonType::array))
      out.settlements.push_back(settlement_of(value, flaws));
    out.cursor = f.text_or("cursor");
  });
}

Result<RestOrders> decode_orders(std::string_view body) {
  JsonDocument document;
  const auto root = document.parse(body);
  if (!root) return fail("orders: " + root.error().message);
  Counts counts;
  auto object = decode_rest(*root, counts);
  if (!object) return fail(object.error().message);
  if (auto* orders = std::get_if<RestOrders>(&*object)) return std::move(*orders);
  if (const auto* error = std::get_if<RestError>(&*object)) return fail("orders: " + error->code + error->message);
  return fail("orders: the answer holds none");
}

Money resting_collateral(const std::vector<Order>& resting, const std::vector<HeldPosition>& positions) {
  std::map<std::string, std::int64_t> held;
  for (const auto& p : positions) held[p.ticker] = p.qty.centis;
  // The dearest orders first take what closing would give: never less than the venue can hold back.
  std::vector<const Order*> by_cost;
  for (const auto& o : resting) by_cost.push_back(&o);
  const auto each = [](const Order& o) { return o.side == Side::bid ? o.price : o.price.complement(); };
  std::sort(by_cost.begin(), by_cost.end(), [&](const Order* a, const Order* b) { return each(*a) < each(*b); });
  Money total;
  for (const Order* o : by_cost) {
    std::int64_t& position = held[o->ticker];
    const std::int64_t closing =
        o->side == Side::bid ? std::max<std::int64_t>(0, -position) : std::max<std::int64_t>(0, position);
    const std::int64_t covered = std::min(closing, o->remaining.centis);
    position += o->side == Side::bid ? covered : -covered;
    total += each(*o) * Qty{o->remaining.centis - covered};
  }
  return total;
}

}  // namespace voltage::venue::kalshi
