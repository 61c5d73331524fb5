#pragma once
// Turns what risk approved into orders and follows them to their end. One order per contract at a time;
// while one is open, unanswered or unknown, the contract takes no other. An order ends only by the
// venue's word: silence makes it unknown, never gone.
//
// Ids are the run's number and a counter, so they are the same in a replay and never repeat in a run.
#include <cstdint>
#include <map>
#include <optional>

#include "event/effect.hpp"
#include "event/event.hpp"
#include "market/contract.hpp"
#include "risk/gate.hpp"

namespace voltage::execution {

enum class Phase : std::uint8_t { sent, live, unknown };

struct OpenOrder {
  event::OrderTerms terms;
  Phase phase{Phase::sent};
  Qty filled{};
  std::optional<Qty> total;  // what the venue says was filled in all; closes when the fills have come
  Time sent{};
  Money cost_max{};
};

class Executor {
 public:
  explicit Executor(std::uint32_t run_number) : run_number_{run_number} {}

  event::PlaceOrder place(const risk::Approved<strategy::Intent>& approved, const market::FeeTerms& fees, Time now);
  // A message about an order. Unknown ids are not ours and are left alone.
  void on(const event::OrderAccepted& m);
  void on(const event::OrderRefused& m);
  void on(const event::OrderUnknown& m);
  void on(const event::OrderUpdated& m);
  void on(const event::FillSeen& m);
  // Nothing is live on a settled contract; what is still open there is ended.
  void on(const event::Settled& m);

  bool pending(event::ContractId contract) const;
  // The most that all open orders can still cost.
  Money in_flight() const;
  const std::map<event::OrderId, OpenOrder>& open() const { return open_; }
  std::int64_t placed() const { return static_cast<std::int64_t>(count_); }

 private:
  void close_if_done(event::OrderId id);

  std::uint32_t run_number_;
  std::uint32_t count_{0};
  std::map<event::OrderId, OpenOrder> open_;
};

}  // namespace voltage::execution
