#include "base/decimal.hpp"

#include <charconv>
#include <cmath>

namespace voltage {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<std::int64_t> parse_fixed(std::string_view text, int decimals) {
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++i;
  std::int64_t value = 0;
  int digits = 0;
  int fraction = -1;  // digits seen after the point; -1 before it
  bool any = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      if (fraction >= 0) return std::nullopt;
      fraction = 0;
      continue;
    }
    if (!is_digit(c)) return std::nullopt;
    any = true;
    if (fraction >= decimals) {
      if (c != '0') return std::nullopt;
      continue;
    }
    if ((value != 0 || c != '0') && ++digits > 18) return std::nullopt;
    value = value * 10 + (c - '0');
    if (fraction >= 0) ++fraction;
  }
  if (!any) return std::nullopt;
  for (int f = fraction < 0 ? 0 : fraction; f < decimals; ++f) {
    if (value != 0 && ++digits > 18) return std::nullopt;
    value *= 10;
  }
  return negative ? -value : value;
}

std::string format_fixed(std::int64_t value, int decimals) {
  const bool negative = value < 0;
  std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::string digits = std::to_string(magnitude);
  const auto places = static_cast<std::size_t>(decimals);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  if (negative) digits.insert(0, 1, '-');
  return digits;
}

std::optional<Price> parse_price(std::string_view dollars) {
  const auto pips = parse_fixed(dollars, 4);
  if (!pips || *pips < 0 || *pips > Price::kOne) return std::nullopt;
  return Price{static_cast<std::int32_t>(*pips)};
}

std::optional<Qty> parse_qty(std::string_view contracts) {
  const auto centis = parse_fixed(contracts, 2);
  if (!centis || abs(Qty{*centis}) > kQtyMax) return std::nullopt;
  return Qty{*centis};
}

std::optional<Money> parse_money(std::string_view dollars) {
  const auto micros = parse_fixed(dollars, 6);
  if (!micros) return std::nullopt;
  return Money{*micros};
}

std::string format_price(Price p) {
  return format_fixed(p.pips, 4);
}
std::string format_qty(Qty q) {
  return format_fixed(q.centis, 2);
}
std::string format_money(Money m) {
  return format_fixed(m.micros, 6);
}

std::optional<double> parse_double(std::string_view text) {
  double v{};
  const auto* end = text.data() + text.size();
  const auto [ptr, ec] = std::from_chars(text.data(), end, v);
  if (ec != std::errc{} || ptr != end || !std::isfinite(v)) return std::nullopt;
  return v;
}

std::optional<std::int64_t> parse_int(std::string_view text) {
  std::int64_t v{};
  const auto* end = text.data() + text.size();
  const auto [ptr, ec] = std::from_chars(text.data(), end, v);
  if (ec != std::errc{} || ptr != end) return std::nullopt;
  return v;
}

}  // namespace voltage
