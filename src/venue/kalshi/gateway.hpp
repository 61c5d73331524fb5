#pragma once
// Orders on real sockets: the order desk (src/venue/kalshi/order_desk.hpp), a signer on its own thread and one
// connection each for orders, cancels and questions, so that a cancel never waits behind an order. Everything
// runs on the loop's thread but submit(), amend(), cancel(), kill(), alive() and tidy(), which any thread may call.
// What is asked for in one breath leaves together, in batches.
//
// An order that was decided on news older than `decided_max` when it gets here is not sent: the machine was
// too busy, and the book it was meant for is gone. A cancel always goes.
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/result.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"
#include "venue/endpoints.hpp"
#include "venue/kalshi/order_desk.hpp"
#include "venue/net/loop.hpp"

namespace voltage::venue::kalshi {

struct GatewayRules {
  DeskRules desk{};
  std::string prefix{"voltage"};        // of every client_order_id: what carries it is ours
  Duration decided_max{1'000'000'000};  // wall time
  Duration answer_timeout{5'000'000'000};
  std::string groups_file{};           // keeps the run's order groups for the next start; empty: nowhere
  std::set<std::string> known_trades;  // fills that are on the books already: not told again
};

class Gateway {
 public:
  using Sink = std::function<void(Time, event::Payload)>;
  // Fails on a bad URL or key. Events go to `sink` on the loop's thread.
  static Result<std::unique_ptr<Gateway>> make(net::Loop& loop, const Endpoints& endpoints, GatewayRules rules,
                                               Sink sink);
  ~Gateway();

  void submit(const event::OrderTerms& terms, Time decided);
  void amend(const event::AmendTerms& terms, Time decided);
  void cancel(event::OrderId order);
  void kill();   // triggers the run's order groups, behind the cancels, and deletes them when they are empty
  void alive();  // the core lives: what rests may be renewed
  // Every kill is through: its groups are gone, or the venue would not have it. Any thread.
  bool tidy() const;

  // On the loop's thread.
  void know(const market::Contract& contract);
  void on_fill(const Fill& fill);
  void on_order(const Order& order);
  void on_resting(const std::vector<Order>& resting, Time asked);

  struct Impl;

 private:
  explicit Gateway(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace voltage::venue::kalshi
