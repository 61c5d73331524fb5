// How what settles at one instant moves with bitcoin and with its volatility, by differences of a price that stands
// on what the core was told: the newest forecast and the newest value of the index. A cruder price than the core's
// (no doubt about the index, nothing of the last minute), so it asks only where that makes little difference.
#include <cmath>

#include "app/sim/auditor.hpp"

namespace voltage::app::sim {

using namespace literals;

namespace {

constexpr Duration kFresh = 2_s;
constexpr Duration kFar = 3_min;      // to the close: the last minute and the doubt about the index count for little
constexpr double kAveraging = 39.5;   // seconds that the settlement average takes off
constexpr double kYear = 31'557'600;  // seconds
constexpr double kRoughly = 1.2;      // what the cruder price may be off by
constexpr double kSmall = 0.01;       // of the limit

double below(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

struct Part {
  double weight, mean, variance;
};

// The forecast's components over `seconds`: straight lines between its horizons, through nothing at zero.
std::vector<Part> parts_over(const event::ForecastReady& forecast, double seconds) {
  const auto& nodes = forecast.nodes;
  std::size_t next = 0;
  while (next < nodes.size() && nodes[next].horizon.seconds() < seconds) ++next;
  std::vector<Part> out;
  for (std::size_t i = 0; i < nodes[0].components.size(); ++i) {
    const auto at = [&](std::size_t n) {
      const auto& [weight, mean, sd] = nodes[n].components[i];
      return Part{weight, mean, sd * sd};
    };
    if (next == 0 || next == nodes.size()) {
      const std::size_t n = next == 0 ? 0 : next - 1;
      const double share = seconds / nodes[n].horizon.seconds();
      out.push_back({at(n).weight, at(n).mean * std::sqrt(share), at(n).variance * share});
      continue;
    }
    const double from = nodes[next - 1].horizon.seconds(), to = nodes[next].horizon.seconds();
    const double u = (seconds - from) / (to - from);
    const Part a = at(next - 1), b = at(next);
    out.push_back({a.weight, a.mean + u * (b.mean - a.mean), a.variance + u * (b.variance - a.variance)});
  }
  return out;
}

// P(YES) with bitcoin at `usd` and every deviation `k` times as large.
double price(const market::Strike& strike, const std::vector<Part>& parts, double usd, double k) {
  const auto above = [&](double level) {
    double p = 0;
    for (const Part& c : parts)
      p += c.weight * below((std::log(usd / level) + k * c.mean) / (k * std::sqrt(c.variance)));
    return p;
  };
  const double over_floor = strike.floor ? above(strike.floor->usd()) : 1;
  const double over_cap = strike.cap ? above(strike.cap->usd()) : 0;
  switch (strike.type) {
    case market::StrikeType::greater:
    case market::StrikeType::greater_or_equal:
      return over_floor;
    case market::StrikeType::less:
    case market::StrikeType::less_or_equal:
      return 1 - over_cap;
    case market::StrikeType::between:
      return over_floor - over_cap;
  }
  return 0;
}

}  // namespace

void Auditor::follow_inputs(const event::Event& e) {
  if (const auto* forecast = std::get_if<event::ForecastReady>(&e.what)) forecast_ = *forecast;
  if (const auto* index = std::get_if<event::IndexSeen>(&e.what)) {
    const Duration off = e.at - index->value_time;
    index_ = {off < kFresh && Duration{-kFresh.ns} < off ? e.at : Time{}, index->value.usd()};
  }
}

bool Auditor::forecast_is_old(Time now) const {
  return !forecast_ || now - forecast_->bar_close > forecast_age_max_;
}

std::optional<Auditor::Slopes> Auditor::slopes(const market::Contract& contract, Time now) const {
  const double seconds = (contract.close - now).seconds() - kAveraging;
  if (!forecast_ || now - index_.at > kFresh || contract.close - now < kFar || !contract.strike.known())
    return std::nullopt;
  const auto parts = parts_over(*forecast_, seconds);
  double mean = 0, square = 0;
  for (const Part& c : parts) {
    mean += c.weight * c.mean;
    square += c.weight * (c.variance + c.mean * c.mean);
  }
  const double annual = std::sqrt((square - mean * mean) / seconds * kYear);
  constexpr double h = 1e-5;
  const auto at = [&](double usd, double k) { return price(contract.strike, parts, index_.usd * usd, k); };
  return Slopes{(at(1 + h, 1) - at(1 - h, 1)) / (2 * h) * 0.01,
                (at(1, 1 + h) - at(1, 1 - h)) / (2 * h) * 0.01 / annual};
}

// Everything that settles with the order, held and on its way, as if all of it were filled.
void Auditor::check_sensitivity(const event::OrderTerms& o, Time now, const std::string& id) {
  const Time close = lines_.at(o.contract.v).contract->close;
  std::map<std::uint32_t, std::int64_t> held;
  for (const auto& [contract, line] : lines_) {
    if (line.contract && line.contract->close == close) held[contract] = told_.position(contract);
  }
  const auto add = [&](const event::OrderTerms& order) {
    const auto entry = held.find(order.contract.v);
    if (entry != held.end()) entry->second += order.side == Side::bid ? order.qty.centis : -order.qty.centis;
  };
  for (const std::uint64_t other : live_) {
    if (other != o.order.v) add(at_most(orders_.at(other)));
  }
  const auto sum = [&]() -> std::optional<Slopes> {
    Slopes out;
    for (const auto& [contract, centis] : held) {
      if (centis == 0) continue;
      const auto each = slopes(*lines_.at(contract).contract, now);
      if (!each) return std::nullopt;
      out.delta += each->delta * static_cast<double>(centis) * 0.01;
      out.vega += each->vega * static_cast<double>(centis) * 0.01;
    }
    return out;
  };
  // What an amend adds to is the order as it stands, and what it comes to is without it.
  const auto beside = held;
  if (const auto found = orders_.find(o.order.v); found != orders_.end()) add(at_most(found->second));
  const auto before = sum();
  held = beside;
  add(o);
  const auto after = sum();
  if (!before || !after) return;
  const auto worse = [](double was, double is, double limit) {
    return std::abs(is) > limit * kRoughly && std::abs(is) > std::abs(was) + limit * kSmall;
  };
  if (worse(before->delta, after->delta, config_.limits.delta_1pct_max))
    breach(id + "delta of its instant beyond the cap");
  if (worse(before->vega, after->vega, config_.limits.vega_point_max))
    breach(id + "vega of its instant beyond the cap");
}

}  // namespace voltage::app::sim
