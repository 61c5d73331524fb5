#pragma once
// Orders that really leave: over to the sockets' thread.
#include "app/run/order_edge.hpp"
#include "venue/kalshi/gateway.hpp"

namespace voltage::app::live {

class VenueOrders final : public OrderEdge {
 public:
  explicit VenueOrders(venue::kalshi::Gateway& gateway) : gateway_{gateway} {}
  void submit(const event::OrderTerms& terms, Time now) override { gateway_.submit(terms, now); }
  void cancel(event::OrderId order, Time) override { gateway_.cancel(order); }
  void amend(const event::AmendTerms& terms, Time now) override { gateway_.amend(terms, now); }
  void kill(Time) override { gateway_.kill(); }
  // By the core's own hand: when it stalls, what rests is renewed no more and ends at the venue.
  void observe(const event::Event& e) override {
    if (std::holds_alternative<event::TimePassed>(e.what)) gateway_.alive();
  }

 private:
  venue::kalshi::Gateway& gateway_;
};

}  // namespace voltage::app::live
