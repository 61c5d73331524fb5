// Goal: every order of a run can be explained from its journal, and every second without one names why.
#include "app/journal/explain.hpp"

#include <gtest/gtest.h>

#include "app/journal_fixture.hpp"

namespace voltage::app {
namespace {

TEST(Explain, names_the_reason_of_every_random_order_and_of_every_second_without_one) {
  const testing::TempFolder temp;
  const auto check = journal::check_explanations(testing::journaled_demo(temp, 8), 1000, 3);
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_GT(check->orders, 0);
  EXPECT_EQ(check->orders_explained, check->orders);
  EXPECT_GT(check->seconds, 500);
  EXPECT_EQ(check->seconds_explained, check->seconds);
  for (const auto& line : check->failures) ADD_FAILURE() << line;
}

TEST(Explain, tells_an_order_back_to_the_book_and_the_forecast) {
  const testing::TempFolder temp;
  const std::string folder = testing::journaled_demo(temp, 8);
  const auto reason = journal::explain_order(folder, (std::uint64_t{1} << 32) | 1);
  ASSERT_TRUE(reason) << reason.error().message;
  ASSERT_TRUE(reason->order);
  EXPECT_TRUE(reason->vetoes.empty());
  for (const char* word : {"book ", "bitcoin ", "strike ", "forecast ", "belief ", "order ", "limit "}) {
    EXPECT_NE(reason->text.find(word), std::string::npos) << word;
  }
  for (const char* part : {"Decision: size and limits", "Belief and edge", "Density of bitcoin", "each member", "<svg",
                           "Candles", "Features", "loss of the contract"}) {
    EXPECT_NE(reason->page.find(part), std::string::npos) << part;
  }
  const auto same = journal::explain_market(folder, reason->contract.ticker, reason->at);
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(same->seq, reason->seq);
  EXPECT_FALSE(journal::explain_order(folder, 99));
  EXPECT_FALSE(journal::explain_market(folder, "NO-SUCH", reason->at));
}

}  // namespace
}  // namespace voltage::app
