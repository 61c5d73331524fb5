#pragma once
// An order book of one contract on the YES axis: a NO bid at q stands here as a YES ask at 1 − q.
// Sizes are the venue's, in 1/100 contract, changed by signed deltas. The book knows levels and nothing
// else: whether it may be believed (gaps, age, a feed that died) is the core's business (market/trust.hpp).
// Every operation is O(1) but loading and clearing, which cost the levels that are there.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/types.hpp"

namespace voltage::market {

struct Level {
  Price price{};
  Qty qty{};
  constexpr auto operator<=>(const Level&) const = default;
};

class Book {
 public:
  Book();
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;
  Book(Book&&) noexcept = default;
  Book& operator=(Book&&) noexcept = default;

  void clear();
  // Replaces everything. False, and an empty book, if a size is not positive or a price repeats.
  [[nodiscard]] bool load(std::span<const Level> bids, std::span<const Level> asks);
  // Adds `change` to the size resting at the price. False, and no change, if it would go below zero:
  // the book is then wrong and must be fetched anew.
  [[nodiscard]] bool apply(Side side, Price price, Qty change);

  Qty at(Side side, Price price) const { return sides_[index(side)]->qty[static_cast<std::size_t>(price.pips)]; }
  std::optional<Level> best(Side side) const;
  // The next level away from the touch after `price` (bids: below; asks: above).
  std::optional<Level> next(Side side, Price price) const;
  // Total size at `price` or better.
  Qty depth(Side side, Price price) const;

  bool two_sided() const { return best(Side::bid) && best(Side::ask); }
  // Best bid at or above best ask. Lasts milliseconds while the two sides' updates arrive one after the other.
  bool locked_or_crossed() const;
  // Both need a two-sided, uncrossed book. In dollars.
  std::optional<double> mid() const;
  std::optional<double> microprice() const;  // touch prices weighted by the opposite sizes

 private:
  static constexpr std::size_t kPrices = Price::kOne + 1;
  static constexpr std::size_t kWords = (kPrices + 63) / 64;
  static constexpr std::size_t kGroups = (kWords + 63) / 64;
  struct Half {
    std::array<Qty, kPrices> qty{};
    std::array<std::uint64_t, kWords> occupied{};  // a bit a price
    std::array<std::uint64_t, kGroups> words{};    // a bit a word of `occupied` that is not zero
    std::int32_t best{-1};                         // -1: empty
  };
  static std::size_t index(Side s) { return s == Side::bid ? 0 : 1; }
  static std::int32_t find_below(const Half& half, std::int32_t from);  // greatest occupied <= from, -1 if none
  static std::int32_t find_above(const Half& half, std::int32_t from);  // least occupied >= from, -1 if none
  void set(Side side, std::int32_t pips, Qty qty);

  std::array<std::unique_ptr<Half>, 2> sides_;
};

}  // namespace voltage::market
