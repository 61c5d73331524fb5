#include "app/guard/watch.hpp"

#include <fmt/format.h>

#include "base/decimal.hpp"

namespace voltage::app::guard {
namespace {

constexpr Duration kHour{3'600'000'000'000};

std::string dollars(Money m) {
  return fmt::format("${:.2f}", m.dollars());
}

}  // namespace

void Watch::on_pulse(Duration now, const std::optional<io::PulseSeen>& pulse) {
  const bool before = beats_;
  beats_ = false;
  if (!pulse) {
    trader_ = "absent";
  } else if (pulse->farewell) {
    trader_ = "stopped";
  } else if (pulse->at > now) {
    trader_ = "of an earlier start of the machine";
  } else if (const Duration age = now - pulse->at; age > rules_.stall_max) {
    trader_ = fmt::format("silent for {:.1f} s", age.seconds());
    if (before) stalls_.push_back(now);
  } else {
    trader_ = "beating";
    beats_ = true;
  }
  while (!stalls_.empty() && now - stalls_.front() > kHour) stalls_.pop_front();
  if (rules_.stalls_an_hour > 0 && static_cast<int>(stalls_.size()) >= rules_.stalls_an_hour && pull_.empty()) {
    pull_ = fmt::format("the trader fell silent {} times within an hour", stalls_.size());
  }
  decide();
}

void Watch::remember_day(std::int64_t day, Money equity) {
  day_ = day;
  day_start_ = equity;
}

void Watch::on_account(std::int64_t day, const AccountSeen& a) {
  if (day != day_) remember_day(day, a.equity());
  loss_ = day_start_ - a.equity();
  std::string broken;
  if (loss_ > rules_.loss_max) {
    broken = fmt::format("the account lost {} today, {} are allowed", dollars(loss_), dollars(rules_.loss_max));
  } else if (a.exposure() > rules_.exposure_max) {
    broken = fmt::format("the account's exposure is {}, {} are allowed", dollars(a.exposure()),
                         dollars(rules_.exposure_max));
  } else if (a.largest_order > rules_.order_qty_max) {
    broken = fmt::format("an order of ours rests with {} contracts, {} are allowed", format_qty(a.largest_order),
                         format_qty(rules_.order_qty_max));
  } else if (a.orders_ours > rules_.orders_max) {
    broken = fmt::format("{} orders of ours rest, {} are allowed", a.orders_ours, rules_.orders_max);
  }
  // Cash, positions and orders are three answers: a fill between them looks like a loss, once.
  if (!broken.empty() && !broken_.empty() && pull_.empty()) pull_ = broken;
  broken_ = broken;
  decide();
}

void Watch::on_latch(const std::optional<io::Pulled>& pulled) {
  // Cleared by a person, who knows of the silences so far. A limit that is still broken pulls it again.
  if (!pulled && !latched_.empty()) stalls_.clear();
  latched_ = pulled ? fmt::format("kill switch pulled by {}: {}", pulled->by, pulled->why) : std::string{};
  if (pulled) pull_.clear();
  decide();
}

void Watch::decide() {
  if (!latched_.empty())
    sweep_ = latched_;
  else if (!pull_.empty())
    sweep_ = pull_;
  else if (!beats_)
    sweep_ = "trader " + trader_;
  else
    sweep_.clear();
}

}  // namespace voltage::app::guard
