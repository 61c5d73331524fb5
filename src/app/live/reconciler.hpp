#pragma once
// Our books against the venue's. A statement is compared only when it can be: no order on the way (resting is none),
// and no money moved since it was asked for. Positions must be equal contract by contract, cash to the micro-dollar;
// what we know to be won and the venue has not paid yet is counted as paid. One difference may be a read that lags; a
// second one in a row, with nothing moved between, means that the books are wrong.
#include <optional>
#include <string>

#include "app/live/unlisted_money.hpp"
#include "engine/engine.hpp"
#include "venue/kalshi/account.hpp"

namespace voltage::app::live {

class Reconciler {
 public:
  // Money moved at this time: a fill or a settlement.
  void moved(Time at) { moved_ = at; }
  Time moved_at() const { return moved_; }
  // Empty: could not be made.
  std::optional<Comparison> compare(const venue::kalshi::Statement& statement, const engine::Engine& engine);

  // Known to be equal since the last comparison that could be made.
  bool equal() const { return equal_; }
  // Why not; empty until there was a comparison.
  const std::string& why() const { return why_; }
  Time equal_at() const { return equal_at_; }
  std::int64_t compared() const { return compared_; }

 private:
  Time moved_{}, equal_at_{};
  bool equal_{false};
  int different_{0};
  std::int64_t compared_{0};
  std::string why_{"not compared with the venue yet"};
};

Comparison comparison_of(const venue::kalshi::Statement& statement, const engine::Engine& engine);

// Whether the position that a stream tells is ours.
bool agrees(const venue::kalshi::Position& told, const engine::Engine& engine);

}  // namespace voltage::app::live
