#pragma once
// Where orders go: an edge. The core asks (PlaceOrder, AmendOrder, CancelOrder, KillOrders) and hears the answers as
// events, either because the loop asks for what is due (a simulation that lives in the loop's time) or because they
// arrive like everything else from outside (a venue).
#include <optional>

#include "event/effect.hpp"
#include "event/event.hpp"
#include "venue/sim/sim_exchange.hpp"

namespace voltage::app {

class OrderEdge {
 public:
  virtual ~OrderEdge() = default;
  virtual void submit(const event::OrderTerms& terms, Time now) = 0;
  virtual void cancel(event::OrderId order, Time now) = 0;
  virtual void amend(const event::AmendTerms& terms, Time now) = 0;
  // Beside the cancels by id: whatever the venue has to stop all orders of the run together. A simulation has nothing.
  virtual void kill(Time) {}
  // Every event, before the core has it: a simulation fills against the books.
  virtual void observe(const event::Event&) {}
  // When something is due inside the edge, and the doing of it. An answer comes back as a payload.
  virtual std::optional<Time> next_due() const { return std::nullopt; }
  virtual std::optional<event::Payload> step() { return std::nullopt; }
};

// Orders filled by a simulated exchange on the books that the core sees: paper, shadow, backtest, demo.
class SimOrders final : public OrderEdge {
 public:
  explicit SimOrders(venue::sim::SimExchange& exchange) : exchange_{exchange} {}
  void submit(const event::OrderTerms& terms, Time now) override { exchange_.submit(terms, now); }
  void cancel(event::OrderId order, Time now) override { exchange_.cancel(order, now); }
  void amend(const event::AmendTerms& terms, Time now) override { exchange_.amend(terms, now); }
  void observe(const event::Event& e) override { exchange_.observe(e); }
  std::optional<Time> next_due() const override { return exchange_.next_due(); }
  std::optional<event::Payload> step() override { return exchange_.step(); }

 private:
  venue::sim::SimExchange& exchange_;
};

}  // namespace voltage::app
