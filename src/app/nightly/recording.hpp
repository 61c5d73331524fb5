#pragma once
// A recorded run, read once: what the nightly comparison needs of it besides its market. Reading it is replaying it, so
// that a run that would not happen again as recorded is never taken apart.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/journal/replay.hpp"
#include "ledger/ledger.hpp"

namespace voltage::app::nightly {

using Answered = std::variant<event::ForecastReady, event::ForecastFailed>;

struct Recording {
  std::string folder;
  io::Manifest manifest;
  CoreConfig config;
  std::uint64_t events{0}, effects{0};
  std::optional<journal::Difference> difference;   // it replays otherwise than recorded: nothing below is there
  std::map<std::uint64_t, Answered> forecasts;     // by request
  std::map<std::string, std::int64_t> models;      // how many forecasts of each, by hash
  std::map<event::OrderId, Duration> answer_time;  // from the decision to the first word of the venue
  Duration answer_median{};                        // of those; zero: no order was answered
  std::map<event::ContractId, Price> marks;        // the middle when it was last quoted
  std::vector<event::CandleClosed> bars_before;
  Time end{};
  std::int64_t orders{0}, fills{0};  // fills of our orders
  Money start, live, scheduled;      // worth at the begin and the end, and the end with the fees of the schedule
};

Result<Recording> read(const std::string& folder);

// Cash that did not come from outside, and what is held at these prices; what was never quoted at half a dollar.
Money worth(const ledger::Ledger& ledger, const std::map<event::ContractId, Price>& marks);

}  // namespace voltage::app::nightly
