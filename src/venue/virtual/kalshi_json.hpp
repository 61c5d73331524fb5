#pragma once
// The virtual Kalshi's objects in the words of the official REST schema.
#include <string>

#include "io/json_writer.hpp"
#include "venue/virtual/exchange.hpp"

namespace voltage::venue::virtual_kalshi {

inline constexpr std::string_view kUserId = "75000000-0000-4000-8000-000000000001";

const char* name(Phase phase);
const char* name(OrderStatus status);
const char* name(market::StrikeType type);
std::string_view price_structure(const market::TickGrid& ticks);

// Each writes a whole object.
void write_market(io::JsonWriter& w, const Market& m, Time now);
void write_event(io::JsonWriter& w, const Exchange& x, std::string_view event, bool with_markets, Time now);
void write_series(io::JsonWriter& w, const Exchange& x, std::string_view series, Time now);
void write_order(io::JsonWriter& w, const Exchange& x, const Order& order);
void write_fill(io::JsonWriter& w, const Exchange& x, const Fill& fill);
void write_position(io::JsonWriter& w, const Exchange& x, MarketIndex m, const Position& position);
void write_settlement(io::JsonWriter& w, const Exchange& x, const Settlement& settlement);
void write_trade(io::JsonWriter& w, const Exchange& x, MarketIndex m, const Trade& trade);
void write_bar(io::JsonWriter& w, const Bar& bar, Time end);
void write_ranges(io::JsonWriter& w, const market::TickGrid& ticks);
// The book as two arrays of bids, prices of each side's own contract, ascending.
void write_book(io::JsonWriter& w, const Market& m, std::size_t depth);

const char* name(market::FeeType type);
// A fee multiplier as a JSON number.
std::string multiplier_text(const market::FeeTerms& terms);

// What of an order holds money in the book: initial, filled, remaining as text, both fees and costs.
void write_order_amounts(io::JsonWriter& w, const Order& order);

}  // namespace voltage::venue::virtual_kalshi
