#pragma once
// What goes wrong in a simulated hour, decided before it starts: a list that a seed gives, and that shrinking
// can shorten without moving what is left.
#include <cstdint>
#include <vector>

#include "base/rng.hpp"
#include "base/types.hpp"

namespace voltage::app::sim {

enum class FaultKind : std::uint8_t {
  drop,          // a book change is lost
  duplicate,     // a book change comes twice
  reorder,       // two book changes change places
  delay,         // the market socket falls behind
  market_down,   // the market socket dies, and comes back
  index_silent,  // a stream says nothing more, for a while
  spot_silent,
  candles_silent,
  private_down,  // fills and answers wait
  crossed,       // the venue's book crosses itself, for a while
  clock_step,    // the venues' clocks are off, for a while
  forecast_late,
  forecast_fails,
  request_lost,  // of the next order: it never reached the venue
  answer_lost,   // of the next order: the venue has it, we don't know
  refused,       // the next order
  fills_late,    // of the next order
  fills_twice,   // of the next order
  fills_first,   // of the next order: before its answer
  kill,          // a person stops everything, and later resumes
  settlement_amended,
  disk_down,          // our journal
  crash,              // the process is killed, and started again
  amend_lost,         // of the next amend: it never reached the venue
  amend_answer_lost,  // of the next amend: the venue has it, we don't know
  amend_refused,
  cancel_lost,
  cancel_answer_lost,
  request_late,   // the next create or amend arrives seconds later, perhaps after we gave up waiting
  too_many,       // the next create or cancel meets the rate limit
  requests_down,  // no request gets through, for a while; every other time the private stream is down with them
  by_hand,        // a person trades on the same account
};
inline constexpr std::size_t kFaultKinds = 32;
const char* name(FaultKind kind);

struct Fault {
  FaultKind kind{};
  Time at{};
  Duration length{};
  std::uint64_t salt{};  // for what else the fault must choose
};

// Ascending in time; between 8 and 40 in the span.
std::vector<Fault> draw_faults(Rng& rng, Time start, Duration span);

}  // namespace voltage::app::sim
