#pragma once
// Why an order was placed, or why none was: the run is made again from its journal up to that moment, and what
// the core then held is told. Every number is one that the core used; every effect on the way is compared with
// the recorded one, so what is told is what happened.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/journal/replay.hpp"

namespace voltage::app::journal {

// What stood behind one decision, or behind there being none.
struct Reason {
  std::uint64_t seq{};
  Time at{};
  market::Contract contract;
  std::optional<event::Decision> decision;  // empty: nothing was decided in that second
  std::optional<event::OrderTerms> order;
  std::vector<std::string> vetoes;  // of the decision; else those that stood at the end of the second
  std::string text;                 // all of it, for a person
  std::string page;                 // the same as HTML, with pictures
};

// The order's decision. Fails if the run has no such order, or replays otherwise than recorded.
Result<Reason> explain_order(const std::string& folder, std::uint64_t order);
// What was decided about the market in the second from `at`: the decision with an order if there is one, else
// the last. Without a decision: why nothing could have been.
Result<Reason> explain_market(const std::string& folder, const std::string& ticker, Time at);

struct ExplainCheck {
  std::int64_t orders{0}, orders_explained{0};
  std::int64_t seconds{0}, seconds_explained{0};  // of random markets, without an order
  std::vector<std::string> failures;              // the first few
};
// Explains up to `count` random orders of a run and as many random (market, second) pairs without one.
Result<ExplainCheck> check_explanations(const std::string& folder, std::int64_t count, std::uint64_t seed);

}  // namespace voltage::app::journal
