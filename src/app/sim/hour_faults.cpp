// What goes wrong in an hour, and who else is in it.
#include <algorithm>
#include <array>

#include "app/sim/hour.hpp"

namespace voltage::app::sim {

void Hour::cross(Time at, const Fault& f) {
  if (windows_.empty()) return;
  // Someone bids a dollar less a tenth of a cent, above every ask, and takes it back later.
  const event::BookDelta in{windows_[f.salt % windows_.size()], Side::bid, Price{9'990}, Qty{100}};
  event::BookDelta out = in;
  out.change = Qty{-100};
  truth(at, in);
  venue_later_.emplace_back(at + f.length, out);
  std::stable_sort(venue_later_.begin(), venue_later_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

void Hour::start_fault(const Fault& f) {
  const Time until = f.at + f.length;
  const auto silence = [&](event::Stream s) {
    auto& end = silent_until_[static_cast<std::size_t>(s)];
    end = std::max(end, until);
  };
  switch (f.kind) {
    case FaultKind::drop:
      return feed_.drop_next();
    case FaultKind::duplicate:
      return feed_.duplicate_next();
    case FaultKind::reorder:
      return feed_.reorder_next();
    case FaultKind::delay:
      return feed_.delay_until(until);
    case FaultKind::market_down:
      health(f.at, event::Stream::kalshi_market, event::Health::down);
      silence(event::Stream::kalshi_market);
      for (const auto& seen : seen_) {
        const auto id = seen.contract.id;
        if (!down_until_ && core_->engine().books().has(id)) tell(f.at, event::BookLost{id, "the connection died"});
      }
      return feed_.cut(f.at, until);
    case FaultKind::index_silent:
      return silence(event::Stream::index);
    case FaultKind::spot_silent:
      return silence(event::Stream::spot);
    case FaultKind::candles_silent:
      return silence(event::Stream::candles);
    case FaultKind::requests_down:
      orders_.cut_requests(until);
      if (f.salt % 2 == 0) return;
      [[fallthrough]];  // and nothing is heard either
    case FaultKind::private_down:
      health(f.at, event::Stream::kalshi_private, event::Health::down);
      silence(event::Stream::kalshi_private);
      return orders_.cut_stream(until);
    case FaultKind::crossed:
      return cross(f.at, f);
    case FaultKind::clock_step: {
      static constexpr std::array<std::int64_t, 6> kSteps{-60'000, -5'000, -300, 300, 5'000, 60'000};
      clock_off_ = Duration{kSteps[f.salt % kSteps.size()] * 1'000'000};
      clock_off_until_ = until;
      return;
    }
    case FaultKind::forecast_late:
      forecast_late_until_ = until + 1_min;
      return;
    case FaultKind::forecast_fails:
      forecast_fails_until_ = until + 3_min;
      return;
    case FaultKind::request_lost:
    case FaultKind::answer_lost:
    case FaultKind::refused:
    case FaultKind::fills_late:
    case FaultKind::fills_twice:
    case FaultKind::fills_first:
    case FaultKind::amend_lost:
    case FaultKind::amend_answer_lost:
    case FaultKind::amend_refused:
    case FaultKind::cancel_lost:
    case FaultKind::cancel_answer_lost:
    case FaultKind::request_late:
    case FaultKind::too_many:
      return orders_.befall(f);
    case FaultKind::by_hand:
      return trade_by_hand(f);
    case FaultKind::kill:
      tell(f.at, event::OperatorSaid{event::OperatorAction::kill, "simulated"});
      return later(until, event::OperatorSaid{event::OperatorAction::resume, "simulated"});
    case FaultKind::settlement_amended:
      amend_ = f;
      return;
    case FaultKind::disk_down:
      health(f.at, event::Stream::journal, event::Health::down);
      return silence(event::Stream::journal);
    case FaultKind::crash:
      return crash(f.at, f.at + kStarting + f.length);
  }
}

// A person on the same account sells some of what we may hold, or buys it.
void Hour::trade_by_hand(const Fault& f) {
  if (windows_.empty() || f.at + 1_s >= window_close_) return;
  const auto id = windows_[f.salt % windows_.size()];
  const Price price{feed_.best_bid(id)};
  if (price.pips <= 0) return;
  const Qty qty{100 + static_cast<std::int64_t>(f.salt % 4) * 100};
  orders_.trade_by_hand(id, f.salt % 8 < 4 ? Side::ask : Side::bid, price, qty, f.at);
}

// The guard: a process of its own, which lives on when ours dies.
void Hour::guard(Time now) {
  if (!guarded_) return;
  const Time beat = down_since_.value_or(now);
  guard_.on_pulse(Duration{now.ns}, io::PulseSeen{1, 1, 1, Duration{beat.ns}, false});
  if (!guard_.sweep().empty()) orders_.sweep(now);
}

// The edge's watchdogs, once a second.
void Hour::watch_streams(Time now) {
  for (const auto stream : kPlain) {
    const auto i = static_cast<std::size_t>(stream);
    const Duration patience = stream == event::Stream::candles ? 65_s : kWatchdog;
    if (told_health_[i] == event::Health::healthy && now - last_said_[i] > patience) {
      health(now, stream, event::Health::stale);
    }
  }
  for (const auto stream : {event::Stream::kalshi_market, event::Stream::kalshi_private, event::Stream::journal}) {
    if (now >= silent_until_[static_cast<std::size_t>(stream)]) health(now, stream, event::Health::healthy);
  }
}

// Other people at the far end of the book, twice a second: a busy socket. Never near enough to cross.
void Hour::others_trade(Time at) {
  if (windows_.empty() || at >= window_close_) return;
  const auto id = windows_[rng_.below(windows_.size())];
  const Side side = feed_.best_bid(id) < 9'900 ? Side::ask : Side::bid;
  const Price price = side == Side::ask ? Price{9'990} : Price{10};
  const Qty some{static_cast<std::int64_t>(100 + rng_.below(900))};
  truth(at, event::BookDelta{id, side, price, some});
  truth(at, event::BookDelta{id, side, price, -some});
}

}  // namespace voltage::app::sim
