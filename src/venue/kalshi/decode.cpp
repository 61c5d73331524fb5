#include "venue/kalshi/decode.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "venue/kalshi/decode_context.hpp"
#include "venue/schema_watch.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr std::int64_t kIdMax = 1'000'000'000'000'000'000;

Message subscribed(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  return Subscribed{std::string{f.text("channel")}, f.integer("sid", 0, kIdMax)};
}

// `msg` is an object, or (list_subscriptions) an array, or absent (skip_ticker_ack).
Message ok(JsonValue msg, Context& c) {
  Ok out;
  if (msg.is(JsonType::array)) {
    for (const JsonValue entry : msg) out.subscriptions.push_back(std::get<Subscribed>(subscribed(entry, c)));
    return out;
  }
  Fields f{msg, "msg", c.flaws};
  f.ignore({"market_ids", "underlying_tickers"});
  if (const auto array = f.maybe_child("market_tickers", JsonType::array)) {
    out.tickers = strings(*array, "msg.market_tickers", c.flaws);
  }
  if (const auto array = f.maybe_child("index_ids", JsonType::array)) {
    out.index_ids = strings(*array, "msg.index_ids", c.flaws);
  }
  return out;
}

Message refusal(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  f.ignore({"market_tickers", "market_id"});
  Refusal out;
  out.code = f.integer("code", 0, 1'000'000);
  out.message = f.text_or("msg");
  out.ticker = f.text_or("market_ticker");
  return out;
}

Message snapshot(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  f.ignore({"market_id"});
  BookSnapshot out;
  out.ticker = f.text("market_ticker");
  out.clock = f.maybe_integer("clock", 0, kIdMax);
  out.has_yes_key = f.has("yes_dollars_fp");
  out.has_no_key = f.has("no_dollars_fp");
  if (const auto side = f.maybe_child("yes_dollars_fp", JsonType::array)) {
    out.bids = levels(*side, "msg.yes_dollars_fp", c.flaws);
  }
  if (const auto side = f.maybe_child("no_dollars_fp", JsonType::array)) {
    for (const auto level : levels(*side, "msg.no_dollars_fp", c.flaws)) {
      out.asks.push_back(yes_ask_of_no_bid(level, c.no_prices));
    }
  }
  std::sort(out.bids.begin(), out.bids.end());
  std::sort(out.asks.begin(), out.asks.end());
  return out;
}

Message delta(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  f.ignore({"market_id", "ts", "price_cents", "subaccount"});
  BookDelta out;
  out.ticker = f.text("market_ticker");
  out.clock = f.maybe_integer("clock", 0, kIdMax);
  out.price = f.price("price_dollars");
  out.change = f.qty("delta_fp", true);
  out.at = f.maybe_time_ms("ts_ms");
  out.client_order_id = f.text_or("client_order_id");
  const std::string_view side = f.text("side");
  if (side == "no") {
    out.side = Side::ask;
    out.price = yes_ask_of_no_bid({out.price, {}}, c.no_prices).price;
  } else if (side != "yes") {
    f.refuse("side", fmt::format("'{}' is neither yes nor no", side));
  }
  return out;
}

Message ticker(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  f.ignore({"market_id", "ts", "time", "dollar_volume", "dollar_open_interest", "price", "yes_bid", "yes_ask", "volume",
            "open_interest", "Clock", "no_bid", "no_ask", "no_bid_size_fp", "no_ask_size_fp"});
  Ticker out;
  out.ticker = f.text("market_ticker");
  out.last = f.maybe_price("price_dollars");
  out.bid = f.maybe_price("yes_bid_dollars");
  out.ask = f.maybe_price("yes_ask_dollars");
  out.bid_qty = f.maybe_qty("yes_bid_size_fp");
  out.ask_qty = f.maybe_qty("yes_ask_size_fp");
  out.last_qty = f.maybe_qty("last_trade_size_fp");
  out.volume = f.maybe_qty("volume_fp");
  out.open_interest = f.maybe_qty("open_interest_fp");
  out.at = f.maybe_time_ms("ts_ms");
  return out;
}

// The taker's side: the book side where it is given, else the outcome bought.
Side taker_side(Fields& f) {
  const std::string_view book = f.text_or("taker_book_side");
  const std::string_view outcome = f.text_or("taker_outcome_side", f.text_or("taker_side"));
  if (book == "bid" || (book.empty() && outcome == "yes")) return Side::bid;
  if (book == "ask" || (book.empty() && outcome == "no")) return Side::ask;
  f.refuse(book.empty() ? "taker_outcome_side" : "taker_book_side", "is missing or no side");
  return Side::bid;
}

