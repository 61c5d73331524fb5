#pragma once
// The same bundle on another venue's price: minute bars built from its trades, as live would see them, against the
// forecasts that the first venue's candles give at the same moments. Outcomes are the first venue's, the same for both.
#include <string>

#include "app/evaluation/evaluate.hpp"
#include "io/spot_file.hpp"

namespace voltage::app {

struct SecondVenue {
  std::size_t sessions{};       // stretches of trades without a gap of more than five minutes
  double hours{};               // of bars
  std::size_t minutes_empty{};  // minutes in them without a trade
  // Columns of the ensemble: [0] first venue's bars alone, [1] the second's in its sessions.
  struct Event {
    app::Event event;
    std::vector<Time> at;
    std::vector<std::uint8_t> happened;
    std::array<std::vector<double>, 2> p;
  };
  std::vector<Event> events;
};

// history: the first venue's candles, before and through the sessions; 1-minute or 5-minute.
Result<SecondVenue> second_venue(const forecast::Bundle& bundle, const io::Candles& history,
                                 const std::vector<io::SpotTick>& ticks, const std::vector<Event>& events);

std::string second_text(const SecondVenue& result);
std::string second_json(const SecondVenue& result);

}  // namespace voltage::app
