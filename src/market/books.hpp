#pragma once
// All contracts of a run with their books, and whether each book may be believed. A book is believed
// from a snapshot until something breaks it: a gap, a level that would go below zero, an edge that can
// no longer vouch for it. A crossed top is believed to be wrong for the moment (the two sides' updates
// arrive one after the other) and lost for good if it stays. Times are those of events.
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>

#include "market/book.hpp"
#include "market/contract.hpp"

namespace voltage::market {

enum class Trust : std::uint8_t {
  missing,  // no snapshot yet
  valid,
  crossed,  // locked or crossed at this moment
  lost,     // must be fetched anew; `lost_why` says why
};

struct Listing {
  Contract contract;
  Book book;
  Trust trust{Trust::missing};
  std::string lost_why;
  Time updated{};        // last snapshot or delta
  Time crossed_since{};  // while crossed
  std::int64_t snapshots{0};
  std::int64_t deltas{0};
  std::int64_t losses{0};           // times that the book itself showed to be wrong
  std::int64_t crossed_moments{0};  // messages that left the top locked or crossed
};

class Books {
 public:
  // A crossed book older than this is lost. The longest seen on recorded books is 8 ms.
  explicit Books(Duration crossed_max = Duration{2'000'000'000}) : crossed_max_{crossed_max} {}

  // Adds the contract, or changes what is known of it. Ids are dense from 0, in order of appearance.
  void see(const Contract& contract);
  std::size_t size() const { return listings_.size(); }
  bool has(ContractId id) const { return id.v < listings_.size(); }
  const Listing& at(ContractId id) const;
  const std::deque<Listing>& all() const { return listings_; }

  void load(ContractId id, Time at, std::span<const Level> bids, std::span<const Level> asks);
  // Ignored, but for the count, while the book is not believed.
  void apply(ContractId id, Time at, Side side, Price price, Qty change);
  void lose(ContractId id, std::string why);
  // A crossed top that stays is found when time passes, not only when the next delta comes.
  void pass_time(Time now);

 private:
  void judge_top(Listing& listing, Time at);

  std::deque<Listing> listings_;
  Duration crossed_max_;
};

}  // namespace voltage::market
