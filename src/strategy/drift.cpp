#include "strategy/drift.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "forecast/answer.hpp"
#include "forecast/scores.hpp"

namespace voltage::strategy {
namespace {

using namespace literals;
using event::DriftKind;

// The CUSUM of (z² − 1)/√2: what it forgives each minute, and where it sounds and stops. For a calibrated density the
// upper one reaches its bound once in years, the lower one never; a variance of four times the forecast's takes it
// there in about fifteen minutes, one of half in about two hours.
constexpr double kForgiven = 0.5, kForgivenBelow = 0.25, kSounds = 25, kStops = 5, kScoreMax = 12;

constexpr int kBlock = 15;           // overlapping forecasts that count as one
constexpr std::size_t kBlocks = 64;  // the window: 16 hours
constexpr std::size_t kBlocksMin = 16;
constexpr std::size_t kContracts = 200;
constexpr std::size_t kContractsMin = 30;
constexpr std::size_t kSeenMax = 64;
constexpr double kWorse = 3, kNotWorse = 1;  // t
constexpr double kBaselineKappa = 0.5;       // as in the baseline that stands in for a bundle
constexpr double kBaselineHalfLife = 240;    // minutes
constexpr double kStrangeMax = 0.05, kStrangeOver = 0.01;

// The regime: ln(realised / expected variance) of two hours, in units of its bound on that side. On real minutes its
// standard deviation is 0.6. The lower bound lies further out: a jump raises the forecasts that follow it, and the calm
// after it is no new regime.
constexpr Duration kRegimeSpan = 120_min;
constexpr std::size_t kRegimeMinutesMin = 108;  // nine tenths
constexpr double kHigher = 1.0, kLower = 1.8;
constexpr double kNewRegime = 1, kOldRegime = 0.5;

// The two-sided normal score of probability u: z² with P(|Z| > |z|) = 2·min(u, 1 − u).
double score_of(double u) {
  const double tail = std::clamp(std::min(u, 1 - u), 1e-12, 0.5);
  double low = 0, high = 8;
  for (int i = 0; i < 50; ++i) {
    const double z = 0.5 * (low + high);
    (1 - forecast::normal_cdf(z) > tail ? low : high) = z;
  }
  return low * low;
}

void fold(double& average, double value, double half_life, double seen) {
  const double share = std::max(1 - std::exp2(-1 / half_life), 1 / (seen + 1));
  average += share * (value - average);
}

// t of the mean; 0 with fewer than `least`.
double t_of(const std::deque<double>& values, std::size_t least) {
  if (values.size() < least) return 0;
  const auto n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double v : values) sum += v, squares += v * v;
  const double variance = (squares - sum * sum / n) / (n - 1);
  return variance > 0 ? sum / n / std::sqrt(variance / n) : 0;
}

const event::ForecastNode* node_at(const event::ForecastReady& m, Duration horizon) {
  for (const auto& node : m.nodes) {
    if (node.horizon == horizon) return &node;
  }
  return nullptr;
}

}  // namespace

void Drift::judge(DriftKind kind, double statistic, double on, double off) {
  bool& sounds = sounding_[static_cast<std::size_t>(kind)];
  if (sounds ? statistic >= off : statistic < on) return;
  sounds = !sounds;
  news_.push_back({kind, sounds, statistic, sounds ? on : off, settled_, size()});
}

double Drift::size() const {
  double size = 1;
  for (std::size_t k = 0; k < sounding_.size(); ++k) {
    if (sounding_[k]) size *= static_cast<DriftKind>(k) == DriftKind::regime ? 0.5 : 0.25;
  }
  return size;
}

std::vector<event::DriftAlarm> Drift::take_news() {
  return std::exchange(news_, {});
}

void Drift::on(Time at, const event::ForecastReady& m) {
  if (!last_ || last_->candle.begin + last_->interval != m.bar_close) return;
  if (at - m.bar_close > 30_s) return;  // an old answer
  if (const auto* ahead = node_at(m, kRegimeSpan)) {
    expected_.push_back({m.bar_close + kRegimeSpan, forecast::from_event(*ahead).density.variance()});
  }
  if (m.members.empty()) return;
  failed_ *= 0.98;
  judge(DriftKind::features, failed_, kStrangeMax, kStrangeOver);
  const auto *minute = node_at(m, 1_min), *quarter = node_at(m, 15_min);
  if (minute == nullptr || quarter == nullptr) return;
  const double sd = std::sqrt(std::max(day_, 1e-12));
  minute_.push_back({m.bar_close + 1_min, last_->venue, m.close, *minute, {}, sd});
  Open open{m.bar_close + 15_min, last_->venue, m.close, *quarter, {}, sd * std::sqrt(15.0)};
  const auto density = forecast::from_event(*quarter).density;
  const double spread = std::sqrt(density.variance());
  open.moves = {0.5 * spread, spread, 2 * spread};
  quarter_.push_back(open);
}

