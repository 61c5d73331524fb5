#pragma once
// The one way from a wish to an order. Approved<T> can be made only here, and the executor takes nothing
// else: a path around the limits does not compile. Refusals carry the limit that refused.
//
// The halt latches: once pulled, by a person or by the drawdown limit, nothing is approved until a person
// resumes. Cancels never pass through here: they must always get out.
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "event/effect.hpp"
#include "ledger/ledger.hpp"
#include "market/books.hpp"
#include "risk/carried.hpp"
#include "risk/if_filled.hpp"
#include "risk/limits.hpp"
#include "risk/sensitivity.hpp"
#include "strategy/intent.hpp"

namespace voltage::risk {

template <class T>
class Approved {
 public:
  const T& get() const { return value_; }

 private:
  friend class Gate;
  explicit Approved(T value) : value_{std::move(value)} {}
  T value_;
};

struct Refused {
  event::Veto why{};
};

class Gate {
 public:
  // carried: of the run before.
  explicit Gate(Limits limits, const Carried& carried = {});

  // Follows equity through the day. Call after each event, before check().
  void follow(Time now, const ledger::Ledger& ledger);
  // in_flight: the most that orders on the way can cost. greeks: of the wish's settlement instant, the wish filled.
  std::variant<Approved<strategy::Intent>, Refused> check(const strategy::Intent& wish, Time now,
                                                          const market::Contract& contract,
                                                          const ledger::Ledger& ledger, Money in_flight,
                                                          const SensitivityIfFilled& greeks = {});

  // The last `approved` of this moment were not sent: they don't count among the orders of the minute.
  void not_sent(std::size_t approved);
  // The most of the wish that is within the limits, at least one contract; where not even that is, the wish as it is,
  // for check() to refuse.
  strategy::Intent fitted(const strategy::Intent& wish, Time now, const market::Contract& contract,
                          const ledger::Ledger& ledger, Money in_flight, const SensitivityIfFilled& greeks = {});

  // The same for a change of what rests. in_flight counts the order as it stands: until the venue has answered it
  // may be filled as it was or as it is asked for, and both must be within the limits at once.
  std::variant<Approved<strategy::Amend>, Refused> check(const strategy::Amend& amend, Time now,
                                                         const market::Contract& contract, const ledger::Ledger& ledger,
                                                         Money in_flight, const SensitivityIfFilled& greeks = {});

  void halt(std::string why);
  // A person who resumes after the drawdown limit takes that loss: the next drawdown is counted from where we are.
  void resume() {
    halted_.reset();
    resumed_ = true;
  }
  bool halted() const { return halted_.has_value(); }
  const std::string& halted_why() const { return *halted_; }
  const Limits& limits() const { return limits_; }
  // For the run after this one.
  Carried carried() const { return {day_, day_start_equity_, highest_equity_}; }
  // The most that can still be lost today: the day's limit less what is lost already, the drawdown limit
  // and all there is.
  Money loss_max_today(const ledger::Ledger& ledger) const;

 private:
  // Why check() would refuse; nothing is counted.
  std::optional<event::Veto> objection(const strategy::Intent& wish, Time now, const market::Contract& contract,
                                       const ledger::Ledger& ledger, Money in_flight,
                                       const SensitivityIfFilled& greeks);

  Limits limits_;
  std::optional<std::string> halted_;
  bool resumed_{false};  // not followed yet
  std::int64_t day_{-1};
  Money day_start_equity_{};
  Money highest_equity_{};
  bool any_equity_{false};
  std::deque<Time> recent_;  // approvals of the last minute
};

}  // namespace voltage::risk
