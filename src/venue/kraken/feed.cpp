#include "venue/kraken/feed.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace voltage::venue::kraken {
namespace {

using namespace literals;

constexpr std::size_t kWaitingMax = 100'000;
constexpr std::size_t kFullPage = 1'000;
constexpr Duration kRestTimeout{20'000'000'000};
constexpr Duration kWitness{5'000'000'000};

StreamRules with_acks(StreamRules rules) {
  rules.acks = 2;  // trades and candles
  return rules;
}

}  // namespace

Feed::Feed(FeedRules rules, std::uint64_t seed) : rules_{rules}, supervisor_{with_acks(rules.stream), seed} {}

void Feed::start(Time now) {
  cursor_ns_ = (now - rules_.history).ns;
  supervisor_.start(now);
  act(now);
}

void Feed::opened(std::uint64_t generation, Time now) {
  supervisor_.opened(generation, now);
  act(now);
}

void Feed::act(Time now) {
  for (auto& action : supervisor_.take_actions()) {
    if (const auto* c = std::get_if<stream::Connect>(&action)) {
      actions_.push_back(out::Connect{c->generation});
    } else if (const auto* s = std::get_if<stream::Subscribe>(&action)) {
      subscribe(s->again);
    } else if (const auto* close = std::get_if<stream::Close>(&action)) {
      actions_.push_back(out::Close{close->generation});
      catching_up_ = true;
    } else {
      catching_up_ = true;
      request_trades(now);
    }
  }
  say_health(now);
}

void Feed::subscribe(bool again) {
  const auto send = [&](std::string text) { actions_.push_back(out::Send{supervisor_.generation(), std::move(text)}); };
  for (const char* verb : {"unsubscribe", "subscribe"}) {
    if (!again && verb[0] == 'u') continue;
    if (rules_.v1) {
      send(fmt::format(R"({{"event":"{}","pair":["XBT/USD"],"subscription":{{"name":"ohlc","interval":1}}}})", verb));
      send(fmt::format(R"({{"event":"{}","pair":["XBT/USD"],"subscription":{{"name":"trade"}}}})", verb));
    } else {
      send(fmt::format(R"({{"method":"{}","params":{{"channel":"ohlc","symbol":["BTC/USD"],"interval":1}}}})", verb));
      send(fmt::format(R"({{"method":"{}","params":{{"channel":"trade","symbol":["BTC/USD"],"snapshot":false}}}})",
                       verb));
    }
  }
}

void Feed::text(std::uint64_t generation, std::string_view frame, Time now) {
  if (!supervisor_.current(generation)) return;  // an old connection's last words
  supervisor_.heard(generation, now);
  const auto decoded = decoder_.frame(frame);
  if (!decoded) {
    ++undecodable_;
  } else if (const auto* ack = std::get_if<Ack>(&decoded->message)) {
    if (!ack->ok) {
      supervisor_.failed(generation, "subscription refused: " + ack->error, now);
    } else if (ack->method == "subscribe") {
      supervisor_.acked(generation, now);
    }
  } else if (const auto* trades = std::get_if<Trades>(&decoded->message)) {
    on_trades(*trades, true, now);
  } else if (std::holds_alternative<Candles>(decoded->message)) {
    // The venue's own bars prove that the subscription lives; the bars that count are made of trades.
    supervisor_.data(generation, now);
    if (!std::get<Candles>(decoded->message).snapshot) candle_at_ = now;
  }
  act(now);
}

void Feed::closed(std::uint64_t generation, const std::string& why, Time now) {
  supervisor_.failed(generation, why, now);
  act(now);
}

void Feed::accept(const TradeRow& row) {
  last_id_ = row.id;
  cursor_ns_ = std::max(cursor_ns_, row.at.ns);
  builder_.add(row);
  events_.push_back(event::SpotSeen{event::SpotVenue::kraken, row.at, row.price.value()});
}

void Feed::on_trades(const Trades& trades, bool live, Time now) {
  for (const auto& row : trades.rows) {
    if (row.symbol != "BTC/USD") continue;
    if (!row.id) {
      ask_at_ = std::min(ask_at_, asked_at_ + rules_.request_spacing);  // v1: ask REST what it was
      continue;
    }
    if (last_id_ && *row.id <= *last_id_) continue;
    const bool next = !last_id_ || *row.id == *last_id_ + 1;
    if (live) trade_at_ = now;
    if (next && (!live || !catching_up_)) {
      accept(row);
    } else if (live) {
      catching_up_ = true;
      waiting_.push_back(row);
      if (waiting_.size() > kWaitingMax) waiting_.pop_front();  // REST has them as well
    }
  }
  if (live && catching_up_) request_trades(now);
}

void Feed::drain_waiting() {
  while (!waiting_.empty() && last_id_ && *waiting_.front().id <= *last_id_ + 1) {
    if (*waiting_.front().id == *last_id_ + 1) accept(waiting_.front());
    waiting_.pop_front();
  }
}

void Feed::request_trades(Time now) {
  if (asked_ || now < ask_at_) return;
  asked_ = ++requests_;
  asked_at_ = now;
  ask_at_ = now + rules_.request_spacing;
  // A nanosecond before the last trade: those that share its time come again and are dropped by their ids.
  actions_.push_back(out::Get{*asked_, fmt::format("/0/public/Trades?pair=XBTUSD&count=1000&since={}",
                                                   std::max<std::int64_t>(0, cursor_ns_ - 1))});
}

void Feed::rest_answer(std::uint64_t request, std::string_view body, Time now) {
  if (asked_ != request) return;
  asked_.reset();
  const auto decoded = decoder_.frame(body);
  const auto* trades = decoded ? std::get_if<Trades>(&decoded->message) : nullptr;
  if (trades == nullptr) {
    ++undecodable_;
    ask_at_ = now + rules_.request_spacing * 5;
    return act(now);
  }
  const auto before = last_id_;
  on_trades(*trades, false, now);
  drain_waiting();
  if (checking_ && last_id_ != before) {
    checking_ = false;
    supervisor_.failed(supervisor_.generation(), "trades happen that the stream does not tell", now);
    return act(now);
  }
  checking_ = false;
  if (trades->rows.size() >= kFullPage) {
    ask_at_ = now + rules_.request_spacing;
  } else if (!waiting_.empty()) {
    ask_at_ = now + rules_.request_spacing;  // REST lags the stream: ask again
  } else if (supervisor_.phase() == StreamPhase::recovering || supervisor_.live()) {
    supervisor_.recovered(supervisor_.generation(), now);
    catching_up_ = false;
    if (rules_.v1) ask_at_ = now + rules_.poll_every;
    close_bars(rules_.v1 ? asked_at_ : now);  // v1 knows the trades up to when it asked
  }
  act(now);
}

void Feed::rest_failed(std::uint64_t request, const std::string&, Time now) {
  if (asked_ != request) return;
  asked_.reset();
  ask_at_ = now + rules_.request_spacing * 3;
}

void Feed::close_bars(Time now) {
  // While trades may be missing no bar is closed: a bar that is given is one that was whole.
  if (catching_up_ || !supervisor_.live()) return;
  builder_.advance(now);
  for (auto& built : builder_.take()) {
    if (built.revision) revisions_.push_back(built);
    events_.push_back(event::CandleClosed{event::SpotVenue::kraken, 1_min, built.candle});
  }
}

void Feed::say_health(Time) {
  const auto health = healthy() ? event::Health::healthy : event::Health::down;
  if (said_ == health) return;
  said_ = health;
  for (const auto stream : {event::Stream::spot, event::Stream::candles}) {
    events_.push_back(event::StreamHealth{stream, health, healthy() ? "" : supervisor_.why()});
  }
}

void Feed::tick(Time now) {
  supervisor_.tick(now);
  if (asked_ && now - asked_at_ > kRestTimeout) rest_failed(*asked_, "no answer", now);
  // Candles move without a trade having come: the trade channel may be dead while its sister lives.
  if (!rules_.v1 && healthy() && candle_at_ > trade_at_ + kWitness && now > candle_at_ + kWitness && !asked_) {
    checking_ = true;
    trade_at_ = now;
    request_trades(now);
  }
  const bool connected = supervisor_.phase() == StreamPhase::recovering || supervisor_.live();
  if (connected && (catching_up_ || rules_.v1)) request_trades(now);
  if (!rules_.v1) close_bars(now);
  act(now);
}

}  // namespace voltage::venue::kraken
