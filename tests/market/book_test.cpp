// An order book on the YES axis: levels, tops, and what it refuses.
#include "market/book.hpp"

#include <map>

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "market/books.hpp"

namespace voltage::market {
namespace {

Contract contract(std::uint32_t id) {
  Contract c;
  c.id = {id};
  c.ticker = "TEST";
  return c;
}

TEST(Book, gives_the_touch_and_walks_away_from_it) {
  Book book;
  ASSERT_TRUE(book.load(std::vector<Level>{{Price{4000}, Qty{100}}, {Price{4500}, Qty{250}}},
                        std::vector<Level>{{Price{5500}, Qty{300}}, {Price{4700}, Qty{50}}}));
  EXPECT_EQ(book.best(Side::bid), (Level{Price{4500}, Qty{250}}));
  EXPECT_EQ(book.best(Side::ask), (Level{Price{4700}, Qty{50}}));
  EXPECT_EQ(book.next(Side::ask, Price{4700}), (Level{Price{5500}, Qty{300}}));
  EXPECT_EQ(book.next(Side::bid, Price{4000}), std::nullopt);
  EXPECT_EQ(book.depth(Side::ask, Price{5500}), Qty{350});
  EXPECT_DOUBLE_EQ(*book.mid(), 0.46);
  EXPECT_NEAR(*book.microprice(), (0.45 * 0.5 + 0.47 * 2.5) / 3.0, 1e-12);
}

TEST(Book, refuses_a_change_below_zero_and_stays_as_it_was) {
  Book book;
  ASSERT_TRUE(book.apply(Side::bid, Price{4500}, Qty{10}));
  EXPECT_FALSE(book.apply(Side::bid, Price{4500}, Qty{-11}));
  EXPECT_EQ(book.at(Side::bid, Price{4500}), Qty{10});
}

TEST(Book, refuses_a_snapshot_with_a_repeated_price_or_an_empty_level) {
  Book book;
  EXPECT_FALSE(book.load(std::vector<Level>{{Price{4000}, Qty{1}}, {Price{4000}, Qty{1}}}, {}));
  EXPECT_FALSE(book.load(std::vector<Level>{{Price{4000}, Qty{0}}}, {}));
  EXPECT_FALSE(book.two_sided());
}

TEST(Book, equals_a_plain_map_over_a_million_random_changes) {
  Book book;
  std::map<std::int32_t, std::int64_t> model;
  Rng rng{1};
  for (int i = 0; i < 1'000'000; ++i) {
    const auto pips = static_cast<std::int32_t>(rng.below(Price::kOne + 1));
    const auto change = static_cast<std::int64_t>(rng.below(2001)) - 1000;
    const bool possible = model[pips] + change >= 0;
    ASSERT_EQ(book.apply(Side::bid, Price{pips}, Qty{change}), possible);
    if (possible) model[pips] += change;
    if (model[pips] == 0) model.erase(pips);
    const auto best = book.best(Side::bid);
    ASSERT_EQ(best.has_value(), !model.empty());
    if (best) {
      ASSERT_EQ(*best, (Level{Price{model.rbegin()->first}, Qty{model.rbegin()->second}}));
    }
  }
}

TEST(Books, believes_nothing_before_a_snapshot_and_nothing_after_a_loss) {
  Books books;
  books.see(contract(0));
  books.apply({0}, Time{1}, Side::bid, Price{100}, Qty{1});
  EXPECT_EQ(books.at({0}).trust, Trust::missing);
  books.load({0}, Time{2}, std::vector<Level>{{Price{100}, Qty{5}}}, {});
  EXPECT_EQ(books.at({0}).trust, Trust::valid);
  books.apply({0}, Time{3}, Side::bid, Price{100}, Qty{-6});
  EXPECT_EQ(books.at({0}).trust, Trust::lost);
  books.apply({0}, Time{4}, Side::bid, Price{100}, Qty{1});
  EXPECT_EQ(books.at({0}).trust, Trust::lost) << "only a snapshot brings a book back";
}

TEST(Books, an_hour_after_its_close_a_book_is_gone_and_asked_in_vain) {
  Books books;
  Contract c = contract(0);
  c.close = Time{3'600'000'000'000};
  books.see(c);
  books.load(c.id, Time{1}, std::vector<Level>{{Price{4'000}, Qty{100}}}, std::vector<Level>{{Price{5'000}, Qty{100}}});
  books.pass_time(c.close);
  EXPECT_EQ(books.at(c.id).trust, Trust::valid);
  books.pass_time(c.close + Duration{3'600'000'000'000});
  const auto& listing = books.at(c.id);
  EXPECT_EQ(listing.trust, Trust::lost);
  EXPECT_FALSE(listing.book.best(Side::bid));
  EXPECT_FALSE(listing.book.next(Side::ask, Price{5'000}));
  EXPECT_FALSE(listing.book.mid());
  EXPECT_FALSE(listing.book.microprice());
  EXPECT_FALSE(listing.book.locked_or_crossed());
  EXPECT_EQ(listing.book.depth(Side::bid, Price{0}), Qty{0});
  books.apply(c.id, c.close, Side::bid, Price{4'000}, Qty{100});
  EXPECT_FALSE(listing.book.best(Side::bid));
  // A snapshot brings it back.
  books.load(c.id, Time{1}, std::vector<Level>{{Price{4'000}, Qty{100}}}, {});
  EXPECT_EQ(listing.book.best(Side::bid)->price, Price{4'000});
}

TEST(Books, a_crossed_moment_is_counted_and_one_that_stays_is_a_lost_book) {
  using namespace literals;
  Books books{2_s};
  books.see(contract(0));
  const Time start{1'000'000'000};
  books.load({0}, start, std::vector<Level>{{Price{5000}, Qty{5}}}, std::vector<Level>{{Price{5100}, Qty{5}}});
  books.apply({0}, start + 1_ms, Side::bid, Price{5100}, Qty{3});
  EXPECT_EQ(books.at({0}).trust, Trust::crossed);
  books.apply({0}, start + 4_ms, Side::ask, Price{5100}, Qty{-5});
  EXPECT_EQ(books.at({0}).trust, Trust::valid);
  EXPECT_EQ(books.at({0}).crossed_moments, 1);
  books.apply({0}, start + 5_ms, Side::ask, Price{5100}, Qty{5});
  books.pass_time(start + 3_s);
  EXPECT_EQ(books.at({0}).trust, Trust::lost);
}

}  // namespace
}  // namespace voltage::market
