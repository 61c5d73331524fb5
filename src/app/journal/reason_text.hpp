#pragma once
// One moment of a core in words: book, price of bitcoin, forecast, belief, edge, size and limits.
#include <optional>
#include <string>
#include <vector>

#include "app/run/core.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"

namespace voltage::app::journal {

struct Moment {
  const Core& core;  // after the event
  event::ContractId contract{};
  const event::ForecastReady* forecast{nullptr};  // the last one
  std::optional<event::Decision> decision;
  std::optional<event::OrderTerms> order;
};
std::string describe(const Moment& m);
// What each limit counted for the order and what it allows, in dollars, contracts or prices.
struct LimitRow {
  std::string limit, value, allowed;
};
std::vector<LimitRow> limit_rows(const Moment& m);
std::vector<std::string> veto_names(event::Vetoes vetoes);
// Limits that the order, as the core then stood, would have broken: none, or the explanation is wrong.
std::vector<std::string> broken_limits(const Moment& m);

}  // namespace voltage::app::journal
