// The real process against the virtual venue, killed without a word again and again. VOLTAGE_FULL=1: 200 times.
#include <algorithm>
#include <cstdio>
#include <set>
#include <vector>

#include "app/journal/run_folder.hpp"
#include "app/live_process.hpp"
#include "base/rng.hpp"
#include "support/full.hpp"
#include "venue/kalshi/account.hpp"

namespace voltage::app {
namespace {

using namespace literals;
using testing::LiveVenue;
using testing::Trader;

TEST(KillSweep, a_killed_process_comes_back_with_the_venues_books) {
  LiveVenue venue;
  Rng rng{9};
  std::vector<double> ready;
  const std::int64_t kills = tests::cases(4, 200);
  for (std::int64_t i = 0; i < kills; ++i) {
    Trader trader{venue, " --for 600s"};
    ASSERT_TRUE(trader.wait_ready(60_s)) << "kill " << i << "\n" << trader.said();
    ready.push_back(*trader.seconds_to_ready());
    // Anywhere: while it starts to trade, between an order and its answer, between a fill and its record.
    std::this_thread::sleep_for(std::chrono::microseconds{static_cast<std::int64_t>(rng.uniform(0, 2.5e6))});
    ASSERT_EQ(trader.end(SIGKILL), -SIGKILL);
  }
  Trader last{venue, " --for 6s --json"};
  const int code = last.end(0);
  EXPECT_EQ(code, 0) << "its books are not the venue's\n" << last.said();

  venue.stop();
  const auto& exchange = venue.world().exchange();
  const auto& account = exchange.account(venue.world().account());
  EXPECT_GT(account.fills.size(), 0U) << "nothing was traded: nothing was shown";
  EXPECT_TRUE(account.resting.empty());
  std::set<std::uint64_t> trades;
  for (const auto& fill : account.fills) EXPECT_TRUE(trades.insert(fill.trade_id).second) << "traded with itself";
  // One order of the venue for each id of ours: nothing was sent twice under two names.
  EXPECT_EQ(account.by_client_id.size(), account.orders.size());
  std::sort(ready.begin(), ready.end());
  std::printf("%zu kills, %zu orders, %zu fills; ready and reconciled after %.2f s at the median, %.2f s at most\n",
              ready.size(), account.orders.size(), account.fills.size(), ready[ready.size() / 2], ready.back());
  // In the suite, beside others, the figures are printed and bound nothing.
  if (kills > 100) {
    EXPECT_LT(ready[ready.size() / 2], 0.6);
    EXPECT_LT(ready.back(), 2.0);
  }
}

TEST(KillSweep, a_stopped_process_rests_nothing_at_the_venue) {
  LiveVenue venue;
  Trader trader{venue, " --for 600s"};
  ASSERT_TRUE(trader.wait_ready(60_s)) << trader.said();
  std::this_thread::sleep_for(std::chrono::seconds{2});
  trader.send(SIGSTOP);
  // What was under way arrives; then nothing of the process may stand at the venue.
  std::this_thread::sleep_for(std::chrono::seconds{1});
  venue::Endpoints endpoints;
  ASSERT_TRUE(venue::read_endpoints(venue.line, endpoints));
  auto account = venue::kalshi::Account::make(endpoints);
  ASSERT_TRUE(account);
  const auto resting = (*account)->resting_orders();
  ASSERT_TRUE(resting) << resting.error().message;
  EXPECT_TRUE(resting->empty());
  trader.send(SIGCONT);
}

TEST(KillSweep, a_second_process_on_the_same_journal_is_refused) {
  LiveVenue venue;
  Trader first{venue, " --for 600s"};
  ASSERT_TRUE(first.wait_ready(60_s)) << first.said();
  Trader second{venue, " --for 600s"};
  EXPECT_EQ(second.end(0), 1) << second.said();
  EXPECT_NE(second.said().find("process " + std::to_string(first.pid())), std::string::npos) << second.said();
  // The lock goes with the process, however it goes.
  first.end(SIGKILL);
  Trader third{venue, " --for 600s"};
  EXPECT_TRUE(third.wait_ready(60_s)) << third.said();
}

TEST(KillSweep, what_a_person_stopped_is_not_started_again_by_a_supervisor) {
  LiveVenue venue;
  {
    Trader trader{venue, " --for 2s"};
    EXPECT_EQ(trader.end(0), 0) << trader.said();
  }
  // An end that was asked for is no halt; one that a person ordered is.
  const std::string halted = venue.folder.path("data") + "/runs/halted";
  auto journal = journal::start_run({halted, "live", 0, venue::wall_now() + 1'000_h, {}}, {}, {});
  ASSERT_TRUE(journal);
  (*journal)->append({1, venue::wall_now() + 1'000_h, event::OperatorSaid{event::OperatorAction::kill, "it smells"}});
  ASSERT_TRUE((*journal)->close());
  Trader refused{venue, " --for 2s"};
  EXPECT_EQ(refused.end(0), 1) << refused.said();
  EXPECT_NE(refused.said().find("it smells"), std::string::npos) << refused.said();
  Trader resumed{venue, " --for 2s --resume"};
  EXPECT_EQ(resumed.end(0), 0) << resumed.said();
}

}  // namespace
}  // namespace voltage::app
