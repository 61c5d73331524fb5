#include "pricing/nowcast.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.hpp"

namespace voltage::pricing {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr double kBp = 1e-4;
constexpr double kIndexTickBp = 0.2;  // the index against itself half a second on, volatility apart
constexpr std::size_t kAveragesKept = 64;
constexpr double kMeanToEnd = 19.5;  // seconds of variance between the mean of a minute and the price at its end
// Observations a second apart err together, so the filter may not believe itself beyond this.
constexpr double kBasisSdFloorBp = 0.2;

// The second whose end is at or after t: (s − 1, s] belongs to s, as the index's windows do.
std::int64_t second_of(Time t) {
  return (t.ns + kSecond - 1) / kSecond;
}
double bp(double ratio) {
  return std::log(ratio) / kBp;
}

}  // namespace

std::vector<BasisPrior> default_basis_priors() {
  constexpr std::int64_t kHour = 3'600 * kSecond;
  return {{.mean_bp = 0.5, .sd_bp = 2, .memory = {2 * kHour}, .instant_bp = 1, .average_bp = 0.6},
          {.mean_bp = 1.2, .sd_bp = 1, .memory = {2 * kHour}, .instant_bp = 0.5, .average_bp = 0.3},
          {.mean_bp = -2.1, .sd_bp = 3.5, .memory = {48 * kHour}, .instant_bp = 1, .average_bp = 0.6},
          {.mean_bp = 0, .sd_bp = 1.5, .memory = {2 * kHour}, .instant_bp = 0.5, .average_bp = 0.3}};
}

bool SecondTape::add(Time at, double price) {
  CHECK(price > 0 && std::isfinite(price));
  if (at < last_time_ && newest_ >= 0) return false;
  const std::int64_t second = second_of(at);
  if (newest_ < 0 || second - newest_ >= kSeconds) {
    first_ = second;
  } else {
    for (std::int64_t s = newest_ + 1; s < second; ++s) {
      ring_[static_cast<std::size_t>(s % kSeconds)] = last_price_;
      source_[static_cast<std::size_t>(s % kSeconds)] = second_of(last_time_);
    }
    first_ = std::max(first_, second - kSeconds + 1);
  }
  ring_[static_cast<std::size_t>(second % kSeconds)] = price;
  source_[static_cast<std::size_t>(second % kSeconds)] = second;
  newest_ = second;
  last_time_ = at;
  last_price_ = price;
  return true;
}

std::optional<double> SecondTape::at(Time t) const {
  const std::int64_t s = second_of(t);
  if (newest_ < 0 || s < first_) return std::nullopt;
  return s >= newest_ ? last_price_ : value(s);
}

std::optional<SecondTape::Mean> SecondTape::mean(Time end, int count) const {
  CHECK(count > 0);
  const std::int64_t last = second_of(end), first = last - count + 1;
  if (newest_ < 0 || first < first_) return std::nullopt;
  double sum = 0, age = 0;
  for (std::int64_t s = first; s <= last; ++s) {
    sum += s >= newest_ ? last_price_ : value(s);
    age += static_cast<double>(s - (s >= newest_ ? newest_ : source_[static_cast<std::size_t>(s % kSeconds)]));
  }
  return Mean{sum / count, age / count};
}

std::optional<double> SecondTape::variance_rate(int step, int window) const {
  if (newest_ < 0 || newest_ - first_ < window) return std::nullopt;
  double sum = 0;
  int n = 0;
  for (std::int64_t s = newest_; s - step >= newest_ - window; s -= step) {
    const double change = std::log(value(s) / value(s - step));
    sum += change * change;
    ++n;
  }
  return sum / (n * step);
}

BasisFilter::BasisFilter(const BasisPrior& prior)
    : prior_{prior}, mean_{prior.mean_bp}, variance_{prior.sd_bp * prior.sd_bp} {
  CHECK(prior.sd_bp > 0 && prior.memory.ns > 0);
}

BasisFilter::Estimate BasisFilter::at(Time t) const {
  const double dt = std::max((t - at_).seconds(), 0.0);
  const double keep = std::exp(-dt / prior_.memory.seconds());
  const double stationary = prior_.sd_bp * prior_.sd_bp;
  const double variance = stationary + keep * keep * (variance_ - stationary);
  return {prior_.mean_bp + keep * (mean_ - prior_.mean_bp), std::sqrt(variance)};
}

void BasisFilter::observe(Time at_time, double basis_bp, double noise_bp) {
  const Estimate before = at(at_time);
  const double variance = before.sd_bp * before.sd_bp;
  const double gain = variance / (variance + noise_bp * noise_bp);
  mean_ = before.mean_bp + gain * (basis_bp - before.mean_bp);
  variance_ = std::max((1 - gain) * variance, kBasisSdFloorBp * kBasisSdFloorBp);
  at_ = std::max(at_, at_time);
}

Nowcaster::Nowcaster(std::vector<BasisPrior> venues) {
  for (const BasisPrior& prior : venues) venues_.push_back({prior, SecondTape{}, BasisFilter{prior}});
}

void Nowcaster::on_spot(std::size_t venue, Time at, double price) {
  CHECK(venue < venues_.size());
  venues_[venue].tape.add(at, price);
}

