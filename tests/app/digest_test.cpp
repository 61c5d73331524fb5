// The week adds up: what the digest says of a run is what the run's own books say, a run that can't be read hides no
// other, and few settlements give no interval.
#include "app/digest/digest.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "app/journal/replay.hpp"
#include "app/journal_fixture.hpp"
#include "base/time.hpp"

namespace voltage::app {
namespace {

using ::testing::HasSubstr;

const digest::Window kEver{Time{1}, *parse_iso("2099-01-01")};

TEST(Digest, says_what_the_books_of_the_run_say) {
  const testing::TempFolder temp;
  const std::string folder = testing::journaled_demo(temp, 8);
  std::filesystem::create_directories(temp.path("data/runs"));
  std::filesystem::rename(folder, temp.path("data/runs/demo-8"));
  const auto d = digest::make(temp.path("data"), kEver, {});
  ASSERT_TRUE(d) << d.error().message;
  ASSERT_EQ(d->runs.size(), 1U);
  EXPECT_TRUE(d->runs[0].ended_in_order);
  auto run = journal::Replayer::open(temp.path("data/runs/demo-8"));
  ASSERT_TRUE(run);
  // By hand: each quote of a contract against how it ended.
  std::map<event::ContractId, std::vector<double>> said;
  std::int64_t quotes = 0;
  double squares = 0;
  for (auto e = (*run)->peek(); e && *e; e = (*run)->peek()) {
    if (const auto* settled = std::get_if<event::Settled>(&(*e)->what)) {
      const double outcome = settled->outcome == event::Outcome::yes ? 1 : 0;
      for (const double fair : said[settled->contract]) {
        ++quotes;
        squares += (fair - outcome) * (fair - outcome);
      }
      said.erase(settled->contract);
    }
    ASSERT_TRUE((*run)->act());
    for (const auto& fx : (*run)->effects()) {
      if (const auto* q = std::get_if<event::Quote>(&fx); q != nullptr && q->bid && q->ask && !std::isnan(q->fair))
        said[q->contract].push_back(q->fair);
    }
  }
  const auto& engine = (*run)->core().engine();
  EXPECT_EQ(d->orders, engine.counters().orders);
  EXPECT_EQ(d->fills, engine.counters().fills);
  EXPECT_EQ(d->decisions, engine.counters().decisions);
  EXPECT_EQ(d->fees, engine.ledger().fees());
  Money net;
  for (const auto& p : engine.ledger().positions()) net += p.outcome && p.traded() ? p.flow : Money{};
  EXPECT_EQ(d->net, net);
  ASSERT_GT(quotes, 0);
  EXPECT_EQ(d->calibration.n, quotes);
  EXPECT_NEAR(d->calibration.brier, squares / static_cast<double>(quotes), 1e-12);
  EXPECT_GT(d->markout_60s.n, 0);
  const auto json = nlohmann::json::parse(digest::json(*d));
  EXPECT_EQ(json.at("orders"), d->orders);
  for (const char* part :
       {"Profit and loss", "Closing-line value", "Evidence", "Calibration", "Incidents", "maintenance"})
    EXPECT_THAT(digest::page(*d), HasSubstr(part));
  EXPECT_THAT(digest::message(*d), HasSubstr("Next maintenance"));
  // Another kind, another time: nothing.
  EXPECT_TRUE(digest::make(temp.path("data"), kEver, {"live"})->runs.empty());
  EXPECT_TRUE(digest::make(temp.path("data"), {Time{1}, Time{2}}, {})->runs.empty());
  // A run that can't be read is told and hides no other.
  std::filesystem::create_directories(temp.path("data/runs/broken"));
  std::filesystem::copy_file(temp.path("data/runs/demo-8/manifest.json"),
                             temp.path("data/runs/broken/" + io::segment_name(1)));
  const auto both = digest::make(temp.path("data"), kEver, {});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->runs.size(), 1U);
  EXPECT_EQ(both->refused.size(), 1U);
}

TEST(Digest, gives_no_interval_for_few_and_the_right_one_for_many) {
  EXPECT_TRUE(std::isnan(digest::interval_of({}).mean));
  EXPECT_TRUE(std::isnan(digest::interval_of({1, 2, 3, 4}).low));
  const auto i = digest::interval_of({1, 2, 3, 4, 5});
  EXPECT_DOUBLE_EQ(i.mean, 3);
  EXPECT_NEAR(i.low, 3 - 1.645 * std::sqrt(2.5 / 5), 1e-12);
}

TEST(Digest, knows_the_next_thursday_in_new_york) {
  EXPECT_EQ(format_iso(digest::next_maintenance(*parse_iso("2026-11-22T12:00:00Z"))), "2026-11-26T07:55:00Z");
  EXPECT_EQ(format_iso(digest::next_maintenance(*parse_iso("2026-07-01T00:00:00Z"))), "2026-07-02T06:55:00Z");
}

}  // namespace
}  // namespace voltage::app
