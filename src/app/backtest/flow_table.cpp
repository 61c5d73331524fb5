#include "app/backtest/flow_table.hpp"

#include <cmath>
#include <limits>

namespace voltage::app::backtest {
namespace {

using namespace literals;

constexpr std::array<Duration, 3> kLater{1_s, 10_s, 60_s};
constexpr double kSome = 0.1;  // persistence below this is none
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr event::Vetoes kLeft = event::bit(event::Veto::flow_against);

}  // namespace

std::optional<double> FlowTable::mid(event::ContractId id) const {
  const auto& listing = engine_.books().at(id);
  if (listing.trust != market::Trust::valid) return std::nullopt;
  return listing.book.mid();
}

void FlowTable::on(const event::Event& e) {
  std::erase_if(open_, [&](std::size_t i) {
    Entry& entry = entries_[i];
    for (std::size_t k = 0; k < kLater.size(); ++k) {
      if (!entry.later[k] && e.at >= entry.at + kLater[k]) entry.later[k] = mid(entry.contract).value_or(kNaN);
    }
    return entry.later.back().has_value();
  });
}

void FlowTable::on(const event::Event& cause, const event::Effect& fx) {
  if (const auto* order = std::get_if<event::PlaceOrder>(&fx)) {
    const auto& t = order->terms();
    if (t.post_only) return;  // what waits to be taken is no entry yet
    enter(cause.at, t.contract, t.side, t.limit, false);
  } else if (const auto* d = std::get_if<event::Decision>(&fx)) {
    const auto& listing = engine_.books().at(d->contract);
    const auto bid = listing.book.best(Side::bid), ask = listing.book.best(Side::ask);
    if (listing.trust == market::Trust::valid) flows_[d->contract].on_top(cause.at, bid, ask);
    if (d->vetoes != kLeft || !bid || !ask) return;
    const auto [last, fresh] = left_at_.try_emplace(d->contract, cause.at);
    if (!fresh && cause.at - last->second < 60_s) return;
    last->second = cause.at;
    const bool buys = d->blend > d->microprice;
    enter(cause.at, d->contract, buys ? Side::bid : Side::ask, buys ? ask->price : bid->price, true);
  }
}

void FlowTable::enter(Time at, event::ContractId contract, Side side, Price price, bool left) {
  const double flow = static_cast<double>(sign(side)) * flows_[contract].persistence();
  Group group = flow > kSome ? Group::with : flow < -kSome ? Group::against : Group::none;
  if (left) group = Group::left;
  open_.push_back(entries_.size());
  entries_.push_back({contract, at, price.dollars(), static_cast<double>(sign(side)), group, {}});
}

std::vector<FlowRow> FlowTable::rows() const {
  static constexpr std::array<const char*, 4> kNames{"taken, flow with us", "taken, no flow to speak of",
                                                     "taken, flow against us", "left by the filter"};
  std::vector<FlowRow> out;
  for (std::size_t g = 0; g < kNames.size(); ++g) {
    FlowRow row{kNames[g], 0, 0, {kNaN, kNaN, kNaN}, kNaN};
    std::array<double, 3> sum{}, count{};
    std::map<event::ContractId, std::vector<double>> last;
    for (const Entry& e : entries_) {
      if (static_cast<std::size_t>(e.group) != g) continue;
      ++row.entries;
      for (std::size_t k = 0; k < 3; ++k) {
        if (!e.later[k] || std::isnan(*e.later[k])) continue;
        const double cents = 100 * e.side * (*e.later[k] - e.price);
        sum[k] += cents;
        count[k] += 1;
        if (k == 2) last[e.contract].push_back(cents);
      }
    }
    for (std::size_t k = 0; k < 3; ++k) {
      if (count[k] > 0) row.markout[k] = sum[k] / count[k];
    }
    row.markets = static_cast<std::int64_t>(last.size());
    if (last.size() >= 2) {
      double square = 0;
      for (const auto& [contract, all] : last) {
        double off = 0;
        for (const double c : all) off += c - row.markout[2];
        square += off * off;
      }
      const double n = static_cast<double>(last.size());
      row.se_60s = std::sqrt(square * n / (n - 1)) / count[2];
    }
    out.push_back(row);
  }
  return out;
}

}  // namespace voltage::app::backtest
