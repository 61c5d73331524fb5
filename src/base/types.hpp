#pragma once
// The units of the money path. Integers only: price × quantity is money exactly, and the NO price is
// one dollar minus the YES price exactly. There is one axis, YES: buying NO at q is selling YES at 1 − q.
//
//   Price     1/10,000 USD          of one contract, on the YES axis unless a name says otherwise
//   Qty       1/100 contract        signed where it is a position (long YES is positive)
//   Money     1/1,000,000 USD
//   Time      nanoseconds since the Unix epoch, UTC
//   Duration  nanoseconds
//
// None of them converts to another without a named function. Overflow is out of reach by the bounds
// that decoders enforce (kQtyMax, kMoneyMax), which the arithmetic tests check.
#include <compare>
#include <cstdint>

#include "base/check.hpp"

namespace voltage {

struct Money {
  std::int64_t micros{};
  constexpr auto operator<=>(const Money&) const = default;
  constexpr Money& operator+=(Money o) {
    micros += o.micros;
    return *this;
  }
  constexpr Money& operator-=(Money o) {
    micros -= o.micros;
    return *this;
  }
  friend constexpr Money operator+(Money a, Money b) { return {a.micros + b.micros}; }
  friend constexpr Money operator-(Money a, Money b) { return {a.micros - b.micros}; }
  constexpr Money operator-() const { return {-micros}; }
  constexpr double dollars() const { return static_cast<double>(micros) * 1e-6; }
};
inline constexpr Money kDollar{1'000'000};
inline constexpr Money kCent{10'000};

struct Qty {
  std::int64_t centis{};
  constexpr auto operator<=>(const Qty&) const = default;
  constexpr Qty& operator+=(Qty o) {
    centis += o.centis;
    return *this;
  }
  constexpr Qty& operator-=(Qty o) {
    centis -= o.centis;
    return *this;
  }
  friend constexpr Qty operator+(Qty a, Qty b) { return {a.centis + b.centis}; }
  friend constexpr Qty operator-(Qty a, Qty b) { return {a.centis - b.centis}; }
  constexpr Qty operator-() const { return {-centis}; }
  constexpr double contracts() const { return static_cast<double>(centis) * 1e-2; }
};
inline constexpr Qty kContract{100};
// No resting size or position of ours or of the venue comes near this; a decoder refuses more.
inline constexpr Qty kQtyMax{100'000'000'000};

struct Price {
  static constexpr std::int32_t kOne = 10'000;
  std::int32_t pips{};
  constexpr auto operator<=>(const Price&) const = default;
  constexpr Price complement() const { return {kOne - pips}; }
  constexpr double dollars() const { return static_cast<double>(pips) * 1e-4; }
};

constexpr Money operator*(Price p, Qty q) {
  return {std::int64_t{p.pips} * q.centis};
}
constexpr Money operator*(Qty q, Price p) {
  return p * q;
}
static_assert((Price{5'550} * Qty{250}).micros == 1'387'500);

constexpr Qty min(Qty a, Qty b) {
  return a < b ? a : b;
}
constexpr Qty max(Qty a, Qty b) {
  return a < b ? b : a;
}
constexpr Qty abs(Qty q) {
  return q.centis < 0 ? -q : q;
}
constexpr Money min(Money a, Money b) {
  return a < b ? a : b;
}
constexpr Money max(Money a, Money b) {
  return a < b ? b : a;
}

struct Duration {
  std::int64_t ns{};
  constexpr auto operator<=>(const Duration&) const = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
  friend constexpr Duration operator*(Duration a, std::int64_t k) { return {a.ns * k}; }
  constexpr double seconds() const { return static_cast<double>(ns) * 1e-9; }
};

struct Time {
  std::int64_t ns{};
  constexpr auto operator<=>(const Time&) const = default;
  friend constexpr Time operator+(Time t, Duration d) { return {t.ns + d.ns}; }
  friend constexpr Time operator-(Time t, Duration d) { return {t.ns - d.ns}; }
  friend constexpr Duration operator-(Time a, Time b) { return {a.ns - b.ns}; }
  constexpr std::int64_t ms() const { return ns / 1'000'000; }
  static constexpr Time from_ms(std::int64_t ms) { return {ms * 1'000'000}; }
};

namespace literals {
constexpr Duration operator""_ns(unsigned long long v) {
  return {static_cast<std::int64_t>(v)};
}
constexpr Duration operator""_ms(unsigned long long v) {
  return {static_cast<std::int64_t>(v) * 1'000'000};
}
constexpr Duration operator""_s(unsigned long long v) {
  return {static_cast<std::int64_t>(v) * 1'000'000'000};
}
constexpr Duration operator""_min(unsigned long long v) {
  return {static_cast<std::int64_t>(v) * 60'000'000'000};
}
constexpr Duration operator""_h(unsigned long long v) {
  return {static_cast<std::int64_t>(v) * 3'600'000'000'000};
}
}  // namespace literals

// Buy YES or sell YES. There is no third thing: a NO order is turned into one of these at the edge.
enum class Side : std::uint8_t { bid, ask };
constexpr Side opposite(Side s) {
  return s == Side::bid ? Side::ask : Side::bid;
}
constexpr std::int64_t sign(Side s) {
  return s == Side::bid ? 1 : -1;
}

// A probability: in [0, 1] and never NaN, by construction.
class Prob {
 public:
  constexpr explicit Prob(double p) : value_{p} { CHECK(p >= 0.0 && p <= 1.0); }
  constexpr double value() const { return value_; }
  constexpr auto operator<=>(const Prob&) const = default;

 private:
  double value_;
};

}  // namespace voltage