void Drift::on(const event::ForecastFailed& m) {
  if (!m.reason.starts_with(event::kOutsideTraining)) return;
  failed_ = 0.98 * failed_ + 0.02;
  judge(DriftKind::features, failed_, kStrangeMax, kStrangeOver);
}

void Drift::on(const event::CandleClosed& m) {
  if (m.interval != 1_min) return;
  const Time end = m.candle.begin + m.interval;
  follow_volatility(m);
  const auto settle_queue = [&](std::deque<Open>& queue, const auto& settle) {
    while (!queue.empty() &&
           (queue.front().due < end || (queue.front().due == end && queue.front().venue == m.venue))) {
      const Open open = queue.front();
      queue.pop_front();
      if (open.due == end) settle(open, std::log(m.candle.close / open.close));
    }
  };
  settle_queue(minute_, [this](const Open& o, double r) { settle_minute(o, r); });
  settle_queue(quarter_, [this](const Open& o, double r) { settle_quarter(o, r); });
}

void Drift::follow_volatility(const event::CandleClosed& m) {
  const bool next = last_ && last_->venue == m.venue && last_->candle.begin + last_->interval == m.candle.begin;
  const double r = std::log(m.candle.close / (next ? last_->candle.close : m.candle.open));
  last_ = m;
  fold(day_, r * r, kBaselineHalfLife, minutes_);
  minutes_ += 1;
  const Time end = m.candle.begin + m.interval;
  if (!last_minutes_.empty() && end <= last_minutes_.back().end) return;  // another venue's bar of the same minute
  last_minutes_.push_back({end, r * r});
  while (last_minutes_.front().end + kRegimeSpan <= end) last_minutes_.pop_front();
  settle_regime(end);
}

void Drift::settle_regime(Time end) {
  while (!expected_.empty() && expected_.front().due < end) expected_.pop_front();
  if (expected_.empty() || expected_.front().due != end) return;
  const double expected = expected_.front().variance;
  expected_.pop_front();
  if (last_minutes_.size() < kRegimeMinutesMin) return;
  double sum = 0, largest = 0;
  for (const auto& minute : last_minutes_) sum += minute.square, largest = std::max(largest, minute.square);
  const double missing = kRegimeSpan.seconds() / 60 / static_cast<double>(last_minutes_.size());
  const double ratio = std::log(std::max((sum - largest) * missing, 1e-14) / expected);
  judge(DriftKind::regime, ratio > 0 ? ratio / kHigher : -ratio / kLower, kNewRegime, kOldRegime);
}

void Drift::settle_minute(const Open& open, double log_return) {
  const double u = forecast::from_event(open.node).density.above(log_return);
  const double x = std::min((score_of(u) - 1) / std::sqrt(2.0), kScoreMax);
  up_ = std::clamp(up_ + x - kForgiven, 0.0, 1.5 * kSounds);
  down_ = std::clamp(down_ - x - kForgivenBelow, 0.0, 1.5 * kSounds);
  judge(DriftKind::calibration, std::max(up_, down_), kSounds, kStops);
}

void Drift::settle_quarter(const Open& open, double log_return) {
  ++settled_;
  const auto density = forecast::from_event(open.node).density;
  const auto baseline = forecast::Density::make(0, open.baseline_sd, kBaselineKappa);
  for (const double move : open.moves) {
    const bool moved = std::abs(log_return) > move;
    block_.ours += forecast::log_loss(density.beyond(move), moved);
    block_.theirs += forecast::log_loss(baseline.beyond(move), moved);
  }
  if (++block_.n < kBlock) return;
  blocks_.push_back((block_.ours - block_.theirs) / (3 * kBlock));
  block_ = {};
  if (blocks_.size() > kBlocks) blocks_.pop_front();
  judge(DriftKind::baseline, t_of(blocks_, kBlocksMin), kWorse, kNotWorse);
}

void Drift::observe(event::ContractId contract, double fair, double microprice) {
  auto& rows = seen_[contract];
  if (rows.size() < kSeenMax) rows.push_back({fair, microprice});
}

void Drift::settle(event::ContractId contract, event::Outcome outcome) {
  const auto entry = seen_.find(contract);
  if (entry == seen_.end()) return;
  double difference = 0;
  const bool yes = outcome == event::Outcome::yes;
  for (const auto& [fair, market] : entry->second) {
    difference += forecast::log_loss(fair, yes) - forecast::log_loss(market, yes);
  }
  contracts_.push_back(difference / static_cast<double>(entry->second.size()));
  seen_.erase(entry);
  if (contracts_.size() > kContracts) contracts_.pop_front();
  judge(DriftKind::market, t_of(contracts_, kContractsMin), kWorse, kNotWorse);
}

}  // namespace voltage::strategy
