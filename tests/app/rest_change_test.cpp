// The venue changes an answer about orders or the account while the real process trades: the alarm names the field, and
// no order is sent any more. tests/venue/rest_shape_test.cpp has every field of every answer.
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "app/live_process.hpp"
#include "support/full.hpp"
#include "venue/endpoints.hpp"

namespace voltage::app {
namespace {

using namespace literals;
using testing::LiveVenue;
using testing::Trader;

struct Change {
  const char* fault;
  const char* alarm;
};

void expect_stopped(const Change& change) {
  SCOPED_TRACE(change.fault);
  LiveVenue venue{5, change.fault};
  venue::Endpoints endpoints;
  ASSERT_TRUE(venue::read_endpoints(venue.line, endpoints));
  Trader trader{venue, " --for 600s"};
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (trader.said().find("down schema: ") == std::string::npos && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  // What had left before the alarm has arrived after a quarter of a second of the wall.
  std::this_thread::sleep_for(std::chrono::milliseconds{250});
  const Time alarm = endpoints.clock.now();
  const auto said = trader.said();
  ASSERT_NE(said.find(std::string{"down schema: Kalshi: "} + change.alarm), std::string::npos) << said;
  std::this_thread::sleep_for(std::chrono::seconds{3});
  EXPECT_EQ(trader.said().find("stream 1: healthy", said.find("down schema: ")), std::string::npos) << trader.said();
  trader.end(SIGKILL);
  venue.stop();
  const auto& exchange = venue.world().exchange();
  std::int64_t before = 0, after = 0;
  for (const auto id : exchange.account(venue.world().account()).orders)
    ++(exchange.order(id)->created > alarm ? after : before);
  EXPECT_GT(before, 0) << "a run that does not trade proves nothing";
  EXPECT_EQ(after, 0) << "an order after the alarm\n" << trader.said();
}

TEST(RestChange, no_order_follows_an_answer_that_lost_a_field) {
  expect_stopped({"field_rename of=\"remaining_count\" field=remaining_count after=2", "POST order"});
  expect_stopped({"field_drop of=balance_breakdown field=balance_breakdown after=4", "GET balance: balance_breakdown"});
  if (tests::cases(0, 1) == 0) return;
  expect_stopped({"field_retype of=\"fill_count\" field=fill_count after=2", "POST order"});
  expect_stopped({"field_drop of=\"fill_count\" field=order_id after=2", "POST order"});
  expect_stopped({"field_rename of=\"market_positions\" field=position_fp after=1", "GET positions: position_fp"});
  expect_stopped({"field_rename of=\"market_position\" field=position_fp after=1", "market_position: msg.position_fp"});
  expect_stopped({"field_retype of=resting_order_value_breakdown field=balance after=4", "GET reserved: balance"});
  expect_stopped({"field_drop of=\"fills\" field=cursor after=4", "GET fills: cursor"});
  expect_stopped({"field_rename of=\"orders\" field=cursor after=4", "GET orders: cursor"});
}

}  // namespace
}  // namespace voltage::app
