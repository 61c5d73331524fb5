#pragma once
// A second opinion on money: one signed position a contract and cash, as a person with paper would keep them.
// Shares no code with the ledger. Buying YES costs its price; selling what is held brings it; selling beyond
// that costs the rest of the dollar. A settled contract pays a dollar for each right one, and an amended
// outcome pays the difference. Micro-dollars.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "event/event.hpp"

namespace voltage::app::sim {

class Account {
 public:
  explicit Account(std::int64_t cash) : cash_{cash}, start_{cash} {}

  // False: this trade was known.
  bool fill(const event::FillSeen& f);
  void settle(std::uint32_t contract, bool yes);

  std::int64_t cash() const { return cash_; }
  std::int64_t start() const { return start_; }
  // 1/100 contracts, YES positive.
  std::int64_t position(std::uint32_t contract) const;
  bool settled(std::uint32_t contract) const;
  // What was paid, fees apart, for what is still held of a contract that is not settled.
  std::int64_t cost(std::uint32_t contract) const;
  std::int64_t cash_and_cost() const;
  const std::set<std::string>& trades() const { return trades_; }
  // The same money with no trade known: to try orders on.
  Account what_if() const;

 private:
  struct Line {
    std::int64_t position{0};
    std::int64_t cost{0};
    std::optional<bool> outcome;
    std::int64_t paid{0};
  };
  void pay(Line& line);

  std::int64_t cash_, start_;
  std::map<std::uint32_t, Line> lines_;
  std::set<std::string> trades_;
};

}  // namespace voltage::app::sim
