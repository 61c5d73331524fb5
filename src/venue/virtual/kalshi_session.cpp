#include "venue/virtual/kalshi_session.hpp"

#include <algorithm>
#include <array>

#include "base/decimal.hpp"
#include "venue/fields.hpp"
#include "venue/virtual/kalshi_json.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

constexpr std::array<std::string_view, 10> kChannels = {"orderbook_delta",
                                                        "ticker",
                                                        "trade",
                                                        "fill",
                                                        "user_orders",
                                                        "market_positions",
                                                        "market_lifecycle_v2",
                                                        "order_group_updates",
                                                        "cfbenchmarks_value",
                                                        "cfbenchmarks_value_5hz"};
constexpr std::size_t kMarketsMax = 256;

bool known_channel(std::string_view channel) {
  return std::find(kChannels.begin(), kChannels.end(), channel) != kChannels.end();
}
bool is_index(std::string_view channel) {
  return channel.starts_with("cfbenchmarks");
}

}  // namespace

struct KalshiSession::Command {
  std::optional<std::int64_t> id;
  std::string name;
  std::vector<std::string> channels, tickers, index_ids;
  std::vector<std::int64_t> sids;
  bool has_params{false}, use_yes_price{false}, initial_snapshot{false};
  std::string action;
  Flaws flaws;

  void read(JsonValue root);
};

void KalshiSession::Command::read(JsonValue root) {
  Fields f{root, "command", flaws};
  id = f.maybe_integer("id", 0, 1'000'000'000'000);
  name = f.text_or("cmd");
  const auto params = f.maybe_child("params", JsonType::object);
  has_params = params.has_value();
  if (!params) return;
  Fields p{*params, "params", flaws};
  const auto list = [&](const char* key, std::vector<std::string>& into) {
    const auto array = p.maybe_child(key, JsonType::array);
    if (!array) return;
    for (const JsonValue v : *array) into.emplace_back(v.text());
  };
  list("channels", channels);
  list("market_tickers", tickers);
  list("index_ids", index_ids);
  if (p.has("market_ticker")) tickers.emplace_back(p.text("market_ticker"));
  if (const auto array = p.maybe_child("sids", JsonType::array)) {
    for (const JsonValue v : *array) sids.push_back(parse_token(v.text(), 0).value_or(-1));
  }
  if (const auto sid = p.maybe_integer("sid", 0, 1'000'000)) sids.push_back(*sid);
  action = p.text_or("action");
  use_yes_price = p.maybe_boolean("use_yes_price").value_or(false);
  initial_snapshot = p.maybe_boolean("send_initial_snapshot").value_or(false);
}

io::JsonWriter KalshiSession::begin(std::string_view type, std::int64_t sid, Subscription* s,
                                    std::optional<std::int64_t> id) {
  io::JsonWriter w;
  w.begin_object().string("type", type);
  if (id) w.integer("id", *id);
  if (sid > 0) w.integer("sid", sid);
  if (s != nullptr && s->sequenced()) w.integer("seq", ++s->seq);
  return w;
}

void KalshiSession::send(io::JsonWriter& w) {
  w.integer("sending_ts_ms", world_.now().ms()).end_object();
  frames_.push_back(w.take());
}

void KalshiSession::error(const Command& c, int code, std::string_view message) {
  io::JsonWriter w;
  w.begin_object().string("type", "error");
  if (c.id) w.integer("id", *c.id);
  w.begin_object("msg").integer("code", code).string("msg", message).end_object().end_object();
  frames_.push_back(w.take());
}

void KalshiSession::on_text(std::string_view text) {
  Command c;
  const auto root = document_.parse(text);
  if (!root || !root->is(JsonType::object)) return error(c, 1, "Unable to process message");
  c.read(*root);
  if (!c.flaws.error.empty()) return error(c, 11, c.flaws.error);
  if (c.name == "list_subscriptions") return list(c);
  if (c.name != "subscribe" && c.name != "unsubscribe" && c.name != "update_subscription") {
    return error(c, 5, "Unknown command");
  }
  if (!c.has_params) return error(c, 2, "Params required");
  if (c.name == "subscribe") return subscribe(c);
  if (c.name == "unsubscribe") return unsubscribe(c);
  update(c);
}

