#include "venue/kalshi/feed.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "venue/kalshi/portfolio.hpp"
#include "venue/known_fields.hpp"
#include "venue/net/http.hpp"

namespace voltage::venue::kalshi {
namespace {

using namespace literals;

StreamRules rules_of(const FeedRules& feed) {
  StreamRules rules = feed.stream;
  rules.acks = feed.index ? 3 : 2;  // the index, the lifecycle, our own orders
  rules.transport_timeout = feed.transport_timeout;
  if (feed.index) rules.content_timeout = feed.index_timeout;
  return rules;
}

}  // namespace

Feed::Feed(FeedRules rules, std::uint64_t seed) : rules_{std::move(rules)}, supervisor_{rules_of(rules_), seed} {
  decoder_.watch(schema_);
  rest_counts_.schema = &schema_;
  expect_kalshi_fields(schema_);
}

void Feed::start(Time now) {
  supervisor_.start(now);
  act(now);
}

void Feed::opened(std::uint64_t generation, Time now) {
  supervisor_.opened(generation, now);
  act(now);
}

void Feed::closed(std::uint64_t generation, const std::string& why, Time now) {
  supervisor_.failed(generation, why, now);
  act(now);
}

Feed::Tracked* Feed::find(const std::string& ticker) {
  const auto found = tracked_.find(ticker);
  return found == tracked_.end() ? nullptr : &found->second;
}

bool Feed::by_name(const std::string& ticker) const {
  return std::find(rules_.tickers.begin(), rules_.tickers.end(), ticker) != rules_.tickers.end();
}

// What is asked already is not asked again: while REST hangs, questions do not pile up behind each other.
void Feed::get(std::string target, Asked asked) {
  const auto same = [&](const auto& p) { return p.second.target == target; };
  if (std::any_of(pending_.begin(), pending_.end(), same)) return;
  asked.target = target;
  pending_[++requests_] = std::move(asked);
  actions_.push_back(out::Get{requests_, std::move(target)});
}

void Feed::act(Time now) {
  for (auto& action : supervisor_.take_actions()) {
    if (const auto* c = std::get_if<stream::Connect>(&action)) {
      subscriptions_.clear();
      subscribed_.clear();
      subscribing_.clear();
      for (auto& [ticker, t] : tracked_) t.awaiting.reset();
      stale_.clear();
      event_fees_at_ = {};  // what was told meanwhile was told to nobody
      actions_.push_back(out::Connect{c->generation});
    } else if (const auto* s = std::get_if<stream::Subscribe>(&action)) {
      // A silent subscription on a connection that lives: Kalshi gives a fresh one only on a fresh connection.
      if (s->again) {
        supervisor_.failed(s->generation, "silent subscription", now);
      } else {
        subscribe();
      }
    } else if (const auto* close = std::get_if<stream::Close>(&action)) {
      lose_all(close->why, now);
      actions_.push_back(out::Close{close->generation});
    } else {
      supervisor_.recovered(supervisor_.generation(), now);
      subscribe_new(now);
    }
  }
  // A failure inside the loop queues its own close.
  for (auto& action : supervisor_.take_actions()) {
    if (const auto* close = std::get_if<stream::Close>(&action)) {
      lose_all(close->why, now);
      actions_.push_back(out::Close{close->generation});
    }
  }
  say_health(now);
}

void Feed::subscribe() {
  if (rules_.index)
    send(R"({"id":1,"cmd":"subscribe","params":{"channels":["cfbenchmarks_value"],"index_ids":["BRTI"]}})");
  send(R"({"id":2,"cmd":"subscribe","params":{"channels":["market_lifecycle_v2"]}})");
  send(R"({"id":3,"cmd":"subscribe","params":{"channels":["fill","user_orders","market_positions"]}})");
  commands_ = 3;
}

// True if the frame may be believed. The check runs before any meaning is read: acknowledgements count too.
bool Feed::follow(const Frame& frame, Time now) {
  if (!frame.sid) return true;
  const auto found = subscriptions_.find(*frame.sid);
  if (found == subscriptions_.end() || !frame.seq) return true;
  auto& last = found->second.last_seq;
  const bool gap = last && *frame.seq != *last + 1;
  last = *frame.seq;
  if (!gap) return true;
  ++gaps_;
  if (found->second.channel != "orderbook_delta") return true;
  lose_all(fmt::format("sequence hole on sid {} at {}", *frame.sid, *frame.seq), now);
  ask_snapshots(now);
  return std::holds_alternative<BookSnapshot>(frame.message);
}

void Feed::text(std::uint64_t generation, std::string_view frame, Time now) {
  if (!supervisor_.current(generation)) return;
  supervisor_.heard(generation, now);
  const auto decoded = decoder_.frame(frame);
  if (!decoded) {
    // Which book it was meant for is not known: none is vouched for any more.
    ++undecodable_;
    lose_all("undecodable frame: " + decoded.error().message, now);
    // After a change of the format the next one would be as undecodable.
    if (schema_.changed().empty()) ask_snapshots(now);
  } else {
    if (decoded->sent) {
      const Duration age = now - *decoded->sent;
      // The age of what comes from the future is not known: a clock that is behind hides a pipe that is late.
      stale_ = age > rules_.age_alarm                    ? "frames come late"
               : *decoded->sent - now > rules_.age_alarm ? "our clock is behind the venue's"
                                                         : "";
      if (age > rules_.age_limit) supervisor_.failed(generation, "frames come late", now);
    }
    if (follow(*decoded, now)) dispatch(*decoded, now);
  }
  act(now);
}

void Feed::dispatch(const Frame& frame, Time now) {
  const auto generation = supervisor_.generation();
  if (!rules_.index && (std::holds_alternative<BookDelta>(frame.message) ||
                        std::holds_alternative<Trade>(frame.message) || std::holds_alternative<Ticker>(frame.message)))
    supervisor_.data(generation, now);
  if (const auto* m = std::get_if<BookDelta>(&frame.message)) return on_delta(*m, now);
  if (const auto* m = std::get_if<BookSnapshot>(&frame.message)) return on_snapshot(*m);
  if (const auto* m = std::get_if<Subscribed>(&frame.message)) {
    subscriptions_[m->sid] = {m->channel, {}};
    const bool own =
        m->channel == "cfbenchmarks_value" || m->channel == "market_lifecycle_v2" || m->channel == "user_orders";
    if (own) supervisor_.acked(generation, now);
  } else if (const auto* refusal = std::get_if<Refusal>(&frame.message)) {
    refused(*refusal, frame.id, now);
  } else if (const auto* index = std::get_if<IndexTick>(&frame.message)) {
    supervisor_.data(generation, now);
    index_at_ = now;
    event::IndexSeen seen{index->value_time, index->value, {}, 0};
    if (index->settlement_minute) {
      seen.average = index->settlement_minute->value;
      seen.average_count = static_cast<std::int32_t>(index->settlement_minute->count);
    }
    events_.push_back(seen);
  } else if (const auto* trade = std::get_if<Trade>(&frame.message)) {
    if (const auto* t = find(trade->ticker))
      events_.push_back(event::TradeSeen{t->contract.id, trade->price, trade->qty, trade->taker});
  } else if (const auto* ticker = std::get_if<Ticker>(&frame.message)) {
    if (const auto* t = find(ticker->ticker))
      events_.push_back(event::TickerSeen{t->contract.id, ticker->last, ticker->bid, ticker->ask});
  } else if (const auto* life = std::get_if<Lifecycle>(&frame.message)) {
    on_lifecycle(*life);
  } else if (const auto* fees = std::get_if<FeeUpdate>(&frame.message)) {
    on_fees(*fees, now);
  } else if (const auto* fill = std::get_if<Fill>(&frame.message)) {
    fills_.push_back(*fill);
  } else if (const auto* order = std::get_if<Order>(&frame.message)) {
    orders_.push_back(*order);
  } else if (const auto* position = std::get_if<Position>(&frame.message)) {
    positions_.push_back(*position);
  }
}

void Feed::on_lifecycle(const Lifecycle& m) {
  Tracked* t = find(m.ticker);
  if (t == nullptr) return;
  if (m.event_type == "metadata_updated" && (m.floor || m.cap)) {
    t->contract.strike.floor = m.floor ? m.floor : t->contract.strike.floor;
    t->contract.strike.cap = m.cap ? m.cap : t->contract.strike.cap;
    events_.push_back(event::ContractSeen{t->contract});
  } else if (m.event_type == "price_level_structure_updated" && m.ticks) {
    t->contract.ticks = *m.ticks;
    events_.push_back(event::ContractSeen{t->contract});
  } else if (m.event_type == "close_date_updated" && m.close) {
    t->contract.close = *m.close;
    events_.push_back(event::ContractSeen{t->contract});
  } else if (m.event_type == "determined" || m.event_type == "settled") {
    settle_at_ = Time{};  // ask for the value at once
  }
}

void Feed::on_market(const Market& m, Time now) {
  Tracked* t = find(m.ticker);
  if (t == nullptr) {
    if (m.close <= now && !by_name(m.ticker)) return;  // the list holds just settled markets for a while
    auto contract = contract_of(m, fees_of(m.event_ticker, m.series()));
    if (!contract) {
      ++undecodable_;
      return;
    }
    contract->id = market::ContractId{next_contract_++};
    // An event that was not known may have fees of its own.
    const auto same = [&](const auto& other) { return other.second.contract.event == m.event_ticker; };
    if (std::none_of(tracked_.begin(), tracked_.end(), same)) event_fees_at_ = {};
    t = &tracked_[m.ticker];
    t->contract = std::move(*contract);
    events_.push_back(event::ContractSeen{t->contract});
    return;
  }
  const market::Strike strike{t->contract.strike.type, m.floor, m.cap};
  if (strike.known() && strike != t->contract.strike) {
    t->contract.strike = strike;
    events_.push_back(event::ContractSeen{t->contract});
  }
  on_result(*t, m, now);
}

void Feed::rest_answer(std::uint64_t request, int status, std::string_view body, Time now) {
  const auto found = pending_.find(request);
  if (found == pending_.end()) return;
  const Asked asked = std::move(found->second);
  pending_.erase(found);
  if (status != 200) return;
  switch (asked.what) {
    case Asked::For::markets:
      on_markets(body, now);
      break;
    case Asked::For::status:
      on_status(body);
      break;
    case Asked::For::series_fees:
      on_series_fees(asked, body);
      break;
    case Asked::For::fee_schedule:
      on_fee_schedule(asked, body);
      break;
    case Asked::For::event_fees:
      on_event_fees(asked, body);
      break;
  }
  act(now);
}

void Feed::on_markets(std::string_view body, Time now) {
  const auto root = document_.parse(body);
  const auto object = root ? decode_rest(*root, rest_counts_) : Result<RestObject>{fail("")};
  const auto* markets = object ? std::get_if<Markets>(&*object) : nullptr;
  if (markets == nullptr) {
    ++undecodable_;
    return;
  }
  undecodable_ += static_cast<std::int64_t>(markets->refused.size());
  for (const auto& m : markets->markets) on_market(m, now);
  subscribe_new(now);
}

// An unscheduled pause is seen nowhere else until an order is refused.
void Feed::on_status(std::string_view body) {
  auto paused = decode_paused_shards(body);
  if (!paused) {
    ++undecodable_;
    return;
  }
  paused_ = std::move(*paused);
}

// A shard that pauses counts while a market that we follow trades there; one that does not say its shard may be on any.
std::string Feed::why_books_are_stale() const {
  if (!stale_.empty()) return stale_;
  for (const auto shard : paused_) {
    const auto there = [&](const auto& t) {
      const auto& c = t.second.contract;
      return !t.second.settled && (c.exchange_index == shard || c.exchange_index < 0);
    };
    if (std::any_of(tracked_.begin(), tracked_.end(), there))
      return fmt::format("the exchange pauses on shard {}", shard);
  }
  return {};
}

void Feed::rest_failed(std::uint64_t request) {
  pending_.erase(request);
}

std::size_t Feed::valid_books() const {
  return static_cast<std::size_t>(
      std::count_if(tracked_.begin(), tracked_.end(), [](const auto& t) { return t.second.valid; }));
}

void Feed::say_health(Time now) {
  const bool changed = !schema_.changed().empty();
  if (changed && !std::exchange(schema_told_, true))
    said_.clear();  // the reason is news, also for a stream that is down
  const auto say = [&](event::Stream stream, event::Health health, const std::string& why) {
    if (changed) health = event::Health::down;
    const auto at = said_.find(stream);
    if (at != said_.end() && at->second == health) return;
    said_[stream] = health;
    const std::string reason = changed                            ? "schema: Kalshi: " + schema_.changed()
                               : health == event::Health::healthy ? ""
                                                                  : why;
    events_.push_back(event::StreamHealth{stream, health, reason});
  };
  const auto link = supervisor_.live() ? event::Health::healthy : event::Health::down;
  const std::string stale = supervisor_.live() ? why_books_are_stale() : "";
  if (stale.empty())
    say(event::Stream::kalshi_market, link, supervisor_.why());
  else
    say(event::Stream::kalshi_market, event::Health::stale, stale);
  say(event::Stream::kalshi_private, link, supervisor_.why());
  if (!rules_.index) return;
  const bool fresh = index_at_ && now - *index_at_ <= rules_.index_stale;
  say(event::Stream::index,
      !supervisor_.live() ? event::Health::down
      : fresh             ? event::Health::healthy
                          : event::Health::stale,
      supervisor_.why());
}

void Feed::tick(Time now) {
  supervisor_.tick(now);
  ask_fees(now);
  if (now >= status_at_) {
    status_at_ = now + rules_.status_every;
    get("/exchange/status", {Asked::For::status, {}, now});
  }
  if (now >= discover_at_) {
    discover_at_ = now + rules_.discover_every;
    for (const auto& ticker : rules_.tickers) {
      if (!tracked_.contains(ticker)) get("/markets/" + net::percent_encoded(ticker));
    }
    for (const auto& series : rules_.series) {
      for (const char* status : {"open", "unopened"}) {
        get(fmt::format("/markets?limit=1000&status={}&series_ticker={}", status, net::percent_encoded(series)));
      }
    }
  }
  ask_results(now);
  forget_final(now);
  wait_for_snapshots(now);
  for (auto& [ticker, t] : tracked_) {
    // No event tells the timed close: the clock does.
    if (t.valid && now >= t.contract.close) lose(t, "closed", now);
    if (t.valid && t.crossed_since && now - *t.crossed_since > rules_.crossed_max) {
      lose(t, "crossed for too long", now);
      t.crossed_since.reset();
      ask_snapshots(now);
    }
  }
  act(now);
}

}  // namespace voltage::venue::kalshi
