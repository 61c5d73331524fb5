// When the core may believe the account.
#include "app/live/account_trust.hpp"

#include <gtest/gtest.h>

#include "app/run/core.hpp"
#include "venue/kalshi/order_desk.hpp"
#include "venue/kalshi/rest_shape.hpp"

namespace voltage::app::live {
namespace {

using event::Health;

const event::StreamHealth kLives{event::Stream::kalshi_private, Health::healthy, ""};

class Trust : public ::testing::Test {
 protected:
  // The venue has what we have, or a dollar more.
  void compare(bool equal, Duration ago = {}) {
    venue::kalshi::Statement statement;
    statement.asked = clock.now() - ago;
    statement.cash[0] = core.engine().ledger().cash() + (equal ? Money{} : kDollar);
    books.compare(statement, core.engine());
    trust.on_statement();
  }
  std::optional<Health> news() {
    const auto said = trust.news();
    return said ? std::optional{said->health} : std::nullopt;
  }
  Core core{CoreConfig{}};
  venue::VenueClock clock;
  Reconciler books;
  AccountTrust trust{books, clock};
};

TEST_F(Trust, comes_with_the_stream_and_equal_books_and_goes_with_either) {
  EXPECT_EQ(news(), Health::unknown);
  trust.on_stream(kLives);
  EXPECT_EQ(news(), Health::down) << "not compared yet";
  compare(true);
  EXPECT_EQ(news(), Health::healthy);
  EXPECT_EQ(news(), std::nullopt) << "said once";
  compare(false);
  EXPECT_EQ(news(), std::nullopt) << "one difference may be a read that lags";
  compare(false);
  EXPECT_EQ(news(), Health::down);
  compare(true);
  EXPECT_EQ(news(), Health::healthy);
  trust.on_stream({event::Stream::kalshi_private, Health::down, "closed"});
  EXPECT_EQ(news(), Health::down);
}

TEST_F(Trust, does_not_come_back_in_a_run_whose_venue_changed_its_format) {
  trust.on_stream(kLives);
  compare(true);
  EXPECT_EQ(news(), Health::healthy);
  trust.on_failure(venue::kalshi::kSchemaChanged + "order: count is gone");
  const auto said = trust.news();
  ASSERT_TRUE(said);
  EXPECT_EQ(said->health, Health::down);
  EXPECT_NE(said->why.find("count is gone"), std::string::npos);
  trust.on_stream(kLives);
  compare(true);
  EXPECT_EQ(news(), std::nullopt) << "still down";
}

TEST_F(Trust, does_not_come_back_in_a_run_that_shares_its_prefix_with_another) {
  trust.on_stream(kLives);
  compare(true);
  EXPECT_EQ(news(), Health::healthy);
  trust.on_stream({event::Stream::kalshi_private, Health::down, std::string{venue::kalshi::kAnotherTrader} + " …"});
  EXPECT_EQ(news(), Health::down);
  trust.on_stream(kLives);
  compare(true);
  EXPECT_EQ(news(), std::nullopt) << "still down";
}

// Statements come, and none can be compared: an order without an answer must not hold off the comparison for ever.
TEST_F(Trust, goes_when_the_books_could_not_be_compared_for_minutes) {
  trust.on_stream(kLives);
  compare(true, Duration{170'000'000'000});
  EXPECT_EQ(news(), Health::healthy);
  compare(true, Duration{190'000'000'000});
  EXPECT_EQ(news(), Health::stale);
  compare(true);
  EXPECT_EQ(news(), Health::healthy);
}

TEST_F(Trust, outlives_a_single_failure_to_read_the_account) {
  trust.on_stream(kLives);
  compare(true);
  EXPECT_EQ(news(), Health::healthy);
  trust.on_failure("no answer");
  EXPECT_EQ(news(), std::nullopt);
}

}  // namespace
}  // namespace voltage::app::live