std::optional<std::vector<MarketIndex>> KalshiSession::markets_of(Command& c, bool required) {
  std::vector<MarketIndex> all;
  if (c.tickers.empty() && required) {
    error(c, 14, "Market ticker required");
    return std::nullopt;
  }
  for (const auto& ticker : c.tickers) {
    const auto m = world_.exchange().find(ticker);
    if (!m) {
      error(c, 11, "Invalid parameter: unknown market_ticker " + ticker);
      return std::nullopt;
    }
    all.push_back(*m);
  }
  if (all.size() > kMarketsMax) {
    error(c, 26, "Subscription market limit exceeded");
    return std::nullopt;
  }
  return all;
}

void KalshiSession::subscribe(Command& c) {
  if (c.channels.empty()) return error(c, 3, "Channels required");
  for (const auto& channel : c.channels) {
    if (!known_channel(channel)) return error(c, 8, "Unknown channel name");
    if (is_index(channel) && c.index_ids.empty()) return error(c, 24, "Index ids required");
  }
  const bool book = std::find(c.channels.begin(), c.channels.end(), "orderbook_delta") != c.channels.end();
  const auto markets = markets_of(c, book);
  if (!markets) return;
  for (const auto& channel : c.channels) {
    auto existing = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                 [&](const auto& s) { return s.second.channel == channel; });
    if (existing != subscriptions_.end()) {
      // The channel is there: tickers that are new join it with a snapshot, the others get nothing but the ok.
      auto& [sid, s] = *existing;
      if (markets->empty() && !is_index(channel)) s.all_markets = true;
      s.index_ids.insert(c.index_ids.begin(), c.index_ids.end());
      std::vector<MarketIndex> fresh;
      for (const MarketIndex m : *markets) {
        if (s.markets.insert(m).second) fresh.push_back(m);
      }
      ok(c, sid, s);
      if (channel == "orderbook_delta") {
        for (const MarketIndex m : fresh) snapshot(sid, s, m, {});
      }
      continue;
    }
    const std::int64_t sid = ++last_sid_;
    Subscription& s = subscriptions_[sid];
    s.channel = channel;
    s.use_yes_price = c.use_yes_price;
    s.markets.insert(markets->begin(), markets->end());
    s.all_markets = markets->empty();
    s.index_ids.insert(c.index_ids.begin(), c.index_ids.end());
    io::JsonWriter w;
    w.begin_object().string("type", "subscribed");
    if (c.id) w.integer("id", *c.id);
    w.begin_object("msg").string("channel", channel).integer("sid", sid).end_object();
    send(w);
    if (channel == "orderbook_delta") {
      for (const MarketIndex m : *markets) snapshot(sid, s, m, {});
    }
    if (channel == "ticker" && c.initial_snapshot) {
      for (const MarketIndex m : *markets) ticker(sid, m);
    }
  }
}

void KalshiSession::unsubscribe(Command& c) {
  if (c.sids.empty()) return error(c, 4, "Sids required");
  for (const auto sid : c.sids) {
    const auto found = subscriptions_.find(sid);
    if (found == subscriptions_.end()) {
      error(c, 7, "Unknown subscription id");
      continue;
    }
    found->second.seq += found->second.sequenced() ? 0 : 1;  // the schema wants a seq on every channel here
    io::JsonWriter w;
    w.begin_object().string("type", "unsubscribed");
    if (c.id) w.integer("id", *c.id);
    w.integer("sid", sid).integer("seq", found->second.sequenced() ? ++found->second.seq : found->second.seq);
    send(w);
    subscriptions_.erase(found);
  }
}

void KalshiSession::list(Command& c) {
  io::JsonWriter w;
  w.begin_object().string("type", "ok");
  if (c.id) w.integer("id", *c.id);
  w.begin_array("msg");
  for (const auto& [sid, s] : subscriptions_) {
    w.begin_object().string("channel", s.channel).integer("sid", sid).end_object();
  }
  w.end_array();
  send(w);
}

