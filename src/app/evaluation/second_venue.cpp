#include "app/evaluation/second_venue.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/run/bundle_edge.hpp"
#include "forecast/answer.hpp"

namespace voltage::app {
namespace {

using namespace literals;

constexpr Duration kQuietMax = 5_min;
constexpr Duration kWarmUp = 4_min;  // of a session before it is asked: longer windows hold both venues, as live would
constexpr std::size_t kBarsMin = 8;

struct Session {
  std::vector<market::Candle> bars;
  std::size_t empty{};
};

// Whole minutes of trades; a minute without one is flat, a longer silence ends the session.
std::vector<Session> sessions_of(const std::vector<io::SpotTick>& ticks) {
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  std::vector<Session> out;
  Time last{};
  for (const auto& tick : ticks) {
    const Time begin{tick.received.ns / (1_min).ns * (1_min).ns};
    if (out.empty() || tick.received - last > kQuietMax) out.emplace_back();
    auto& bars = out.back().bars;
    while (!bars.empty() && bars.back().begin + 1_min < begin) {
      const double p = bars.back().close;
      bars.push_back({bars.back().begin + 1_min, p, p, p, p, kMissing, kMissing, kMissing});
      ++out.back().empty;
    }
    if (bars.empty() || bars.back().begin < begin) {
      bars.push_back({begin, tick.price, tick.price, tick.price, tick.price, kMissing, kMissing, kMissing});
    }
    auto& bar = bars.back();
    bar.high = std::max(bar.high, tick.price);
    bar.low = std::min(bar.low, tick.price);
    bar.close = tick.price;
    last = tick.received;
  }
  // The first and the last minute were not seen whole.
  for (auto& s : out) {
    if (s.bars.size() > 2)
      s.bars = {s.bars.begin() + 1, s.bars.end() - 1};
    else
      s.bars.clear();
  }
  std::erase_if(out, [](const Session& s) { return s.bars.size() < kBarsMin; });
  return out;
}

double probability(const event::ForecastReady& ready, const Event& event) {
  std::vector<forecast::SurfaceNode> nodes;
  for (const auto& node : ready.nodes) nodes.push_back(forecast::from_event(node));
  return forecast::Surface{ready.bar_close, ready.close, std::move(nodes)}.density(event.horizon).beyond(event.move);
}

}  // namespace

Result<SecondVenue> second_venue(const forecast::Bundle& bundle, const io::Candles& history,
                                 const std::vector<io::SpotTick>& ticks, const std::vector<Event>& events) {
  const auto& first = history.fine.bars.empty() ? history.coarse : history.fine;
  if (first.bars.empty()) return fail("the first venue has no candles");
  std::map<Time, double> closes;
  for (const auto& bar : first.bars) closes[bar.begin + first.interval] = bar.close;
  const auto shared = std::make_shared<const forecast::Bundle>(bundle);
  SecondVenue out;
  for (const auto& e : events) out.events.push_back({e, {}, {}, {}});
  for (const auto& session : sessions_of(ticks)) {
    ++out.sessions;
    out.hours += static_cast<double>(session.bars.size()) / 60;
    out.minutes_empty += session.empty;
    BundleEdge alone{shared, "first"}, mixed{shared, "second"};
    const Time start = session.bars.front().begin, end = session.bars.back().begin + 1_min;
    std::size_t next = 0;
    for (const auto& bar : first.bars) {
      const Time close = bar.begin + first.interval;
      if (close < start - 24_h * 30 || close > end) continue;
      const event::CandleClosed told{event::SpotVenue::binance, first.interval, bar};
      alone.learn(told);
      for (; next < session.bars.size() && session.bars[next].begin + 1_min <= close; ++next) {
        mixed.learn({event::SpotVenue::coinbase, 1_min, session.bars[next]});
      }
      mixed.learn(told);  // before the session: a bar; inside it: the basis alone
      if (close < start + kWarmUp) continue;
      const auto a = alone.forecast({1, close}), b = mixed.forecast({1, close});
      if (!a || !b) continue;
      for (auto& e : out.events) {
        const auto then = closes.find(close + e.event.horizon);
        if (then == closes.end()) continue;
        e.at.push_back(close);
        e.happened.push_back(std::abs(std::log(then->second / bar.close)) > e.event.move ? 1 : 0);
        e.p[0].push_back(probability(*a, e.event));
        e.p[1].push_back(probability(*b, e.event));
      }
    }
  }
  if (out.sessions == 0) return fail("no stretch of trades is longer than eight minutes");
  return out;
}

std::string second_text(const SecondVenue& r) {
  std::string out = fmt::format(
      "{} sessions, {:.1f} hours of the second venue's bars, {} of their minutes without a trade\n"
      "{:<14} {:>6} {:>9} {:>11} {:>11} {:>9} {:>12}\n",
      r.sessions, r.hours, r.minutes_empty, "event", "rows", "happened", "first venue", "second", "loss", "|p1 - p2|");
  for (const auto& e : r.events) {
    if (e.at.empty()) continue;
    const auto a = forecast::score_binary(e.p[0], e.happened), b = forecast::score_binary(e.p[1], e.happened);
    double apart = 0;
    for (std::size_t i = 0; i < e.at.size(); ++i) apart += std::abs(e.p[0][i] - e.p[1][i]);
    out += fmt::format("{:<14} {:>6} {:>8.1f}% {:>11.4f} {:>11.4f} {:>+8.2f}% {:>12.4f}\n", event_name(e.event),
                       e.at.size(), 100 * a.base_rate, a.log_loss, b.log_loss, 100 * (b.log_loss / a.log_loss - 1),
                       apart / static_cast<double>(e.at.size()));
  }
  return out;
}

std::string second_json(const SecondVenue& r) {
  nlohmann::json out = {{"sessions", r.sessions}, {"hours", r.hours}, {"minutes_empty", r.minutes_empty}};
  for (const auto& e : r.events) {
    if (e.at.empty()) continue;
    const auto a = forecast::score_binary(e.p[0], e.happened), b = forecast::score_binary(e.p[1], e.happened);
    out["events"].push_back({{"event", event_name(e.event)},
                             {"rows", e.at.size()},
                             {"base_rate", a.base_rate},
                             {"log_loss_first", a.log_loss},
                             {"log_loss_second", b.log_loss},
                             {"skill_first", a.skill},
                             {"skill_second", b.skill}});
  }
  return out.dump(1) + "\n";
}

}  // namespace voltage::app
