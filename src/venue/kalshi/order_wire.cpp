#include "venue/kalshi/order_wire.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "venue/kalshi/read_body.hpp"
#include "venue/net/http.hpp"

namespace voltage::venue::kalshi {
namespace {

std::string words(const RestError& e) {
  const std::string& word = e.code.empty() ? e.message : e.code;
  return e.details.empty() ? word : word + ": " + e.details;
}

OrderAnswer answer_of(Fields& f) {
  f.ignore({"average_fill_price", "average_fee_paid", "ts_ms"});
  OrderAnswer out;
  out.order_id = f.text_or("order_id");
  out.client_order_id = f.text_or("client_order_id");
  out.filled = f.maybe_qty("fill_count");
  out.remaining = f.maybe_qty("remaining_count");
  out.reduced = f.maybe_qty("reduced_by");
  if (const auto error = f.maybe_child("error", JsonType::object)) {
    Fields e{*error, "error", f.flaws()};
    e.ignore({"service"});
    out.error =
        RestError{std::string{e.text_or("code")}, std::string{e.text_or("message")}, std::string{e.text_or("details")}};
  }
  return out;
}

}  // namespace

std::optional<std::int64_t> shard_of(const market::Contract& c) {
  return c.exchange_index >= 0 ? std::optional<std::int64_t>{c.exchange_index} : std::nullopt;
}

// The shard where the market said it; else the venue finds it by the ticker.
void name_shard(io::JsonWriter& w, const market::Contract& c) {
  if (const auto shard = shard_of(c)) w.integer("exchange_index", *shard);
}

std::string way_to(std::optional<std::int64_t> shard, std::string_view ticker) {
  return shard ? fmt::format("exchange_index={}", *shard) : "market_ticker=" + net::percent_encoded(ticker);
}

Time venue_expiry(Time wanted, Time now, Duration at_most) {
  const Time at = std::min(wanted, now + at_most);
  return Time{at.ns - at.ns % 1'000'000'000};
}

std::string client_order_id(std::string_view run, event::OrderId order, std::uint32_t revision) {
  return revision == 0 ? fmt::format("{}-{}", run, order.v) : fmt::format("{}-{}-r{}", run, order.v, revision);
}

void write_create(io::JsonWriter& w, const event::OrderTerms& t, const std::string& client_id,
                  const market::Contract& contract, Time expiry, const std::string& group) {
  w.begin_object().string("ticker", contract.ticker).string("client_order_id", client_id);
  w.string("side", t.side == Side::bid ? "bid" : "ask").qty("count", t.qty).price("price", t.limit);
  if (t.tif == event::TimeInForce::good_till_time) {
    w.string("time_in_force", "good_till_canceled").integer("expiration_time", expiry.ns / 1'000'000'000);
    w.boolean("post_only", t.post_only);
  } else {
    w.string("time_in_force", "immediate_or_cancel");
  }
  w.string("self_trade_prevention_type", "taker_at_cross").boolean("cancel_order_on_pause", true);
  if (!group.empty()) w.string("order_group_id", group);
  name_shard(w, contract);
  w.end_object();
}

void write_amended(io::JsonWriter& w, const market::Contract& contract, Side side, Price limit, Qty count,
                   Time expiry) {
  w.string("ticker", contract.ticker).string("side", side == Side::bid ? "bid" : "ask");
  w.qty("count", count).price("price", limit).integer("expiration_time", expiry.ns / 1'000'000'000);
  name_shard(w, contract);
}

void write_cancel(io::JsonWriter& w, const std::string& order_id, std::optional<std::int64_t> shard,
                  std::string_view ticker) {
  w.begin_object().string("order_id", order_id);
  if (shard)
    w.integer("exchange_index", *shard);
  else
    w.string("market_ticker", ticker);
  w.end_object();
}

Result<OrderAnswer> decode_order_answer(std::string_view body) {
  return read_body<OrderAnswer>(body, "order", [](Fields& f, Flaws&, OrderAnswer& out) { out = answer_of(f); });
}

Result<std::vector<OrderAnswer>> decode_batch_answer(std::string_view body) {
  using Answers = std::vector<OrderAnswer>;
  return read_body<Answers>(body, "body", [](Fields& f, Flaws& flaws, Answers& out) {
    const JsonValue orders = f.child("orders", JsonType::array);
    if (!flaws.error.empty()) return;
    for (const JsonValue value : orders) {
      Fields entry{value, "order", flaws};
      out.push_back(answer_of(entry));
    }
  });
}

Result<std::string> decode_group_id(std::string_view body) {
  return read_body<std::string>(body, "order group", [](Fields& f, Flaws&, std::string& out) {
    f.ignore({"subaccount", "exchange_index"});
    out = f.text("order_group_id");
  });
}

bool refuses(int status) {
  return status == 400 || status == 401 || status == 403 || status == 404 || status == 405 || status == 410 ||
         status == 429;
}

bool refuses(const RestError& error) {
  constexpr std::array kNoWord{"internal", "unavailable", "timeout", "exists"};
  std::string code = error.code;
  std::transform(code.begin(), code.end(), code.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return !code.empty() && std::none_of(kNoWord.begin(), kNoWord.end(),
                                       [&](const char* word) { return code.find(word) != std::string::npos; });
}

event::OrderStatus status_of(OrderState state) {
  return state == OrderState::executed   ? event::OrderStatus::executed
         : state == OrderState::canceled ? event::OrderStatus::canceled
                                         : event::OrderStatus::resting;
}

std::string code_of(int status, std::string_view body) {
  return fmt::format("{} {}", status, words(decode_error(body)));
}

}  // namespace voltage::venue::kalshi
