#pragma once
// Decimal text <-> fixed point, exactly. A digit beyond the unit is refused, never rounded: "0.12345"
// as a price is an error, "0.120000" is 0.12. No locale, no double, no allocation on success.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types.hpp"

namespace voltage {

// text as a whole number of 10^-decimals; empty if it is not plain decimal, has a non-zero digit
// beyond `decimals`, or does not fit in 18 digits. Accepts a sign; refuses exponents and spaces.
std::optional<std::int64_t> parse_fixed(std::string_view text, int decimals);
std::string format_fixed(std::int64_t value, int decimals);

std::optional<Price> parse_price(std::string_view dollars);  // [0, 1] dollar
std::optional<Qty> parse_qty(std::string_view contracts);    // within ±kQtyMax
std::optional<Money> parse_money(std::string_view dollars);

std::string format_price(Price p);  // "0.5550"
std::string format_qty(Qty q);      // "10.00"
std::string format_money(Money m);  // "1.387500"

// A finite double from the whole of text (std::from_chars: no locale); empty otherwise.
std::optional<double> parse_double(std::string_view text);
std::optional<std::int64_t> parse_int(std::string_view text);

}  // namespace voltage
