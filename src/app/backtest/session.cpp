#include "app/backtest/session.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "venue/tape/tape.hpp"

namespace voltage::app::backtest {
namespace {

using namespace literals;

// Determined to final on the real venue: seen 145 s after the close.
constexpr Duration kSettlementDelay = 145_s;
constexpr Duration kSpotQuietMax = 30_s;
// Spot trades so long before a session are heard: they lie beside the strike that was fixed in that time, which is what
// teaches the basis. As long as the nowcast remembers.
constexpr Duration kSpotBefore = 20_min;

// Builds the minute bars of the spot trades. A minute without a trade is flat at the last price; a minute
// that the session did not see from its start gives no bar. Volume is not in the recording: missing.
class MinuteBars {
 public:
  explicit MinuteBars(Time start) : next_close_{Time{(start.ns / (1_min).ns + 2) * (1_min).ns}} {}

  Time next_close() const { return next_close_; }
  void add(const io::SpotTick& tick) {
    last_ = tick.price;
    last_at_ = tick.received;
    if (tick.received < next_close_ - 1_min) return;
    if (!open_) open_ = market::Candle{{}, tick.price, tick.price, tick.price, tick.price, 0, 0, 0};
    open_->high = std::max(open_->high, tick.price);
    open_->low = std::min(open_->low, tick.price);
    open_->close = tick.price;
  }
  // The minute that ends at next_close(); empty if the feed had died by then.
  std::optional<market::Candle> close() {
    const Time end = std::exchange(next_close_, next_close_ + 1_min);
    auto bar = std::exchange(open_, std::nullopt);
    if (!bar && last_ && end - last_at_ < 5_min) bar = market::Candle{{}, *last_, *last_, *last_, *last_, 0, 0, 0};
    if (!bar) return std::nullopt;
    constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
    bar->begin = end - 1_min;
    bar->volume = bar->trades = bar->taker_buy = kMissing;
    return bar;
  }

 private:
  Time next_close_;
  std::optional<market::Candle> open_;
  std::optional<double> last_;
  Time last_at_{};
};

class Player {
 public:
  Player(const Inputs& inputs, Tickers& tickers, Settlements& settlements, World& world)
      : inputs_{inputs}, tickers_{tickers}, settlements_{settlements}, world_{world} {}

  void start(Time first) {
    started_ = true;
    const Time heard = std::max(world_.now(), first - kSpotBefore);
    settlements_.settle_before(world_, heard);
    bars_.emplace(first);
    spot_ = std::partition_point(inputs_.spot.begin(), inputs_.spot.end(),
                                 [&](const auto& t) { return t.received < heard; }) -
            inputs_.spot.begin();
    bar_ = std::partition_point(inputs_.history.bars.begin(), inputs_.history.bars.end(),
                                [&](const auto& b) { return b.begin + inputs_.history.interval <= first; }) -
           inputs_.history.bars.begin();
    others_before(first);
    for (std::ptrdiff_t i = 0; i + 1 < bar_; ++i) {
      world_.preload(
          {event::SpotVenue::binance, inputs_.history.interval, inputs_.history.bars[static_cast<std::size_t>(i)]});
    }
    health(first, event::Stream::kalshi_market, event::Health::healthy);
    health(first, event::Stream::candles, event::Health::healthy);
    // The last bar before the session is told: it is a price, and the first forecast stands on it.
    if (bar_ > 0) tell_coarse(first, inputs_.history.bars[static_cast<std::size_t>(bar_ - 1)]);
  }

  // Everything but the tape that happened before `until`.
  void others_before(Time until) {
    for (;;) {
      const Time spot = next_spot(), minute = bars_->next_close(), settle = next_settlement(), coarse = next_coarse();
      const Time first = std::min({spot, minute, settle, coarse});
      if (first >= until) return;
      if (first == spot)
        take_spot();
      else if (first == minute)
        close_minute();
      else if (first == coarse)
        close_coarse();
      else
        settlements_.settle_next(world_);
    }
  }

  void take(const venue::tape::Record& record) {
    if (!started_) start(record.received);
    others_before(record.received);
    watch_spot(record.received);
    ++counts_.records;
    if (record.hole) {
      ++counts_.sequence_holes;
      world_.happen(record.received, event::BookLost{tickers_.id(record.market), "a hole in the sequence"});
    }
    std::visit([&](const auto& what) { tell(record, what); }, record.what);
  }

  // The session ended: no stream can be believed any more. What is under way goes on until the next one.
  SessionCounts finish(Time last) {
    for (const auto stream : {event::Stream::kalshi_market, event::Stream::spot, event::Stream::candles}) {
      health(last, stream, event::Health::down);
    }
    return counts_;
  }

 private:
  Time next_spot() const {
    const auto i = static_cast<std::size_t>(spot_);
    return i < inputs_.spot.size() ? inputs_.spot[i].received : kNever;
  }
  Time next_coarse() const {
    const auto i = static_cast<std::size_t>(bar_);
    return i < inputs_.history.bars.size() ? inputs_.history.bars[i].begin + inputs_.history.interval : kNever;
  }
  Time next_settlement() const { return settlements_.next().value_or(kNever); }

  void health(Time at, event::Stream stream, event::Health h) {
    world_.happen(at, event::StreamHealth{stream, h, "recording"});
  }

