#include "venue/kalshi/portfolio.hpp"

#include <algorithm>

#include "venue/kalshi/read_body.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr std::int64_t kShardMax = 1'000;
constexpr std::int64_t kCentsMax = 1'000'000'000'000;
constexpr std::int64_t kSecondsMax = 4'102'444'800;

// One of the answers that decode_rest tells apart.
template <class Wanted>
Result<Wanted> decode_known(std::string_view body, const std::string& what) {
  JsonDocument document;
  const auto root = document.parse(body);
  if (!root) return fail(what + ": " + root.error().message);
  Counts counts;
  auto object = decode_rest(*root, counts);
  if (!object) return fail(object.error().message);
  if (auto* wanted = std::get_if<Wanted>(&*object)) return std::move(*wanted);
  if (const auto* error = std::get_if<RestError>(&*object)) return fail(what + ": " + error->code + error->message);
  return fail(what + ": the answer holds none");
}

HeldPosition position_of(JsonValue value, Flaws& flaws) {
  Fields f{value, "market_position", flaws};
  f.ignore({"total_traded_dollars", "last_updated_ts", "resting_orders_count", "user_id", "volume_fp", "subaccount",
            "position_fee_cost_dollars"});
  HeldPosition out;
  out.ticker = f.text("ticker");
  out.exchange_index = shard_of(f);
  out.qty = f.qty("position_fp", true);
  out.exposure = f.money("market_exposure_dollars");
  out.realized = f.money("realized_pnl_dollars");
  out.fees = f.money("fees_paid_dollars");
  return out;
}

VenueSettlement settlement_of(JsonValue value, Flaws& flaws) {
  Fields f{value, "settlement", flaws};
  f.ignore({"event_ticker", "value", "exchange_index"});
  VenueSettlement out;
  out.ticker = f.text("ticker");
  out.result = market_result(f.text("market_result"), flaws);
  out.yes = f.qty("yes_count_fp");
  out.no = f.qty("no_count_fp");
  out.yes_cost = f.money("yes_total_cost_dollars");
  out.no_cost = f.money("no_total_cost_dollars");
  out.revenue = Money{f.integer("revenue", -kCentsMax, kCentsMax) * 10'000};
  out.fees = f.money("fee_cost");
  out.at = f.time_iso("settled_time");
  return out;
}

}  // namespace

