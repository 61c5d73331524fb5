#include "venue/kraken/feed.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/time.hpp"
#include "venue/known_fields.hpp"

namespace voltage::venue::kraken {
namespace {

using namespace literals;

constexpr std::size_t kWaitingMax = 100'000;
constexpr std::size_t kFullPage = 1'000;
constexpr int kHistoryTries = 3;  // of each interval; then without it
constexpr Duration kRestTimeout{20'000'000'000};
constexpr Duration kWitness{5'000'000'000};

StreamRules with_acks(StreamRules rules, bool v1) {
  rules.acks = v1 ? 3 : 4;  // trades, candles of one and of five minutes; v2: the best bid and ask
  return rules;
}

}  // namespace

Feed::Feed(FeedRules rules, std::uint64_t seed) : rules_{rules}, supervisor_{with_acks(rules.stream, rules.v1), seed} {
  decoder_.watch(schema_);
  expect_kraken_fields(schema_);
}

void Feed::start(Time now) {
  // From a whole minute on: the first bar is whole too.
  const Time from{(now - rules_.history).ns / (1_min).ns * (1_min).ns};
  cursor_ns_ = from.ns;
  if (rules_.cold_start) history_.emplace(from);
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
      audit_.subscribed(now);
      echo_ = rules_.v1;
      subscribe(s->again);
    } else if (const auto* close = std::get_if<stream::Close>(&action)) {
      actions_.push_back(out::Close{close->generation});
      catching_up_ = true;
    } else {
      catching_up_ = true;
      request(now);
    }
  }
  say_health();
}

void Feed::subscribe(bool again) {
  const auto send = [&](std::string text) { actions_.push_back(out::Send{supervisor_.generation(), std::move(text)}); };
  const auto v1 = [&](const char* verb, const char* what) {
    send(fmt::format(R"({{"event":"{}","pair":["XBT/USD"],"subscription":{{{}}}}})", verb, what));
  };
  const auto v2 = [&](const char* verb, const char* what) {
    send(fmt::format(R"({{"method":"{}","params":{{{}}}}})", verb, what));
  };
  for (const char* verb : {"unsubscribe", "subscribe"}) {
    if (!again && verb[0] == 'u') continue;
    if (rules_.v1) {
      v1(verb, R"("name":"ohlc","interval":1)");
      v1(verb, R"("name":"ohlc","interval":5)");
      v1(verb, R"("name":"trade")");
    } else {
      v2(verb, R"("channel":"ohlc","symbol":["BTC/USD"],"interval":1)");
      v2(verb, R"("channel":"ohlc","symbol":["BTC/USD"],"interval":5)");
      v2(verb, R"("channel":"trade","symbol":["BTC/USD"],"snapshot":false)");
      v2(verb, R"("channel":"ticker","symbol":["BTC/USD"],"event_trigger":"bbo")");
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
  } else if (const auto* candles = std::get_if<Candles>(&decoded->message)) {
    on_candles(*candles, now);
  } else if (const auto* ticker = std::get_if<Ticker>(&decoded->message)) {
    on_ticker(ticker->row, now);
  }
  act(now);
}

void Feed::closed(std::uint64_t generation, const std::string& why, Time now) {
  supervisor_.failed(generation, why, now);
  act(now);
}

// The venue's own minutes prove that the subscription lives; the bars that count are made of trades. A snapshot
// proves nothing about what comes after it.
void Feed::on_candles(const Candles& candles, Time now) {
  bool minute = false;
  for (const auto& row : candles.rows) {
    if (row.symbol != "BTC/USD") continue;
    audit_.heard(row);
    minute = minute || row.interval == 1_min;
  }
  if (!minute || candles.snapshot || std::exchange(echo_, false)) return;
  supervisor_.data(supervisor_.generation(), now);
  candle_at_ = now;
}

void Feed::on_ticker(const TickerRow& row, Time now) {
  if (row.symbol != "BTC/USD" || row.bid.e8 <= 0 || row.bid >= row.ask) return;
  const double middle = (row.bid.value() + row.ask.value()) / 2;
  if (middle == middle_) return;  // a change of size says nothing about the price
  middle_ = middle;
  events_.push_back(event::SpotSeen{event::SpotVenue::kraken, now, middle});
}

void Feed::accept(const TradeRow& row) {
  if (!first_id_) first_id_ = row.id;
  last_id_ = row.id;
  cursor_ns_ = std::max(cursor_ns_, row.at.ns);
  builder_.add(row);
  events_.push_back(event::SpotSeen{event::SpotVenue::kraken, row.at, row.price.value()});
}

void Feed::on_trades(const Trades& trades, bool live, Time now) {
  for (const auto& row : trades.rows) {
    if (row.symbol != "BTC/USD") continue;
    if (!row.id) {
      poll_at_ = std::min(poll_at_, now);  // v1: ask REST what it was
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
  if (live) request(now);
}

void Feed::drain_waiting() {
  while (!waiting_.empty() && last_id_ && *waiting_.front().id <= *last_id_ + 1) {
    if (*waiting_.front().id == *last_id_ + 1) accept(waiting_.front());
    waiting_.pop_front();
  }
}

// One request at a time, at the venue's rate: the week before the start, what was missed, what is in doubt, the
// minutes of that week.
void Feed::request(Time now) {
  if (asked_ || now < ask_at_) return;
  if (to_fill_ && first_id_) {
    fill_.emplace(to_fill_->first, to_fill_->second, *first_id_);
    to_fill_.reset();
  }
  const bool connected = supervisor_.phase() == StreamPhase::recovering || supervisor_.live();
  Asked asked{requests_ + 1, Ask::trades, now};
  std::string target;
  if (history_) {
    asked.what = Ask::history;
    target = history_->target();
  } else if (connected && (catching_up_ || checking_ || (rules_.v1 && now >= poll_at_))) {
    // A nanosecond before the last trade: those that share its time come again and are dropped by their ids.
    target = fmt::format("/0/public/Trades?pair=XBTUSD&count=1000&since={}", std::max<std::int64_t>(0, cursor_ns_ - 1));
  } else if (recheck_) {
    asked.what = Ask::recheck;
    target = recheck_->target();
  } else if (fill_ && healthy()) {
    asked.what = Ask::fill;
    target = fill_->target();
  } else {
    return;
  }
  asked_ = asked;
  requests_ = asked.number;
  ask_at_ = now + rules_.request_spacing;
  actions_.push_back(out::Get{asked.number, std::move(target)});
}

void Feed::rest_answer(std::uint64_t number, std::string_view body, Time now) {
  if (!asked_ || asked_->number != number) return;
  const Asked asked = *std::exchange(asked_, std::nullopt);
  const auto decoded = decoder_.frame(body);
  if (!decoded) ++undecodable_;
  const auto* trades = decoded ? std::get_if<Trades>(&decoded->message) : nullptr;
  if (!decoded || std::holds_alternative<Refusal>(decoded->message)) {
    ask_at_ = now + rules_.request_spacing * 5;
    if (asked.what == Ask::history) history_failed();
    if (asked.what == Ask::fill && !decoded) answered_fill(Unknown{}, now);  // a page that can't be read is none
  } else if (asked.what == Ask::history) {
    answered_history(decoded->message);
  } else if (asked.what == Ask::fill) {
    answered_fill(decoded->message, now);
  } else if (asked.what == Ask::recheck) {
    answered_recheck(decoded->message, now);
  } else if (trades != nullptr) {
    answered_trades(*trades, asked.at, now);
  } else {
    ++undecodable_;
    ask_at_ = now + rules_.request_spacing * 5;
  }
  act(now);
}

void Feed::answered_trades(const Trades& trades, Time asked_at, Time now) {
  const auto before = last_id_;
  on_trades(trades, false, now);
  drain_waiting();
  if (std::exchange(checking_, false) && last_id_ != before)
    return supervisor_.failed(supervisor_.generation(), "trades happen that the stream does not tell", now);
  // A full page has more behind it; and where live trades wait REST lags the stream. Both: ask again.
  if (trades.rows.size() >= kFullPage || !waiting_.empty()) return;
  if (supervisor_.phase() != StreamPhase::recovering && !supervisor_.live()) return;
  supervisor_.recovered(supervisor_.generation(), now);
  catching_up_ = false;
  poll_at_ = now + rules_.poll_every;
  close_bars(rules_.v1 ? asked_at : now);  // v1 knows the trades up to when it asked
}

void Feed::answered_history(const Message& message) {
  const auto* candles = std::get_if<Candles>(&message);
  const auto* none = std::get_if<Trades>(&message);  // an empty list does not tell what it is a list of
  if (candles == nullptr && (none == nullptr || !none->rows.empty())) return history_failed();
  if (!history_->answer(candles != nullptr ? *candles : Candles{})) return history_failed();
  history_failures_ = 0;
  history_done();
}

void Feed::history_failed() {
  if (++history_failures_ < kHistoryTries) return;
  history_failures_ = 0;
  history_->skip();
  history_done();
}

void Feed::history_done() {
  if (!history_->done()) return;
  const auto bars = history_->bars();
  for (const auto& bar : bars) events_.push_back(bar);
  if (!bars.empty() && bars.back().candle.begin + bars.back().interval == history_->until())
    builder_.open_at(history_->until(), std::llround(bars.back().candle.close * 1e8));
  // The oldest bar stays: what a minute in it would be flat at is not known.
  if (rules_.fill && bars.size() > 1) to_fill_ = {bars[1].candle.begin, history_->until()};
  history_.reset();
}

void Feed::answered_fill(const Message& message, Time now) {
  for (const auto& bar : fill_->answer(message, now))
    events_.push_back(event::CandleClosed{event::SpotVenue::kraken, 1_min, bar});
  filling_ = fill_->filling(now);
  if (fill_->done()) fill_.reset();
}

void Feed::answered_recheck(const Message& message, Time now) {
  const auto* trades = std::get_if<Trades>(&message);
  if (!recheck_) return;
  const auto whole = trades != nullptr ? recheck_->answer(*trades) : Result<bool>{fail("no trades")};
  if (!whole) {
    ++undecodable_;
    recheck_.emplace(recheck_->begin());  // from its first page again
    ask_at_ = now + rules_.request_spacing * 5;
  } else if (*whole) {
    corrected_ += recheck_->correct(builder_);
    recheck_.reset();
    give_bars();
  }
}

void Feed::rest_failed(std::uint64_t number, const std::string&, Time now) {
  if (!asked_ || asked_->number != number) return;
  const Asked asked = *std::exchange(asked_, std::nullopt);
  ask_at_ = now + rules_.request_spacing * 3;
  if (asked.what == Ask::history) history_failed();
}

void Feed::give_bars() {
  for (auto& built : builder_.take()) {
    if (built.revision) revisions_.push_back(built);
    events_.push_back(event::CandleClosed{event::SpotVenue::kraken, 1_min, built.candle});
  }
}

void Feed::close_bars(Time now) {
  // While trades may be missing no bar is closed: a bar that is given is one that was whole.
  if (catching_up_ || !supervisor_.live()) return;
  builder_.advance(now);
  give_bars();
}

void Feed::audit(Time now) {
  if (!healthy()) return;
  while (const auto finding = audit_.next(builder_, now)) {
    if (finding->verdict == BarAudit::Verdict::silent)
      return supervisor_.failed(supervisor_.generation(), "the five-minute bars are silent", now);
    if (finding->verdict == BarAudit::Verdict::equal) continue;
    ++differences_;
    recheck_.emplace(finding->begin);
    return;
  }
}

std::string Feed::why_not() const {
  if (!supervisor_.live()) return supervisor_.why();
  if (catching_up_) return "missed trades are being fetched";
  if (recheck_) return "the five minutes from " + format_iso(recheck_->begin()) + " are not the venue's own";
  return {};
}

void Feed::say_health() {
  const bool changed = !schema_.changed().empty();
  if (changed && !std::exchange(schema_told_, true)) said_.reset();
  const auto health = healthy() && !changed ? event::Health::healthy : event::Health::down;
  if (said_ == health) return;
  said_ = health;
  const std::string why = changed ? "schema: Kraken: " + schema_.changed() : why_not();
  for (const auto stream : {event::Stream::spot, event::Stream::candles}) {
    events_.push_back(event::StreamHealth{stream, health, why});
  }
}

void Feed::tick(Time now) {
  supervisor_.tick(now);
  if (asked_ && now - asked_->at > kRestTimeout) rest_failed(asked_->number, "no answer", now);
  // Candles move without a trade having come: the trade channel may be dead while its sister lives.
  if (!rules_.v1 && healthy() && candle_at_ > trade_at_ + kWitness && now > candle_at_ + kWitness && !asked_) {
    checking_ = true;
    trade_at_ = now;
  }
  if (!rules_.v1) close_bars(now);
  audit(now);
  request(now);
  act(now);
}

}  // namespace voltage::venue::kraken