void KalshiSession::update(Command& c) {
  if (c.sids.size() != 1) return error(c, 12, "Exactly one subscription id required");
  const auto found = subscriptions_.find(c.sids.front());
  if (found == subscriptions_.end()) return error(c, 7, "Unknown subscription id");
  if (c.action.empty()) return error(c, 15, "Action required");
  auto& [sid, s] = *found;
  if (is_index(s.channel)) {
    if (c.action == "indexlist") {
      auto w = begin(s.channel + "_indexlist", sid, &s, c.id);
      w.begin_object("msg").begin_array("index_ids").string("BRTI").end_array().end_object();
      return send(w);
    }
    if (c.action == "subscribe_indices") {
      s.index_ids.insert(c.index_ids.begin(), c.index_ids.end());
    } else if (c.action == "unsubscribe_indices") {
      for (const auto& id : c.index_ids) s.index_ids.erase(id);
    } else {
      return error(c, 13, "Unsupported action");
    }
    return ok(c, sid, s);
  }
  if (c.action != "add_markets" && c.action != "delete_markets" && c.action != "get_snapshot") {
    return error(c, 13, "Unsupported action");
  }
  change_markets(c, sid, s, c.action);
}

void KalshiSession::change_markets(Command& c, std::int64_t sid, Subscription& s, std::string_view action) {
  const auto markets = markets_of(c, true);
  if (!markets) return;
  if (action == "get_snapshot") {
    if (s.channel != "orderbook_delta") return error(c, 13, "Unsupported action");
    for (const MarketIndex m : *markets) {
      if (s.wants(m)) snapshot(sid, s, m, c.id);
    }
    return;
  }
  std::vector<MarketIndex> fresh;
  for (const MarketIndex m : *markets) {
    if (action == "delete_markets") {
      s.markets.erase(m);
    } else if (s.markets.insert(m).second) {
      fresh.push_back(m);
    }
  }
  ok(c, sid, s);
  if (s.channel != "orderbook_delta") return;
  for (const MarketIndex m : fresh) snapshot(sid, s, m, {});
}

void KalshiSession::ok(Command& c, std::int64_t sid, Subscription& s) {
  auto w = begin("ok", sid, &s, c.id);
  w.begin_object("msg");
  if (is_index(s.channel)) {
    w.begin_array("index_ids");
    for (const auto& id : s.index_ids) w.string(id);
  } else {
    w.begin_array("market_tickers");
    for (const MarketIndex m : s.markets) w.string(world_.exchange().market(m).contract.ticker);
  }
  w.end_array().end_object();
  send(w);
}

void KalshiSession::snapshot(std::int64_t sid, Subscription& s, MarketIndex m, std::optional<std::int64_t> id) {
  const Market& market = world_.exchange().market(m);
  auto w = begin("orderbook_snapshot", sid, &s, id);
  w.begin_object("msg").string("market_ticker", market.contract.ticker).string("market_id", market.market_id);
  w.integer("clock", market.clock);
  const auto level = [&](Price price, Qty qty) {
    w.begin_array().string(format_price(price)).string(format_qty(qty)).end_array();
  };
  if (!market.bids.empty()) {
    w.begin_array("yes_dollars_fp");
    for (const auto& [price, l] : market.bids) level(price, l.total);
    w.end_array();
  }
  if (!market.asks.empty()) {
    w.begin_array("no_dollars_fp");
    if (s.use_yes_price) {
      for (const auto& [price, l] : market.asks) level(price, l.total);
    } else {
      for (auto a = market.asks.rbegin(); a != market.asks.rend(); ++a) level(a->first.complement(), a->second.total);
    }
    w.end_array();
  }
  w.end_object();
  send(w);
}

void KalshiSession::overflow() {
  for (auto& [sid, s] : subscriptions_) {
    auto w = begin("error", sid, &s);
    w.begin_object("msg").integer("code", 25).string("msg", "Subscription buffer overflow").end_object();
    send(w);
  }
  subscriptions_.clear();
}

void KalshiSession::flush() {
  each("ticker", [&](std::int64_t sid, Subscription& s) {
    for (const MarketIndex m : moved_) {
      if (s.wants(m)) ticker(sid, m);
    }
  });
  moved_.clear();
}

}  // namespace voltage::venue::virtual_kalshi