Result<Balance> decode_balance(std::string_view body) {
  return read_body<Balance>(body, "balance", [](Fields& f, Flaws& flaws, Balance& out) {
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
  return read_body<HeldPositions>(body, "positions", [](Fields& f, Flaws& flaws, HeldPositions& out) {
    f.ignore({"event_positions"});
    for (const JsonValue value : f.child("market_positions", JsonType::array))
      out.positions.push_back(position_of(value, flaws));
    out.cursor = f.text_or("cursor");
  });
}

Result<VenueSettlements> decode_settlements(std::string_view body) {
  return read_body<VenueSettlements>(body, "settlements", [](Fields& f, Flaws& flaws, VenueSettlements& out) {
    for (const JsonValue value : f.child("settlements", JsonType::array))
      out.settlements.push_back(settlement_of(value, flaws));
    out.cursor = f.text_or("cursor");
  });
}

namespace {

// What a deposit costs is taken from it, what a withdrawal costs comes on top: the comparison of the cash shows if not.
Result<CashMoves> decode_bank(std::string_view body, const char* list, event::CashMove kind) {
  return read_body<CashMoves>(body, list, [&](Fields& f, Flaws& flaws, CashMoves& out) {
    out.cursor = f.text_or("cursor");
    for (const JsonValue value : f.child(list, JsonType::array)) {
      Fields entry{value, list, flaws};
      entry.ignore({"type"});
      const std::string id{entry.text("id")};
      const bool applied = entry.text("status") == "applied";
      const std::int64_t amount = entry.integer("amount_cents", 0, kCentsMax);
      const std::int64_t fee = entry.integer("fee_cents", 0, kCentsMax);
      const std::int64_t created = entry.integer("created_ts", 0, kSecondsMax);
      const std::int64_t final = entry.maybe_integer("finalized_ts", 0, kSecondsMax).value_or(created);
      if (!applied) continue;
      const std::int64_t cents = kind == event::CashMove::deposit ? amount - fee : -amount - fee;
      out.moves.push_back({{kind, Money{cents * kCent.micros}, id}, Time::from_ms(final * 1'000)});
    }
  });
}

}  // namespace

Result<CashMoves> decode_deposits(std::string_view body) {
  return decode_bank(body, "deposits", event::CashMove::deposit);
}

Result<CashMoves> decode_withdrawals(std::string_view body) {
  return decode_bank(body, "withdrawals", event::CashMove::withdrawal);
}

// Ours is the primary account, number 0.
Result<CashMoves> decode_subaccount_transfers(std::string_view body) {
  return read_body<CashMoves>(body, "transfers", [](Fields& f, Flaws& flaws, CashMoves& out) {
    out.cursor = f.text_or("cursor");
    for (const JsonValue value : f.child("transfers", JsonType::array)) {
      Fields entry{value, "transfers", flaws};
      entry.ignore({"exchange_index"});
      const std::string id{entry.text("transfer_id")};
      const auto from = entry.integer("from_subaccount", 0, kShardMax);
      const auto to = entry.integer("to_subaccount", 0, kShardMax);
      const std::int64_t cents = entry.integer("amount_cents", 0, kCentsMax);
      const Time at = Time::from_ms(entry.integer("created_ts", 0, kSecondsMax) * 1'000);
      if ((from == 0) == (to == 0)) continue;
      out.moves.push_back({{event::CashMove::transfer, Money{(to == 0 ? cents : -cents) * kCent.micros}, id}, at});
    }
  });
}

Result<RestOrders> decode_orders(std::string_view body) {
  return decode_known<RestOrders>(body, "orders");
}

Result<RestFills> decode_fills(std::string_view body) {
  return decode_known<RestFills>(body, "fills");
}

Result<Markets> decode_markets(std::string_view body) {
  return decode_known<Markets>(body, "markets");
}

market::FeeType fee_type(std::string_view name) {
  return name == "quadratic"                   ? market::FeeType::quadratic
         : name == "quadratic_with_maker_fees" ? market::FeeType::quadratic_with_maker_fees
         : name == "flat"                      ? market::FeeType::flat
                                               : market::FeeType::unknown;
}

market::FeeTerms terms_of(Fields& f) {
  market::FeeTerms out;
  out.type = fee_type(f.text("fee_type"));
  out.multiplier_e6 = f.fixed("fee_multiplier", 6, 0, 100'000'000, Form::number);
  return out;
}

market::FeeTerms read_fee_terms(Fields& body) {
  Fields series{body.child("series", JsonType::object), "series", body.flaws()};
  return terms_of(series);
}

Result<market::FeeTerms> decode_fee_terms(std::string_view body) {
  return read_body<market::FeeTerms>(body, "body",
                                     [](Fields& f, Flaws&, market::FeeTerms& out) { out = read_fee_terms(f); });
}

Result<EventFees> decode_event_fees(std::string_view body) {
  return read_body<EventFees>(body, "events", [](Fields& f, Flaws& flaws, EventFees& out) {
    out.cursor = f.text_or("cursor");
    for (const JsonValue value : f.child("events", JsonType::array)) {
      Fields entry{value, "event", flaws};
      FeeUpdate event;
      event.event_ticker = entry.text("event_ticker");
      event.fee_type = entry.text_or("fee_type_override");
      event.multiplier_e6 = entry.maybe_fixed("fee_multiplier_override", 6, 0, 1'000'000'000, Form::number);
      out.events.push_back(std::move(event));
    }
  });
}

Result<std::vector<FeeChange>> decode_fee_schedule(std::string_view body) {
  using Changes = std::vector<FeeChange>;
  return read_body<Changes>(body, "fee changes", [](Fields& f, Flaws& flaws, Changes& out) {
    for (const JsonValue value : f.child("series_fee_change_arr", JsonType::array)) {
      Fields entry{value, "fee change", flaws};
      FeeChange change;
      change.series = entry.text("series_ticker");
      change.at = entry.time_iso("scheduled_ts");
      change.terms = terms_of(entry);
      out.push_back(std::move(change));
    }
  });
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
