#pragma once
// The way of an order to a simulated venue and of the venue's answers back, with everything that can go wrong
// on it. The venue is the truth: what it did is told to the auditor at once and to the core when, if and how
// the faults let it through. What is lost comes back by a query, as the real edge makes it: a second order is
// never the way to find out.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <vector>

#include "app/sim/feed.hpp"
#include "base/rng.hpp"
#include "event/effect.hpp"
#include "venue/sim/sim_exchange.hpp"

namespace voltage::app::sim {

// Faults of one order.
struct OrderFate {
  bool refused{false}, request_lost{false}, answer_lost{false};
  bool fills_late{false}, fills_twice{false}, fills_first{false};
};

struct Canaries {
  bool lost_answer_is_refusal{false};  // no answer in time is taken for a no
  bool second_fill_is_new{false};      // a repeated fill gets a name of its own
  bool gaps_ignored{false};
  bool caps_ignored{false};
  bool any() const { return lost_answer_is_refusal || second_fill_is_new || gaps_ignored || caps_ignored; }
};

class OrderPath {
 public:
  OrderPath(const Canaries& canaries, std::uint64_t seed);

  // True market data, for matching.
  void observe(const event::Event& truth) { venue_.observe(truth); }
  void submit(const event::OrderTerms& terms, Time now, const OrderFate& fate);
  void cancel(event::OrderId order, Time now);
  void amend(const event::AmendTerms& terms, Time now);
  // The private stream is down until then: nothing reaches us before.
  void cut_until(Time until) { cut_until_ = std::max(cut_until_, until); }

  // The process died: nothing that was under way to it arrives. What the venue does, it does.
  void forget();

  std::optional<Time> next_due() const;
  // Does the next thing due. Fills that the venue made just now, and what reaches the core now, if anything.
  struct Step {
    std::vector<event::FillSeen> made;
    std::optional<event::Payload> told;
  };
  Step step();
  bool idle() const { return !next_due(); }

 private:
  struct Due {
    Time at{};
    std::uint64_t entry{};
    event::Payload what;
    bool operator>(const Due& o) const { return at != o.at ? at > o.at : entry > o.entry; }
  };
  struct Sent {
    OrderFate fate;
    event::OrderTerms terms;
  };
  void tell(Time at, event::Payload what) { due_.push({std::max(at, cut_until_), ++entries_, std::move(what)}); }
  void answered(Time at, const event::OrderAccepted& m, const Sent& sent);
  void filled(Time at, event::FillSeen fill, const Sent& sent);

  Canaries canaries_;
  Rng rng_;
  venue::sim::SimExchange venue_;
  std::map<event::OrderId, Sent> sent_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  Time cut_until_{};
  std::uint64_t entries_{0};
};

}  // namespace voltage::app::sim