  void take_spot() {
    const io::SpotTick& tick = inputs_.spot[static_cast<std::size_t>(spot_++)];
    ++counts_.spot_ticks;
    last_spot_ = tick.received;
    bars_->add(tick);
    if (!spot_healthy_) health(tick.received, event::Stream::spot, event::Health::healthy);
    spot_healthy_ = true;
    world_.happen(tick.received, event::SpotSeen{event::SpotVenue::coinbase, tick.exchange, tick.price});
  }

  void watch_spot(Time now) {
    if (!spot_healthy_ || now - last_spot_ <= kSpotQuietMax) return;
    spot_healthy_ = false;
    health(now, event::Stream::spot, event::Health::stale);
  }

  void close_minute() {
    const Time at = bars_->next_close();
    const auto bar = bars_->close();
    if (!bar) return;
    last_minute_bar_ = at;
    world_.happen(at, event::CandleClosed{event::SpotVenue::coinbase, 1_min, *bar});
  }

  // A 5-minute bar of the other venue is told only where the session's own bars do not cover it.
  void close_coarse() {
    const Time at = next_coarse();
    const market::Candle& bar = inputs_.history.bars[static_cast<std::size_t>(bar_++)];
    if (last_minute_bar_ && at - *last_minute_bar_ < inputs_.history.interval) return;
    tell_coarse(at, bar);
  }

  void tell_coarse(Time at, const market::Candle& bar) {
    world_.happen(at, event::CandleClosed{event::SpotVenue::binance, inputs_.history.interval, bar});
  }

  void tell(const venue::tape::Record& record, const venue::tape::Watch& watch) {
    market::Contract contract;
    contract.id = tickers_.id(record.market);
    contract.ticker = record.market;
    contract.series = record.market.substr(0, record.market.find('-'));
    contract.event = record.market.substr(0, record.market.rfind('-'));
    contract.close = watch.close;
    contract.open = watch.close - 15_min;
    contract.strike = {market::StrikeType::greater_or_equal, watch.strike, std::nullopt};
    contract.strike_is_opening_average = true;
    contract.ticks = market::TickGrid::tapered_deci_cent();
    world_.happen(record.received, event::ContractSeen{contract});
    settlements_.watch(record.market, contract.id, watch.close);
  }
  void tell(const venue::tape::Record& record, const venue::tape::Connected&) {
    world_.happen(record.received, event::BookLost{tickers_.id(record.market), "a new connection"});
  }
  void tell(const venue::tape::Record& record, const venue::tape::Snapshot& s) {
    world_.happen(record.received, event::BookSnapshot{tickers_.id(record.market), s.bids, s.asks});
  }
  void tell(const venue::tape::Record& record, const venue::tape::Delta& d) {
    ++counts_.deltas;
    world_.happen(record.received, event::BookDelta{tickers_.id(record.market), d.side, d.price, d.change});
  }
  void tell(const venue::tape::Record& record, const venue::tape::Ticker& t) {
    world_.happen(record.received, event::TickerSeen{tickers_.id(record.market), t.last, t.bid, t.ask});
  }
  void tell(const venue::tape::Record&, const venue::tape::Other&) {}

  const Inputs& inputs_;
  Tickers& tickers_;
  Settlements& settlements_;
  World& world_;
  bool started_{false};
  std::optional<MinuteBars> bars_;
  std::ptrdiff_t spot_{0}, bar_{0};
  bool spot_healthy_{false};
  Time last_spot_{};
  std::optional<Time> last_minute_bar_;
  SessionCounts counts_;
};

}  // namespace

event::ContractId Tickers::id(const std::string& ticker) {
  const auto [entry, fresh] = ids_.try_emplace(ticker, event::ContractId{static_cast<std::uint32_t>(names_.size())});
  if (fresh) names_.push_back(ticker);
  return entry->second;
}

void Settlements::watch(const std::string& ticker, event::ContractId id, Time close) {
  const auto row = outcomes_.find(ticker);
  if (!watched_.try_emplace(ticker, true).second || row == outcomes_.end() || !row->second.result) return;
  waiting_.push_back({close + kSettlementDelay, id, {id, *row->second.result, row->second.settlement}});
  std::sort(waiting_.begin(), waiting_.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
}

std::optional<Time> Settlements::next() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.front().at;
}

void Settlements::settle_next(World& world) {
  const Waiting next = waiting_.front();
  waiting_.erase(waiting_.begin());
  world.happen(next.at, next.what);
}

void Settlements::settle_before(World& world, Time until) {
  for (auto at = next(); at && *at < until; at = next()) {
    world.rest(*at);
    settle_next(world);
  }
  world.rest(until);
}

Result<SessionCounts> play_session(const std::string& file, const Inputs& inputs, Tickers& tickers,
                                   Settlements& settlements, World& world) {
  auto reader = venue::tape::TapeReader::open(file);
  if (!reader) return tl::unexpected(reader.error());
  Player player{inputs, tickers, settlements, world};
  Time last{};
  for (;;) {
    auto record = reader->next();
    if (!record) return tl::unexpected(record.error());
    if (!*record) break;
    if (last.ns == 0 && (*record)->received < world.now())
      return fail(file + ": begins before the recording before it ends; they must not overlap, in the order of names");
    player.take(**record);
    last = (*record)->received;
  }
  if (last.ns == 0) return fail(file + ": has no record");
  return player.finish(last);
}

}  // namespace voltage::app::backtest
