#include "app/evaluation/drift_watch.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/run/bundle_edge.hpp"
#include "strategy/drift.hpp"

namespace voltage::app {
namespace {

using namespace literals;

constexpr Duration kHistory = 24_h * 45;  // more than any window of the features needs
constexpr auto kMarket = static_cast<std::size_t>(event::DriftKind::market);

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

double days(const DriftWatch& w) {
  return static_cast<double>(w.minutes) / 1440;
}

double a_day(std::int64_t alarms, const DriftWatch& w) {
  return w.minutes > 0 ? static_cast<double>(alarms) / days(w) : 0;
}

}  // namespace

void DriftWatch::add(const DriftWatch& more) {
  const auto sum = static_cast<double>(minutes) * size + static_cast<double>(more.minutes) * more.size;
  minutes += more.minutes;
  settled += more.settled;
  any_standing += more.any_standing;
  told.insert(told.end(), more.told.begin(), more.told.end());
  for (std::size_t k = 0; k < alarms.size(); ++k) alarms[k] += more.alarms[k], standing[k] += more.standing[k];
  size = minutes > 0 ? sum / static_cast<double>(minutes) : 0;
}

DriftWatch watch_drift(std::shared_ptr<const forecast::Bundle> bundle, const io::Candles& candles, Time from, Time to,
                       const std::function<void(double done)>& shown) {
  DriftWatch out;
  BundleEdge edge{std::move(bundle), "evaluated"};
  strategy::Drift drift;
  double sizes = 0;
  std::uint64_t request = 0;
  for (const auto& bar : candles.fine.bars) {
    if (bar.begin < from - kHistory) continue;
    if (bar.begin > to) break;
    // Which venue the bars are of does not matter here, only that it is one.
    const event::CandleClosed closed{event::SpotVenue::binance, candles.fine.interval, bar};
    edge.learn(closed);
    if (bar.begin < from) continue;
    drift.on(closed);
    const Time end = bar.begin + candles.fine.interval;
    if (const auto ready = edge.forecast({++request, end})) {
      drift.on(end, *ready);
    } else {
      drift.on(event::ForecastFailed{request, ready.error().message});
    }
    for (const auto& news : drift.take_news()) {
      out.alarms[static_cast<std::size_t>(news.kind)] += news.sounding ? 1 : 0;
      out.told.push_back({end, news});
    }
    bool any = false;
    for (std::size_t k = 0; k < event::kDriftKinds; ++k) {
      const bool sounds = drift.sounding(static_cast<event::DriftKind>(k));
      out.standing[k] += sounds ? 1 : 0;
      any = any || sounds;
    }
    out.any_standing += any ? 1 : 0;
    ++out.minutes;
    sizes += drift.size();
    if (out.minutes % 1440 == 0) shown((end - from).seconds() / std::max(1.0, (to - from).seconds()));
  }
  out.settled = drift.settled();
  out.size = out.minutes > 0 ? sizes / static_cast<double>(out.minutes) : 0;
  return out;
}

std::string drift_text(const DriftWatch& watch) {
  std::string out = fmt::format("{:.1f} days of bars, {} forecasts settled\n{:<12} {:>8} {:>10}\n", days(watch),
                                watch.settled, "alarm", "a day", "standing");
  for (std::size_t k = 0; k < event::kDriftKinds; ++k) {
    if (k == kMarket) continue;
    out += fmt::format("{:<12} {:8.3f} {:8.2f} %\n", event::name(static_cast<event::DriftKind>(k)),
                       a_day(watch.alarms[k], watch), 100 * share(watch.standing[k], watch.minutes));
  }
  return out + fmt::format("{:<12} {:>8} {:8.2f} %\nbets were multiplied with {:.3f} on average\n", "any of them", "",
                           100 * share(watch.any_standing, watch.minutes), watch.size);
}

std::string drift_json(const DriftWatch& watch) {
  nlohmann::json alarms;
  for (std::size_t k = 0; k < event::kDriftKinds; ++k) {
    if (k == kMarket) continue;
    alarms[event::name(static_cast<event::DriftKind>(k))] = {{"alarms", watch.alarms[k]},
                                                             {"a_day", a_day(watch.alarms[k], watch)},
                                                             {"standing", share(watch.standing[k], watch.minutes)}};
  }
  return nlohmann::json{{"days", days(watch)},
                        {"settled", watch.settled},
                        {"alarms", alarms},
                        {"any_standing", share(watch.any_standing, watch.minutes)},
                        {"size", watch.size}}
             .dump(1) +
         "\n";
}

}  // namespace voltage::app
