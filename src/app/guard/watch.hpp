#pragma once
// What the guard makes of what it sees: the trader's pulse, the account at the venue, the kill switch. Pure:
// times come in. Its limits are its own; nothing that the trader says can lift them.
//
//   the trader beats, the account is within limits   calm: nothing is done
//   no trader, or one that fell silent               sweep until nothing of ours rests, for as long as it lasts
//   a limit of the guard broken, twice in a row      pull the kill switch, sweep
//   too many silences in an hour                     the same: a restart does not mend this
//   the kill switch pulled, by whomever              sweep
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/types.hpp"
#include "io/latch.hpp"
#include "io/pulse.hpp"

namespace voltage::app::guard {

struct GuardRules {
  Duration stall_max{3'000'000'000};           // the trader's silence
  int stalls_an_hour{3};                       // this many pull the kill switch; 0: never
  Money loss_max{250 * kDollar.micros};        // of the account since midnight UTC, positions at cost
  Money exposure_max{1'000 * kDollar.micros};  // positions at cost and resting orders, anybody's
  Qty order_qty_max{100'000};                  // of one resting order of ours
  std::int64_t orders_max{200};                // of ours, resting
};

// The account at one moment, all of it: ours and a person's own.
struct AccountSeen {
  Money cash;        // free, all shards
  Money positions;   // at cost
  Money collateral;  // held back for resting orders
  std::int64_t orders_ours{0}, orders_foreign{0};
  Qty largest_order;  // of ours
  Money equity() const { return cash + positions + collateral; }
  Money exposure() const { return positions + collateral; }
};

class Watch {
 public:
  explicit Watch(const GuardRules& rules) : rules_{rules} {}

  void on_pulse(Duration now, const std::optional<io::PulseSeen>& pulse);
  // day: of UTC. The first account of a day is what its losses are measured from.
  void on_account(std::int64_t day, const AccountSeen& account);
  void on_latch(const std::optional<io::Pulled>& pulled);
  // Goes on with the day that an earlier guard began.
  void remember_day(std::int64_t day, Money equity);

  // Why our orders must go now; empty: they may rest.
  const std::string& sweep() const { return sweep_; }
  // Why the kill switch must be pulled; empty: it need not.
  const std::string& pull() const { return pull_; }
  bool trader_beats() const { return beats_; }
  const std::string& trader() const { return trader_; }
  std::int64_t day() const { return day_; }
  Money day_start() const { return day_start_; }
  Money loss() const { return loss_; }

 private:
  void decide();

  GuardRules rules_;
  std::string sweep_{"the guard has seen no trader yet"}, pull_, latched_, trader_{"absent"};
  bool beats_{false};
  std::deque<Duration> stalls_;
  std::int64_t day_{-1};
  Money day_start_, loss_;
  std::string broken_;  // the limit that the last account broke
};

}  // namespace voltage::app::guard
