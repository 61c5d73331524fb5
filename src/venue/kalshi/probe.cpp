#include "venue/kalshi/probe.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "ledger/fees.hpp"
#include "venue/kalshi/rest.hpp"
#include "venue/net/http.hpp"

namespace voltage::venue::kalshi {
namespace {

using namespace literals;

constexpr Duration kLookEvery{1'100'000'000};  // the balance may be read once a second
constexpr int kLooks = 10;
constexpr Price kCentPrice{100};
constexpr Price kDearest{6'000};
constexpr std::int32_t kWidest{500};
constexpr Duration kAhead{180'000'000'000};  // the contract must not close meanwhile

constexpr std::array kRoundTrip{"side-terms", "netting", "fee-precision"};
constexpr std::array kResting{"duplicate-id", "listing-lag", "amend-cross"};
constexpr std::array kWithOrders{"side-terms",   "netting",     "fee-precision",
                                 "duplicate-id", "listing-lag", "amend-cross"};

class Probe {
 public:
  Probe(const ProbeRules& rules, const ProbeWorld& world) : rules_{rules}, world_{world} {}

  Result<std::vector<Finding>> run() {
    const auto limits = world_.call("GET", "/account/limits", "", {});
    if (!limits) return fail("no answer: " + limits.error().message);
    if (limits->status != 200)
      return fail(fmt::format("the account can't be read: HTTP {} {}", limits->status, limits->body.substr(0, 200)));
    clock();
    fee_terms();
    if (rules_.spend_max < kDollar) {
      for (const char* id : kWithOrders) find(id, Verdict::open, "needs an order: --max-usd 1");
      return std::move(findings_);
    }
    if (const auto market = pick()) {
      resting(*market);
      round_trip(*market);
    }
    return std::move(findings_);
  }

 private:
  void find(const char* id, Verdict verdict, std::string seen) {
    findings_.push_back({id, rules_.environment, verdict, std::move(seen)});
  }
  void find_all_open(std::span<const char* const> ids, const std::string& why) {
    for (const char* id : ids) find(id, Verdict::open, why);
  }
  // The body of a 2xx; else what came instead.
  Result<std::string> ok(const std::string& method, const std::string& target, const std::string& body = {}) {
    auto answer = world_.call(method, target, body, {});
    if (!answer) return fail(answer.error().message);
    if (answer->status / 100 != 2)
      return fail(fmt::format("{} {}: HTTP {} {}", method, target, answer->status, answer->body.substr(0, 200)));
    return std::move(answer->body);
  }
  // One field of the first object of a list, read as money or a quantity.
  template <class Read>
  auto read(const std::string& body, const char* list, Read f) -> decltype(f(std::declval<Fields&>())) {
    const auto root = document_.parse(body);
    if (!root) return {};
    Flaws flaws;
    Fields outer{*root, "body", flaws};
    if (list == nullptr) return f(outer);
    const auto array = outer.maybe_child(list, JsonType::array);
    if (!array || array->size() == 0) return {};
    Fields first{*array->begin(), list, flaws};
    return f(first);
  }

  void clock();
  void fee_terms();
  std::optional<Market> pick();
  void resting(const Market& m);
  void amend_across(const Market& m, const std::string& order_id);
  void round_trip(const Market& m);
  void fee_of(const std::string& order_id, Side side);
  std::optional<Money> cash(std::int64_t shard);
  std::optional<Qty> position(const Market& m);
  std::string order(const Market& m, const char* id, const char* side, Price price, bool rests) const;
  std::optional<Qty> settled_position(const Market& m, Qty wanted);

  const ProbeRules& rules_;
  const ProbeWorld& world_;
  JsonDocument document_;
  Counts counts_;
  std::vector<Finding> findings_;
};

void Probe::clock() {
  Duration good{};
  std::string refused = "none of 60 s was refused";
  for (const Duration off : {1_s, 2_s, 5_s, 10_s, 30_s, 60_s}) {
    const auto late = world_.call("GET", "/account/limits", "", off);
    const auto early = world_.call("GET", "/account/limits", "", Duration{-off.ns});
    if (!late || !early) return find("clock-tolerance", Verdict::open, "a request had no answer");
    if (late->status == 429 || early->status == 429)
      return find("clock-tolerance", Verdict::open, "the rate limit came in between");
    if (late->status != 200 || early->status != 200) {
      refused = format_duration(off) + " was refused";
      break;
    }
    good = off;
    world_.wait(kLookEvery);
  }
  find("clock-tolerance", good >= 2_s ? Verdict::holds : Verdict::wrong,
       fmt::format("{} late and early was accepted, {}", format_duration(good), refused));
}

void Probe::fee_terms() {
  std::string seen, other;
  for (const auto& series : rules_.series) {
    const auto body = ok("GET", "/series/" + net::percent_encoded(series));
    if (!body) return find("fee-terms", Verdict::open, body.error().message);
    const auto root = document_.parse(*body);
    if (!root) return find("fee-terms", Verdict::open, root.error().message);
    Flaws flaws;
    Fields outer{*root, "body", flaws};
    Fields f{outer.child("series", JsonType::object), "series", flaws};
    const std::string type{f.text("fee_type")};
    const auto times = f.maybe_fixed("fee_multiplier", 6, 0, 1'000'000'000, Form::number);
    if (!flaws.error.empty()) return find("fee-terms", Verdict::open, flaws.error);
    const std::string line = fmt::format("{}: {} x {}", series, type, times ? format_fixed(*times, 6) : "?");
    seen += (seen.empty() ? "" : "; ") + line;
    if (type != "quadratic" || times != 1'000'000) other = line;
  }
  find("fee-terms", other.empty() ? Verdict::holds : Verdict::wrong, other.empty() ? seen : other);
}

// The open contract whose price is nearest the middle, with a narrow book and time left.
std::optional<Market> Probe::pick() {
  const auto none = [&](const std::string& why) {
    find_all_open(kWithOrders, why);
    return std::nullopt;
  };
  std::optional<Market> best;
  const auto from_middle = [](const Market& m) { return std::abs(m.bid->pips + m.ask->pips - Price::kOne); };
  for (const auto& series : rules_.traded) {
    const auto body = ok("GET", "/markets?status=open&limit=1000&series_ticker=" + net::percent_encoded(series));
    if (!body) return none(body.error().message);
    const auto root = document_.parse(*body);
    const auto object = root ? decode_rest(*root, counts_) : Result<RestObject>{fail("no JSON")};
    const auto* all = object ? std::get_if<Markets>(&*object) : nullptr;
    if (all == nullptr) return none("the list of markets can't be read");
    for (const auto& m : all->markets) {
      if (!m.bid || !m.ask || !m.exchange_index || m.close < world_.now() + kAhead || *m.ask > kDearest ||
          m.bid->pips <= 0)
        continue;
      if (m.ask->pips - m.bid->pips > kWidest) continue;
      if (!best || from_middle(m) < from_middle(*best)) best = m;
    }
  }
  if (!best) return none("no open contract with a narrow book below 60 cents and three minutes left: try again later");
  const auto held = position(*best);
  if (!held) return none("the positions can't be read");
  if (held->centis != 0) return none("the account holds " + best->ticker + ": probe with a quiet account");
  return best;
}

std::string Probe::order(const Market& m, const char* id, const char* side, Price price, bool rests) const {
  return fmt::format(
      R"({{"ticker":"{}","client_order_id":"{}","side":"{}","count":"1.00","price":"{}","time_in_force":"{}",)"
      R"("self_trade_prevention_type":"taker_at_cross","post_only":{},"exchange_index":{}}})",
      m.ticker, rules_.run + id, side, format_price(price), rests ? "good_till_canceled" : "immediate_or_cancel", rests,
      *m.exchange_index);
}

void Probe::resting(const Market& m) {
  const std::string body = order(m, "-rest", "bid", kCentPrice, true);
  const auto placed = ok("POST", "/portfolio/events/orders", body);
  if (!placed) return find_all_open(kResting, placed.error().message);
  const auto id_of = [&](const std::string& text) {
    return read(text, nullptr, [](Fields& f) { return std::string{f.text_or("order_id")}; });
  };
  std::vector<std::string> ids{id_of(*placed)};
  const Time start = world_.now();
  bool listed = false;
  for (int look = 0; look < kLooks && !listed; ++look) {
    const auto list = ok("GET", "/portfolio/orders?status=resting&limit=1000&ticker=" + m.ticker);
    listed = list && list->find(ids[0]) != std::string::npos;
    if (!listed) world_.wait(1_s);
  }
  find("listing-lag", listed ? Verdict::holds : Verdict::wrong,
       listed ? "listed within " + format_duration(Duration{(world_.now() - start).ns / 1'000'000 * 1'000'000})
              : "not listed after 10 looks");
  const auto again = world_.call("POST", "/portfolio/events/orders", body, {});
  if (!again) {
    find("duplicate-id", Verdict::open, again.error().message);
  } else if (again->status / 100 == 2) {
    ids.push_back(id_of(again->body));
    find("duplicate-id", Verdict::wrong, "a second order was accepted");
  } else {
    find("duplicate-id", again->status == 409 ? Verdict::holds : Verdict::open,
         fmt::format("HTTP {} {}", again->status, again->body.substr(0, 120)));
  }
  amend_across(m, ids[0]);
  for (const auto& id : ids) {
    if (const auto gone =
            ok("DELETE", fmt::format("/portfolio/events/orders/{}?exchange_index={}", id, *m.exchange_index));
        !gone)
      findings_.back().seen += "; the order could not be cancelled, cancel it by hand: " + gone.error().message;
  }
}

// Our quote, moved to where it would trade: it must not.
void Probe::amend_across(const Market& m, const std::string& order_id) {
  const std::string body = fmt::format(
      R"({{"ticker":"{}","side":"bid","count":"1.00","price":"{}","exchange_index":{},"client_order_id":"{}",)"
      R"("updated_client_order_id":"{}"}})",
      m.ticker, format_price(kDearest), *m.exchange_index, rules_.run + "-rest", rules_.run + "-moved");
  const auto answer = world_.call("POST", fmt::format("/portfolio/events/orders/{}/amend", order_id), body, {});
  if (!answer) return find("amend-cross", Verdict::open, answer.error().message);
  world_.wait(1_s);
  const auto read_back = ok("GET", "/portfolio/orders/" + order_id);
  const auto root = read_back ? document_.parse(*read_back) : Result<JsonValue>{fail("")};
  const auto object = root ? decode_rest(*root, counts_) : Result<RestObject>{fail("")};
  const auto* orders = object ? std::get_if<RestOrders>(&*object) : nullptr;
  if (orders == nullptr || orders->orders.empty())
    return find("amend-cross", Verdict::open, fmt::format("HTTP {}, and the order can't be read", answer->status));
  const Order& now = orders->orders.front();
  const bool rests = now.state == OrderState::resting;
  const std::string seen =
      fmt::format("HTTP {} {}; the order {} at {}, {} filled", answer->status, answer->body.substr(0, 120),
                  rests ? "rests" : "is gone", format_price(now.price), format_qty(now.filled));
  if (now.filled.centis > 0) {
    const auto sold = ok("POST", "/portfolio/events/orders", order(m, "-back", "ask", kCentPrice, false));
    return find("amend-cross", Verdict::wrong,
                seen + (sold ? "" : "; the way back failed, close it by hand: " + sold.error().message));
  }
  // An amend that is said to be done and rests elsewhere would be believed at the price that was asked for.
  const bool as_it_was = now.price == kCentPrice && answer->status / 100 == 4;
  find("amend-cross", !rests || as_it_was ? Verdict::holds : Verdict::wrong, seen);
}

std::optional<Money> Probe::cash(std::int64_t shard) {
  world_.wait(kLookEvery);
  const auto body = ok("GET", fmt::format("/portfolio/balance?exchange_index={}", shard));
  if (!body) return std::nullopt;
  return read(*body, nullptr, [](Fields& f) { return f.maybe_money("balance_dollars"); });
}

std::optional<Qty> Probe::position(const Market& m) {
  const auto body = ok("GET", "/portfolio/positions?ticker=" + m.ticker);
  if (!body) return std::nullopt;
  const auto qty = read(*body, "market_positions", [](Fields& f) { return f.maybe_qty("position_fp", true); });
  return qty.value_or(Qty{});
}

// Reads lag the engine: looks until it is as wanted, or gives what it stays at.
std::optional<Qty> Probe::settled_position(const Market& m, Qty wanted) {
  std::optional<Qty> seen;
  for (int look = 0; look < kLooks; ++look) {
    seen = position(m);
    if (seen == wanted) return seen;
    world_.wait(1_s);
  }
  return seen;
}

void Probe::fee_of(const std::string& order_id, Side side) {
  const auto body = ok("GET", "/portfolio/fills?order_id=" + order_id);
  const auto root = body ? document_.parse(*body) : Result<JsonValue>{fail("")};
  const auto object = root ? decode_rest(*root, counts_) : Result<RestObject>{fail("")};
  const auto* fills = object ? std::get_if<RestFills>(&*object) : nullptr;
  if (fills == nullptr || fills->fills.empty()) return find("fee-precision", Verdict::open, "the fill can't be read");
  ledger::OrderFees direct{ledger::kDirectPrecision}, broker{ledger::kBrokerPrecision};
  Money paid, as_direct, as_broker;
  // The list begins with the latest.
  for (auto fill = fills->fills.rbegin(); fill != fills->fills.rend(); ++fill) {
    const auto who = fill->taker ? ledger::Liquidity::taker : ledger::Liquidity::maker;
    paid += fill->fee;
    as_direct += direct.charge({}, side, fill->price, fill->qty, who).net();
    as_broker += broker.charge({}, side, fill->price, fill->qty, who).net();
  }
  const std::string seen =
      fmt::format("{} for {} fills; the rule gives {} at $0.0001 and {} at $0.01", format_money(paid),
                  fills->fills.size(), format_money(as_direct), format_money(as_broker));
  find("fee-precision", paid == as_direct ? Verdict::holds : Verdict::wrong, seen);
}

void Probe::round_trip(const Market& m) {
  const auto open = [&](const std::string& why) { find_all_open(kRoundTrip, why); };
  const auto before = cash(*m.exchange_index);
  if (!before) return open("the balance can't be read");
  const auto bought = ok("POST", "/portfolio/events/orders", order(m, "-buy", "bid", kDearest, false));
  if (!bought) return open(bought.error().message);
  const auto filled = read(*bought, nullptr, [](Fields& f) { return f.maybe_qty("fill_count"); });
  const auto id = read(*bought, nullptr, [](Fields& f) { return std::string{f.text_or("order_id")}; });
  if (filled != kContract) return open("one contract could not be bought at 60 cents or less");
  const auto held = settled_position(m, kContract);
  find("side-terms",
       !held                ? Verdict::open
       : *held == kContract ? Verdict::holds
                            : Verdict::wrong,
       held ? "position " + format_qty(*held) + " after buying 1" : "the position can't be read");
  fee_of(id, Side::bid);
  const auto between = cash(*m.exchange_index);
  const auto sold = ok("POST", "/portfolio/events/orders", order(m, "-sell", "ask", kCentPrice, false));
  if (!sold) return find("netting", Verdict::open, "the way back failed, close it by hand: " + sold.error().message);
  const auto flat = settled_position(m, Qty{});
  const auto after = cash(*m.exchange_index);
  const auto price = read(*sold, nullptr, [](Fields& f) { return f.maybe_money("average_fill_price"); });
  if (!between || !after || !flat || !price) return find("netting", Verdict::open, "position or balance can't be read");
  // The proceeds, less a fee of at most two cents, must be there at once.
  const bool freed = *after - *between >= *price - kCent - kCent;
  find("netting", flat->centis == 0 && freed ? Verdict::holds : Verdict::wrong,
       fmt::format("position {}, balance {} -> {} -> {}", format_qty(*flat), format_money(*before),
                   format_money(*between), format_money(*after)));
}

}  // namespace

Result<std::vector<Finding>> probe(const ProbeRules& rules, const ProbeWorld& world) {
  return Probe{rules, world}.run();
}

}  // namespace voltage::venue::kalshi