Message trade(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  f.ignore({"taker_side", "taker_outcome_side"});
  Trade out;
  out.trade_id = f.text("trade_id");
  out.ticker = f.text("market_ticker");
  out.price = f.price("yes_price_dollars");
  out.qty = f.qty("count_fp");
  out.taker = taker_side(f);
  out.block = f.maybe_boolean("is_block_trade").value_or(false);
  const auto seconds = f.maybe_time_s("ts");
  const auto ms = f.maybe_time_ms("ts_ms");
  out.at = ms ? ms : seconds;
  const auto no = f.maybe_price("no_price_dollars");
  if (no && no->complement() != out.price && c.flaws.error.empty()) {
    f.refuse("no_price_dollars", "is not one dollar minus yes_price_dollars");
  }
  return out;
}

Message fill(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  return read_fill(f, Wire::stream);
}

Message order(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  return read_order(f, Wire::stream);
}

Message position(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  return read_position(f);
}

void strike_fields(Fields& f, Lifecycle& out) {
  f.ignore({"name", "title", "yes_sub_title", "no_sub_title", "rules_primary", "rules_secondary", "can_close_early",
            "expected_expiration_ts", "custom_strike"});
  out.strike_type = strike_type(f.text_or("strike_type"), f.flaws());
  out.floor = strike_value(f, "floor_strike");
  out.cap = strike_value(f, "cap_strike");
}

Message lifecycle(JsonValue msg, Context& c) {
  static constexpr std::array<std::string_view, 8> kTypes = {"created",
                                                             "activated",
                                                             "deactivated",
                                                             "close_date_updated",
                                                             "determined",
                                                             "settled",
                                                             "price_level_structure_updated",
                                                             "metadata_updated"};
  Fields f{msg, "msg", c.flaws};
  f.ignore({"price_level_structure", "is_deactivated"});
  Lifecycle out;
  out.ticker = f.text("market_ticker");
  out.event_type = f.text("event_type");
  if (std::find(kTypes.begin(), kTypes.end(), out.event_type) == kTypes.end()) ++c.flaws.unknown_values;
  out.open = f.maybe_time_s("open_ts");
  out.close = f.maybe_time_s("close_ts");
  out.determined = f.maybe_time_s("determination_ts");
  out.settled = f.maybe_time_s("settled_ts");
  out.result = market_result(f.text_or("result"), c.flaws);
  out.settlement_value = f.maybe_money("settlement_value");
  out.ticks = tick_grid(f, "price_ranges");
  out.exchange_index = shard_of(f);
  if (const auto metadata = f.maybe_child("additional_metadata", JsonType::object)) {
    Fields m{*metadata, "msg.additional_metadata", c.flaws};
    out.event_ticker = m.text_or("event_ticker");
    strike_fields(m, out);
    f.ignore({"strike_type", "floor_strike", "cap_strike", "custom_strike", "yes_sub_title"});
  } else {
    strike_fields(f, out);
  }
  return out;
}

Message event_seen(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  f.ignore({"exchange_index", "title", "subtitle", "collateral_return_type", "strike_date", "strike_period"});
  return EventSeen{std::string{f.text("event_ticker")}, std::string{f.text_or("series_ticker")}};
}

