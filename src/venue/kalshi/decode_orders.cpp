// Our orders and fills, from the stream and from REST: one reader each, with the few names that differ. Positions of
// the stream alone.
#include "venue/kalshi/decode.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr std::int64_t kShardMax = 1'000;

}  // namespace

std::optional<std::int64_t> shard_of(Fields& f) {
  return f.maybe_integer("exchange_index", 0, kShardMax);
}

Order read_order(Fields& f, Wire wire) {
  const bool stream = wire == Wire::stream;
  f.ignore({"user_id", "type", "no_price_dollars", "taker_fill_cost_dollars", "maker_fill_cost_dollars", "created_time",
            "created_ts_ms", "self_trade_prevention_type", "cancel_order_on_pause", "subaccount_number",
            "queue_position"});
  Order out;
  out.order_id = f.text("order_id");
  out.client_order_id = f.text_or("client_order_id");
  out.ticker = f.text("ticker");
  out.state = order_state(f.text("status"), f.flaws());
  out.side = side_of_order(f);
  out.price = f.price("yes_price_dollars");
  out.initial = f.qty("initial_count_fp");
  out.filled = f.qty("fill_count_fp");
  out.remaining = f.qty("remaining_count_fp");
  out.taker_fees = f.maybe_money("taker_fees_dollars");
  out.maker_fees = f.maybe_money("maker_fees_dollars");
  out.group_id = f.text_or("order_group_id");
  out.reason = f.text_or("last_update_reason");
  out.exchange_index = shard_of(f);
  out.expires = stream ? f.maybe_time_ms("expiration_ts_ms") : f.maybe_time_iso("expiration_time");
  out.updated = stream ? f.maybe_time_ms("last_updated_ts_ms") : f.maybe_time_iso("last_update_time");
  if (stream) f.ignore({"last_update_time", "expiration_time"});
  return out;
}

Fill read_fill(Fields& f, Wire wire) {
  const bool stream = wire == Wire::stream;
  f.ignore({"ts", "subaccount", "subaccount_number", "fill_id", "no_price_dollars"});
  Fill out;
  out.trade_id = f.text("trade_id");
  out.order_id = f.text("order_id");
  out.client_order_id = f.text_or("client_order_id");
  out.ticker = f.text(stream ? "market_ticker" : "ticker");
  if (!stream) f.ignore({"market_ticker"});
  out.side = side_of_order(f);
  out.price = f.price("yes_price_dollars");
  out.qty = f.qty("count_fp");
  out.fee = f.money("fee_cost");
  const auto taker = f.maybe_boolean("is_taker");
  if (!taker) f.refuse("is_taker", "is missing");
  out.taker = taker.value_or(true);
  out.position = f.maybe_qty("post_position_fp", true);
  out.exchange_index = shard_of(f);
  out.at = stream ? f.maybe_time_ms("ts_ms") : f.maybe_time_iso("created_time");
  return out;
}

Position read_position(Fields& f) {
  f.ignore({"user_id", "position_fee_cost_dollars", "volume_fp", "subaccount", "exchange_index"});
  Position out;
  out.ticker = f.text("market_ticker");
  out.qty = f.qty("position_fp", true);
  out.cost = f.maybe_money("position_cost_dollars");
  out.realized = f.maybe_money("realized_pnl_dollars");
  out.fees = f.maybe_money("fees_paid_dollars");
  return out;
}

}  // namespace voltage::venue::kalshi
