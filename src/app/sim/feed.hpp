#pragma once
// The market socket of a simulated venue and the edge at our end of it: numbered messages through a pipe that
// drops, repeats, swaps and delays them, then the sequence check that a real edge makes. What the check can't
// explain loses the book and asks for a snapshot; what it has seen it drops.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "event/event.hpp"

namespace voltage::app::sim {

struct Told {
  Time at{};
  event::Payload what;
};

class Feed {
 public:
  // ignore_gaps: the canary.
  explicit Feed(bool ignore_gaps) : ignore_gaps_{ignore_gaps} {}

  // The venue's side: its own book of each contract, and what it sends.
  void venue_says(Time now, const event::Payload& what);
  // Faults.
  void drop_next() { ++drop_; }
  void duplicate_next() { ++duplicate_; }
  void reorder_next() { ++reorder_; }
  void delay_until(Time until) { slow_until_ = std::max(slow_until_, until); }
  void cut(Time now, Time until);

  // Our side: when the next message is due, and what the edge makes of it (nothing, one or more events).
  std::optional<Time> next_due() const;
  std::vector<event::Payload> receive();
  std::int32_t best_bid(event::ContractId contract) const;  // the venue's, in pips; 0: none
  // Contracts whose book the edge could not vouch for if it did its work.
  bool gap(event::ContractId contract) const;

 private:
  struct Message {
    Time due{};
    std::uint64_t number{};  // of the contract's stream, from 1
    event::ContractId contract{};
    event::Payload what;
  };
  struct Stream {
    std::optional<event::ContractSeen> seen;
    std::map<std::int32_t, std::int64_t> bids, asks;  // pips to 1/100 contracts
    std::uint64_t sent{0};
    std::uint64_t expected{1};
    bool waiting{false};  // for a snapshot
    bool gap{false};      // a message is missing since the last snapshot
  };
  void send(Time now, event::ContractId contract, event::Payload what);
  void ask_snapshot(Time at, event::ContractId contract, Duration after);
  event::BookSnapshot snapshot(event::ContractId contract) const;
  Time arrival(Time now);

  bool ignore_gaps_;
  std::map<event::ContractId, Stream> streams_;
  std::deque<Message> pipe_;                                      // ascending in time
  std::map<std::pair<Time, event::ContractId>, bool> snapshots_;  // when asked ones leave the venue
  std::optional<Message> held_;                                   // to be sent after the next one
  Time last_arrival_{}, slow_until_{}, cut_until_{};
  int drop_{0}, duplicate_{0}, reorder_{0};
};

}  // namespace voltage::app::sim