Message fee_update(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  FeeUpdate out;
  out.event_ticker = f.text("event_ticker");
  out.fee_type = f.text_or("fee_type_override");
  out.multiplier_e6 = f.maybe_fixed("fee_multiplier_override", 6, 0, 1'000'000'000, Form::number);
  f.ignore({"fee_type_override", "fee_multiplier_override"});
  return out;
}

Message group_update(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  f.ignore({"ts_ms"});
  return GroupUpdate{std::string{f.text("order_group_id")}, std::string{f.text("event_type")},
                     f.maybe_qty("contracts_limit_fp")};
}

using Decode = Message (*)(JsonValue, Context&);
constexpr std::array<std::pair<std::string_view, Decode>, 19> kDecoders = {{
    {"orderbook_delta", delta},
    {"orderbook_snapshot", snapshot},
    {"ticker", ticker},
    {"trade", trade},
    {"subscribed", subscribed},
    {"ok", ok},
    {"error", refusal},
    {"fill", fill},
    {"user_order", order},
    {"market_position", position},
    {"market_lifecycle_v2", lifecycle},
    {"event_lifecycle", event_seen},
    {"event_fee_update", fee_update},
    {"order_group_updates", group_update},
    {"cfbenchmarks_value", index_tick},
    {"cfbenchmarks_value_5hz", index_tick},
    {"cfbenchmarks_value_indexlist", index_list},
    {"cfbenchmarks_value_5hz_indexlist", index_list},
    {"unsubscribed", nullptr},
}};

const Decode* decoder_of(std::string_view type) {
  const auto found = std::find_if(kDecoders.begin(), kDecoders.end(), [&](const auto& d) { return d.first == type; });
  return found == kDecoders.end() ? nullptr : &found->second;
}

// What a message is, for the schema's watch: lifecycle events carry other fields each.
std::string kind_of(JsonValue root) {
  std::string type = "frame", event;
  if (!root.is(JsonType::object)) return type;
  for (const JsonValue child : root) {
    if (child.key() == "type" && child.is(JsonType::string)) type = child.text();
    if (child.key() != "msg" || !child.is(JsonType::object)) continue;
    for (const JsonValue field : child) {
      if (field.key() == "event_type" && field.is(JsonType::string)) event = field.text();
    }
  }
  return type == "market_lifecycle_v2" && !event.empty() ? type + " " + event : type;
}

void add(Counts& counts, const Flaws& flaws) {
  counts.unknown_fields += flaws.unknown_fields;
  counts.retyped_fields += flaws.retyped_fields;
  counts.unknown_values += flaws.unknown_values;
}

}  // namespace

Result<Message> Decoder::message(std::string_view type, JsonValue msg) {
  const Decode* decode = decoder_of(type);
  if (decode == nullptr) {
    ++counts_.unknown_types;
    return Unknown{std::string{type}};
  }
  if (*decode == nullptr) return Unsubscribed{};
  Flaws flaws;
  flaws.schema = counts_.schema;
  Context context{flaws, no_prices_, inner_};
  Message out = (*decode)(msg, context);
  add(counts_, flaws);
  if (!flaws.error.empty()) return fail(fmt::format("{}: {}", type, flaws.error));
  if (const auto* book = std::get_if<BookSnapshot>(&out)) {
    ++counts_.snapshots;
    if (!book->has_yes_key && !book->has_no_key) ++counts_.bare_snapshots;
  }
  return out;
}

Result<Frame> Decoder::frame(JsonValue root) {
  ++counts_.frames;
  if (counts_.schema == nullptr) return read(root);
  counts_.schema->begin(kind_of(root));
  auto frame = read(root);
  counts_.schema->end(frame ? std::string{} : frame.error().message);
  return frame;
}

Result<Frame> Decoder::read(JsonValue root) {
  Flaws flaws;
  flaws.schema = counts_.schema;
  Frame out;
  std::string_view type;
  JsonValue msg;
  {
    Fields f{root, "frame", flaws};
    type = f.text("type");
    out.id = f.maybe_integer("id", 0, kIdMax);
    out.sid = f.maybe_integer("sid", 0, kIdMax);
    out.seq = f.maybe_integer("seq", 0, kIdMax);
    out.sent = f.maybe_time_ms("sending_ts_ms");
    const bool known = decoder_of(type) != nullptr;
    const bool bare = type == "unsubscribed" || type == "ok" || !known;  // may come without a msg
    const auto array = type == "ok" && f.has("msg") ? [&] {
      for (const JsonValue child : root) {
        if (child.key() == "msg" && child.is(JsonType::array)) return true;
      }
      return false;
    }()
                                                    : false;
    if (!known || type == "unsubscribed") {
      f.ignore({"msg"});
    } else if (array) {
      msg = f.child("msg", JsonType::array);
    } else if (f.has("msg") || !bare) {
      msg = f.child("msg", JsonType::object);
    } else {
      f.ignore({"msg"});
      out.message = Ok{};
      type = {};
    }
  }
  if (!flaws.error.empty()) return fail(flaws.error);
  add(counts_, flaws);
  if (type.empty()) return out;
  auto message = this->message(type, msg);
  if (!message) return fail(message.error().message);
  out.message = std::move(*message);
  return out;
}

Result<Frame> Decoder::frame(std::string_view text) {
  const auto root = document_.parse(text);
  if (!root) return fail(root.error().message);
  return frame(*root);
}

}  // namespace voltage::venue::kalshi
