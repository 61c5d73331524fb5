// The simulated market is efficient: what its makers quote is how often it happens, at every moment.
#include "venue/sim/sim_market.hpp"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "market/books.hpp"

namespace voltage::venue::sim {
namespace {

using namespace literals;

struct Bucket {
  double quoted{0}, happened{0}, variance{0};
  int n{0};
};

// By whole seconds left and by tenth of the mid.
std::map<std::pair<int, int>, Bucket> watch(int windows, const std::vector<int>& seconds_left) {
  SimMarketOptions options;
  options.seed = 5;
  options.history = 1_h;
  SimMarket market{options};
  market::Books books;
  std::map<std::pair<int, int>, Bucket> buckets;
  std::map<int, double> seen;  // by seconds left, of the window that is open
  Time now{};
  event::ContractId open{};
  const auto look = [&] {
    if (books.size() == 0) return;
    const auto& listing = books.at(open);
    const auto left = static_cast<int>((listing.contract.close - now).ns / (1_s).ns);
    if (const auto mid = listing.book.mid(); mid && left > 0) seen[left] = *mid;
  };
  for (int settled = 0; settled < windows;) {
    const Happening h = market.next();
    if (h.at != now) look();
    now = h.at;
    if (const auto* c = std::get_if<event::ContractSeen>(&h.what)) {
      books.see(c->contract);
      open = c->contract.id;
      seen.clear();
    } else if (const auto* s = std::get_if<event::BookSnapshot>(&h.what)) {
      books.load(s->contract, now, s->bids, s->asks);
    } else if (const auto* d = std::get_if<event::BookDelta>(&h.what)) {
      books.apply(d->contract, now, d->side, d->price, d->change);
    } else if (const auto* end = std::get_if<event::Settled>(&h.what)) {
      ++settled;
      for (const int left : seconds_left) {
        if (!seen.contains(left)) continue;
        Bucket& b = buckets[{left, static_cast<int>(10 * seen[left])}];
        b.quoted += seen[left];
        b.happened += end->outcome == event::Outcome::yes;
        b.variance += seen[left] * (1 - seen[left]);
        ++b.n;
      }
    }
  }
  return buckets;
}

TEST(SimMarket, what_the_makers_quote_is_how_often_it_happens) {
  for (const auto& [key, b] : watch(2'500, {600, 59, 45, 31, 12})) {
    if (b.n < 20) continue;
    // The makers' own noise is half a cent a quote; three and a half standard errors are left to chance.
    EXPECT_NEAR(b.happened, b.quoted, 3.5 * std::sqrt(b.variance) + 0.006 * b.n)
        << key.first << " s left, quoted about " << b.quoted / b.n << ", " << b.n << " times";
  }
}

TEST(SimMarket, the_same_seed_is_the_same_market) {
  SimMarketOptions options;
  options.history = 1_h;
  SimMarket a{options}, b{options};
  for (int i = 0; i < 20'000; ++i) {
    const Happening x = a.next(), y = b.next();
    ASSERT_EQ(x.at, y.at);
    ASSERT_EQ(x.what.index(), y.what.index());
    if (const auto* d = std::get_if<event::BookDelta>(&x.what)) {
      const auto& e = std::get<event::BookDelta>(y.what);
      ASSERT_TRUE(d->price == e.price && d->change == e.change && d->side == e.side);
    }
  }
}

}  // namespace
}  // namespace voltage::venue::sim
