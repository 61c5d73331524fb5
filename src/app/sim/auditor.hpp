#pragma once
// Watches a simulated run from outside and keeps its own books: what the core was told, what it asked for and
// what the venue really did. After each event it checks what must always hold, by its own simple means and
// none of the code it checks. The first breach ends the run.
//
//   cash and positions of the ledger are those of the trades it was told, to the micro-dollar; at the end,
//     those of the venue
//   an order only on a book that is whole, two-sided, uncrossed and fresh; only while every needed stream is
//     well, the contract open, its strike known and its close not at hand
//   an amend of a live order alone, within all of this as it is to be
//   one live order a contract, and none while the venue has fills there that we don't know; no order id twice; none
//     after a halt until a person resumes; none that could take the losses of a contract, an instant, an expiry path
//     or a day beyond their caps, cash below zero, or the rate of orders above its limit, whichever of the others that
//     are live are filled besides; none that takes what its instant moves with bitcoin or with volatility beyond its
//     cap; none on a forecast that is too old
//   of what rests at the venue: one order of ours a contract, and with the terms that we believe it to have or asked
//     for; nothing for long on what is stopped, dead, closed, not to be believed or decided by an old forecast; a
//     person's own stays as it is
//   the venue never contradicts itself here: whoever says so is wrong
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "app/sim/account.hpp"
#include "app/sim/order_venue.hpp"
#include "engine/engine.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"

namespace voltage::app::sim {

class Auditor {
 public:
  // forecast_age_max: nothing is asked for, and nothing rests, on an older one.
  Auditor(const engine::EngineConfig& config, Duration forecast_age_max);

  // The truth, as it happens: a fill at the venue, and the edge's own knowledge that a book can't be whole.
  void venue_filled(const event::FillSeen& fill, bool by_hand);
  void venue_settled(event::ContractId contract, bool yes) { venue_.settle(contract.v, yes); }
  void book_gap(event::ContractId contract, bool gap) { lines_[contract.v].gap = gap; }
  // What the core was told and what it then asked for.
  void saw(const event::Event& e, std::span<const event::Effect> effects, const engine::Engine& engine);
  // The core is a new one, which was told nothing yet and starts with this much cash. What it must know of the
  // venue it will be told; what a person stopped stays stopped, and losses stay lost.
  void restarted(const engine::EngineConfig& config);
  const Account& venue() const { return venue_; }
  // Every second and after each word about an order: what rests at the venue, and who looks after it.
  struct Care {
    std::optional<Time> dead_since;  // the trader
    bool guarded{};
    Time undisturbed_since{};
  };
  void check_resting(Time now, const OrderVenue& venue, const Care& care);
  // The end: everything said, every order resolved.
  // tidy: no order group of a kill is left.
  void finish(const engine::Engine& engine, const OrderVenue& venue, bool tidy);

  // Empty while all holds.
  const std::string& violation() const { return violation_; }
  std::uint64_t violation_seq() const { return violation_seq_; }
  std::int64_t orders() const { return static_cast<std::int64_t>(orders_.size()); }
  std::int64_t quotes() const { return quotes_; }
  std::int64_t amends() const { return amends_; }

 private:
  struct Line {
    std::optional<market::Contract> contract;
    std::map<std::int32_t, std::int64_t> bids, asks;
    bool whole{false}, gap{false};
    Time message{};
  };
  struct Watched {
    event::OrderTerms terms;
    std::optional<event::AmendTerms> amend;    // without an answer
    std::optional<std::int64_t> reduced;       // by a cancel
    std::optional<std::int64_t> final_filled;  // by the venue's last word to us
    std::int64_t seen_filled{0};
    std::set<std::string> trades;
    bool refused{false}, spoken_of{false};
    Time asked{};
    bool live() const;
  };

  void breach(std::string what);
  void follow(const event::Event& e);
  void follow_book(Time at, const event::Payload& what);
  void follow_order(const event::Payload& what);
  void check_order(const event::OrderTerms& o, Time now);
  void check_amend(const event::AmendTerms& a, Time now);
  void check_streams(const std::string& id);
  bool streams_well() const;
  void check_book(const event::OrderTerms& o, Time now);
  void check_caps(const event::OrderTerms& o, Time now);
  void follow_inputs(const event::Event& e);
  bool forecast_is_old(Time now) const;
  // Of one contract of YES, dollars: by 1 % of bitcoin and by a point of annual volatility. Empty: can't be said.
  struct Slopes {
    double delta{}, vega{};
  };
  std::optional<Slopes> slopes(const market::Contract& contract, Time now) const;
  void check_sensitivity(const event::OrderTerms& o, Time now, const std::string& id);
  struct AtStake {
    std::int64_t contract, instant, path;  // what each can lose
    std::int64_t worst;                    // what is left of the account if all goes wrong
  };
  AtStake at_stake(const market::Contract& contract, const Account& account, std::int64_t fee) const;
  void check_losses(const event::OrderTerms& o, const Account& if_filled, const std::string& id, bool alone);
  void check_stops(Time now, const venue::kalshi::Order& resting, const Watched& order, const Care& care);
  std::string doubt(const Line& line, Time now) const;
  // The most of an order that may still be filled, at the dearest price that it may have.
  event::OrderTerms at_most(const Watched& order) const;
  // The least that all positions of a settlement instant pay, whatever its value turns out to be.
  std::int64_t pays_at_least(Time close, const Account& account) const;
  void check_money(const engine::Engine& engine, std::span<const event::Effect> effects);
  void follow_equity(Time now);

  engine::EngineConfig config_;
  Duration forecast_age_max_;
  Account told_, venue_;
  std::set<std::string> before_;  // trades that were over before the last restart
  std::map<std::uint32_t, Line> lines_;
  std::map<std::uint64_t, Watched> orders_;
  std::set<std::uint64_t> live_;
  std::array<event::Health, event::kStreams> health_{};
  bool killed_{false};
  bool drawn_down_{false};
  std::int64_t day_{-1}, day_start_{0}, highest_{0};
  std::deque<Time> recent_;
  std::optional<event::ForecastReady> forecast_;  // the newest that was told
  struct {
    Time at{};
    double usd{};
  } index_;
  std::set<std::uint32_t> touched_;
  std::map<std::uint32_t, std::set<std::string>> untold_;  // trades at the venue, by contract
  std::map<std::uint32_t, Time> doubted_since_;            // contracts on which nothing should rest
  std::int64_t quotes_{0}, amends_{0};
  std::string violation_;
  std::uint64_t seq_{0}, violation_seq_{0};
};

}  // namespace voltage::app::sim
