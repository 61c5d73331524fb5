#include "market/book.hpp"

#include <bit>
#include <utility>

namespace voltage::market {

Book::Book() : sides_{std::make_unique<Half>(), std::make_unique<Half>()} {}

// A book that was moved from holds no memory: it is empty, and comes back with its first level.
void Book::clear() {
  for (auto& half : sides_) {
    if (!half) continue;
    for (std::int32_t pips = find_above(*half, 0); pips >= 0; pips = find_above(*half, pips + 1))
      half->qty[static_cast<std::size_t>(pips)] = Qty{};
    for (std::size_t g = 0; g < kGroups; ++g) {
      for (std::uint64_t words = std::exchange(half->words[g], 0); words != 0; words &= words - 1)
        half->occupied[g * 64 + static_cast<std::size_t>(std::countr_zero(words))] = 0;
    }
    half->best = -1;
  }
}

std::int32_t Book::find_below(const Half& half, std::int32_t from) {
  if (from < 0) return -1;
  auto word = static_cast<std::size_t>(from) / 64;
  std::uint64_t bits = half.occupied[word] & (~std::uint64_t{0} >> (63 - from % 64));
  if (bits == 0) {
    auto group = word / 64;
    std::uint64_t words = half.words[group] & ((std::uint64_t{1} << (word % 64)) - 1);
    while (words == 0) {
      if (group == 0) return -1;
      words = half.words[--group];
    }
    word = group * 64 + 63 - static_cast<std::size_t>(std::countl_zero(words));
    bits = half.occupied[word];
  }
  return static_cast<std::int32_t>(word * 64) + 63 - std::countl_zero(bits);
}

std::int32_t Book::find_above(const Half& half, std::int32_t from) {
  if (from > Price::kOne) return -1;
  auto word = static_cast<std::size_t>(from) / 64;
  std::uint64_t bits = half.occupied[word] & (~std::uint64_t{0} << (from % 64));
  if (bits == 0) {
    auto group = word / 64;
    // Two shifts: one of 64 would do nothing.
    std::uint64_t words = half.words[group] & (~std::uint64_t{0} << (word % 64) << 1);
    while (words == 0) {
      if (++group == kGroups) return -1;
      words = half.words[group];
    }
    word = group * 64 + static_cast<std::size_t>(std::countr_zero(words));
    bits = half.occupied[word];
  }
  return static_cast<std::int32_t>(word * 64) + std::countr_zero(bits);
}

void Book::set(Side side, std::int32_t pips, Qty qty) {
  Half& half = *sides_[index(side)];
  half.qty[static_cast<std::size_t>(pips)] = qty;
  const std::uint64_t bit = std::uint64_t{1} << (pips % 64);
  const auto at_word = static_cast<std::size_t>(pips) / 64;
  auto& word = half.occupied[at_word];
  const std::uint64_t word_bit = std::uint64_t{1} << (at_word % 64);
  if (qty.centis > 0) {
    word |= bit;
    half.words[at_word / 64] |= word_bit;
    const bool better = half.best < 0 || (side == Side::bid ? pips > half.best : pips < half.best);
    if (better) half.best = pips;
    return;
  }
  word &= ~bit;
  if (word == 0) half.words[at_word / 64] &= ~word_bit;
  if (half.best == pips) half.best = side == Side::bid ? find_below(half, pips) : find_above(half, pips);
}

bool Book::load(std::span<const Level> bids, std::span<const Level> asks) {
  clear();
  for (auto& half : sides_) {
    if (!half) half = std::make_unique<Half>();
  }
  for (const Side side : {Side::bid, Side::ask}) {
    for (const Level& level : side == Side::bid ? bids : asks) {
      const bool sane = level.price.pips >= 0 && level.price.pips <= Price::kOne && level.qty.centis > 0 &&
                        at(side, level.price).centis == 0;
      if (!sane) {
        clear();
        return false;
      }
      set(side, level.price.pips, level.qty);
    }
  }
  return true;
}

bool Book::apply(Side side, Price price, Qty change) {
  CHECK(price.pips >= 0 && price.pips <= Price::kOne);
  for (auto& half : sides_) {
    if (!half) half = std::make_unique<Half>();
  }
  const Qty after = at(side, price) + change;
  if (after.centis < 0) return false;
  set(side, price.pips, after);
  return true;
}

std::optional<Level> Book::best(Side side) const {
  const auto& half = sides_[index(side)];
  const std::int32_t pips = half ? half->best : -1;
  if (pips < 0) return std::nullopt;
  return Level{Price{pips}, at(side, Price{pips})};
}

std::optional<Level> Book::next(Side side, Price price) const {
  if (!sides_[index(side)]) return std::nullopt;
  const Half& half = *sides_[index(side)];
  const std::int32_t pips = side == Side::bid ? find_below(half, price.pips - 1) : find_above(half, price.pips + 1);
  if (pips < 0) return std::nullopt;
  return Level{Price{pips}, at(side, Price{pips})};
}

Qty Book::depth(Side side, Price price) const {
  Qty total{};
  for (auto level = best(side); level; level = next(side, level->price)) {
    if (side == Side::bid ? level->price < price : level->price > price) break;
    total += level->qty;
  }
  return total;
}

bool Book::locked_or_crossed() const {
  if (!sides_[0] || !sides_[1]) return false;
  const std::int32_t bid = sides_[0]->best, ask = sides_[1]->best;
  return bid >= 0 && ask >= 0 && bid >= ask;
}

std::optional<double> Book::mid() const {
  if (!two_sided() || locked_or_crossed()) return std::nullopt;
  return 0.5 * (best(Side::bid)->price.dollars() + best(Side::ask)->price.dollars());
}

std::optional<double> Book::microprice() const {
  if (!two_sided() || locked_or_crossed()) return std::nullopt;
  const Level bid = *best(Side::bid), ask = *best(Side::ask);
  const double b = bid.qty.contracts(), a = ask.qty.contracts();
  return (bid.price.dollars() * a + ask.price.dollars() * b) / (a + b);
}

}  // namespace voltage::market
