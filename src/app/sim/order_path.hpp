#pragma once
// The way of our orders to the simulated venue and of its word back: the production order desk, the network with all
// that goes wrong on it, the private stream, and the list of fills and orders that `voltage live` asks for every few
// seconds. The venue is the truth: what it did is told to the auditor at once and to the core when, if and how the
// faults let it through. What is lost comes back as the real edge finds it: a second order is never the way.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "app/sim/faults.hpp"
#include "app/sim/order_venue.hpp"
#include "base/rng.hpp"
#include "event/effect.hpp"
#include "risk/limits.hpp"
#include "venue/kalshi/fills_asked.hpp"
#include "venue/kalshi/order_desk.hpp"
#include "venue/kalshi/ownership.hpp"

namespace voltage::app::sim {

struct Canaries {
  bool lost_answer_is_refusal{false};  // no answer in time is taken for a no
  bool lost_amend_is_refusal{false};   // the same of an amend
  bool cancels_dropped{false};         // the edge forgets what the core asks it to cancel
  bool fills_of_a_minute{false};       // fills are asked for a minute back, however long nobody answered
  bool second_fill_is_new{false};      // a repeated fill gets a name of its own
  bool gaps_ignored{false};
  bool caps_ignored{false};
  bool path_ignored{false};  // the limit of an expiry path
  bool delta_ignored{false};
  bool vega_ignored{false};
  bool old_quotes_left{false};       // the edge forgets the cancels that an old forecast brings
  bool forecast_age_ignored{false};  // quotes stay, and orders go, on a forecast of an hour ago
};

class OrderPath {
 public:
  OrderPath(const Canaries& canaries, const risk::Limits& limits, std::uint64_t seed, Time start);

  // True market data, for matching.
  void observe(const event::Event& truth) { venue_.observe(truth); }
  // What the core asks for, as it reaches the edge; pump() sends it, all of one breath together.
  void know(const market::Contract& contract);
  void submit(const event::OrderTerms& terms, Time now) { desk_->place(terms, now); }
  void amend(const event::AmendTerms& terms, Time now) { desk_->amend(terms, now); }
  void cancel(event::OrderId order, Time now) { desk_->cancel(order, now); }
  void kill() { desk_->kill(); }
  void alive(Time now) { desk_->alive(now); }
  void pump(Time now);

  // Faults. Of the next request that it can befall:
  void befall(const Fault& fault) { waiting_.push_back(fault); }
  // The private stream is down until then: what it would have said is lost.
  void cut_stream(Time until) { stream_back_ = std::max(stream_back_, until); }
  // No request gets through until then.
  void cut_requests(Time until) { requests_back_ = std::max(requests_back_, until); }
  void trade_by_hand(market::ContractId contract, Side side, Price price, Qty qty, Time now) {
    venue_.trade_by_hand(contract, side, price, qty, now);
  }

  // The process died: nothing more leaves, and nothing that was under way to it arrives. What the venue has, it does.
  void die();
  // It starts again, and counts these trades as told.
  void start(std::set<std::string> told, Time now);
  // Cancels what the venue lists of ours, as a start and the guard do. False: something was there, or nobody answers.
  bool sweep(Time now);

  std::optional<Time> next_due() const;
  // Does the next thing due. Fills that the venue made just now, and what reaches the core now.
  struct Made {
    event::FillSeen fill;
    bool by_hand{};
  };
  struct Step {
    std::vector<Made> made;
    std::optional<event::Payload> told;
  };
  Step step();

  const OrderVenue& venue() const { return venue_; }
  // No order group is left over from a kill.
  bool tidy() const { return desk_ && desk_->tidy(); }
  // Since when every request, answer and word of the stream went through.
  Time undisturbed_since() const { return std::max({disturbed_, stream_back_, requests_back_}); }
  std::int64_t amends_cut() const { return amends_cut_; }

 private:
  // What befalls a request or the fills that it brings.
  struct Fate {
    bool refused{false}, request_lost{false}, answer_lost{false}, late{false}, too_many{false};
    bool answer_late{false};
  };
  enum class Sort : std::uint8_t { create, amend, cancel, other };
  struct Sent {
    std::uint64_t number{};
    Sort sort{};
    Fate fate;
  };
  struct Arrives {
    std::uint64_t id{};
    venue::net::Request request;
  };
  struct Lost {
    std::uint64_t id{};
    bool never_left{false};
  };
  struct Polled {
    Time asked{};
    std::vector<venue::kalshi::Fill> fills;
    std::vector<venue::kalshi::Order> resting;
  };
  struct Tick {};
  struct Poll {};
  using What = std::variant<Arrives, OrderVenue::Answer, Lost, venue::kalshi::Order, venue::kalshi::Fill, Polled, Tick,
                            Poll, event::Payload>;
  struct Due {
    Time at{};
    std::uint64_t entry{};
    std::uint32_t life{};  // of the process that it is for; 0: of none
    What what;
    bool operator>(const Due& o) const { return at != o.at ? at > o.at : entry > o.entry; }
  };
  struct ListedFill {
    Time listed{};
    venue::kalshi::Fill fill;
  };

  static Sort sort_of(const venue::net::Request& request);
  Fate fate_of(Sort sort, Time now);
  void carry(venue::kalshi::DeskRequest request, Time now);
  void on(Arrives& m, Time now);
  void on(OrderVenue::Answer& m, Time now);
  void on(const Lost& m, Time now);
  void on(const venue::kalshi::Order& m, Time) { desk_->on_order(m); }
  void on(const venue::kalshi::Fill& m, Time) { desk_->on_fill(m); }
  void on(const Polled& m, Time now);
  void on(const Tick&, Time now);
  void on(const Poll&, Time now);
  void on(const event::Payload&, Time) {}
  void hear(OrderVenue::Said said, Time now, Step& out);
  void fill(const venue::kalshi::Fill& fill, Time now);
  void later(Time at, What what, bool of_process = true);
  Duration some(double least, double most);

  Canaries canaries_;
  venue::kalshi::DeskRules rules_;
  Rng rng_;
  OrderVenue venue_;
  std::unique_ptr<venue::kalshi::OrderDesk> desk_;  // null: the process is dead
  std::uint32_t life_{1};
  std::map<std::uint64_t, Sent> sent_;
  std::uint64_t last_request_{0}, entries_{0};
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<Fault> waiting_;
  std::vector<ListedFill> fills_;
  venue::kalshi::FillsAsked fills_asked_;
  Time stream_back_{}, requests_back_{}, disturbed_{};
  std::int64_t amends_cut_{0};
};

// Of the ids that the desk makes: the order, and which revision of it.
struct OurOrder {
  std::uint64_t order{};
  std::uint32_t revision{};
};
std::optional<OurOrder> our_order(std::string_view client_id);

}  // namespace voltage::app::sim