void Nowcaster::on_index(Time at, Time value_time, double usd) {
  if (!index_.add(std::min(at, value_time), usd)) return;
  for (Venue& v : venues_) {
    const auto spot = v.tape.at(value_time);
    if (!spot || (value_time - v.tape.last_time()).ns > kSecond) continue;
    v.basis.observe(at, bp(usd / *spot), v.prior.instant_bp);
  }
}

void Nowcaster::on_running_average(Time close, int values, double usd) {
  if (close == running_close_ && values < running_values_) return;
  running_close_ = close;
  running_values_ = values;
  running_mean_ = usd;
}

void Nowcaster::on_average(Time end, double usd, double variance_rate) {
  if (std::find(averages_.begin(), averages_.end(), end) != averages_.end()) return;
  if (end >= average_end_) {
    average_end_ = end;
    average_usd_ = usd;
  }
  bool compared = false;
  for (Venue& v : venues_) {
    const auto mean = v.tape.mean(end, 60), last = v.tape.mean(end, 1);
    if (mean && mean->stale_s <= 10) {
      v.basis.observe(end, bp(usd / mean->usd), v.prior.average_bp * (1 + mean->stale_s));
    } else if (last && last->stale_s <= 0 && variance_rate > 0) {
      v.basis.observe(end, bp(usd / last->usd),
                      std::hypot(v.prior.instant_bp, std::sqrt(variance_rate * kMeanToEnd) / kBp));
    } else {
      continue;
    }
    compared = true;
  }
  // A settlement is the next strike: told before any price of its minute, it may teach when it is told again.
  if (!compared) return;
  if (averages_.size() == kAveragesKept) averages_.erase(averages_.begin());
  averages_.push_back(end);
}

std::optional<Nowcast> Nowcaster::now(Time t, double variance_rate) const {
  std::optional<Nowcast> best;
  double best_variance = std::numeric_limits<double>::infinity();
  const auto offer = [&](double usd, double known_bp, Time seen, bool from_index) {
    const double age = std::max((t - seen).seconds(), 0.0);
    const double variance = known_bp * known_bp * kBp * kBp + variance_rate * age;
    if (variance >= best_variance) return;
    best_variance = variance;
    best = Nowcast{usd, usd * std::sqrt(variance), from_index};
  };
  if (!index_.empty()) offer(index_.last_price(), kIndexTickBp, index_.last_time(), true);
  if (average_usd_ > 0 && average_end_ <= t) {
    const double behind = std::sqrt(variance_rate * kMeanToEnd) / kBp;
    offer(average_usd_, behind, average_end_, false);
  }
  for (const Venue& v : venues_) {
    if (v.tape.empty()) continue;
    const auto basis = v.basis.at(t);
    offer(v.tape.last_price() * std::exp(basis.mean_bp * kBp), std::hypot(basis.sd_bp, v.prior.instant_bp),
          v.tape.last_time(), false);
  }
  return best;
}

std::optional<AverageSoFar> Nowcaster::average_so_far(Time close, Time t, double variance_rate) const {
  const std::int64_t start = second_of(close) - 60;
  const std::int64_t values = std::clamp(t.ns / kSecond - start, std::int64_t{0}, std::int64_t{60});
  if (running_close_ == close && running_values_ > 0) return AverageSoFar{running_values_, running_mean_, 0};
  if (values == 0) return AverageSoFar{};
  const Time end{(start + values) * kSecond};
  const int n = static_cast<int>(values);
  if (const auto mean = index_.mean(end, n); mean && mean->stale_s < 1) return AverageSoFar{n, mean->usd, 0};
  std::optional<AverageSoFar> best;
  for (const Venue& v : venues_) {
    const auto mean = v.tape.mean(end, n);
    if (!mean) continue;
    const auto basis = v.basis.at(t);
    const double known = basis.sd_bp * basis.sd_bp + v.prior.average_bp * v.prior.average_bp;
    const double sd = mean->usd * std::sqrt(known * kBp * kBp + variance_rate * mean->stale_s);
    if (!best || sd < best->sd) best = AverageSoFar{n, mean->usd * std::exp(basis.mean_bp * kBp), sd};
  }
  return best;
}

double Nowcaster::disagreement_bp(Time t, Duration age_max) const {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  const auto include = [&](const SecondTape& tape, double basis_bp) {
    if (tape.empty() || t - tape.last_time() > age_max) return;
    const double level = std::log(tape.last_price()) / kBp + basis_bp;
    low = std::min(low, level);
    high = std::max(high, level);
  };
  include(index_, 0);
  for (const Venue& v : venues_) include(v.tape, v.basis.at(t).mean_bp);
  return high > low ? high - low : 0;
}

std::optional<double> Nowcaster::second_rate() const {
  constexpr int kStep = 5, kWindow = 300;
  if (const auto rate = index_.variance_rate(kStep, kWindow)) return rate;
  for (const Venue& v : venues_) {
    if (const auto rate = v.tape.variance_rate(kStep, kWindow)) return rate;
  }
  return std::nullopt;
}

std::optional<Time> Nowcaster::last_price_time() const {
  std::optional<Time> last;
  const auto include = [&](const SecondTape& tape) {
    if (!tape.empty() && (!last || *last < tape.last_time())) last = tape.last_time();
  };
  include(index_);
  for (const Venue& v : venues_) include(v.tape);
  return last;
}

}  // namespace voltage::pricing
