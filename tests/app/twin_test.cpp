// Two real traders on one account that call their orders by the same name.
#include <algorithm>

#include "app/live_process.hpp"

namespace voltage::app {
namespace {

using namespace literals;
using testing::LiveVenue;
using testing::Trader;

TEST(Twin, one_of_two_traders_with_one_prefix_stops_taking_risk_and_says_why) {
  LiveVenue venue{3};
  std::vector<std::unique_ptr<Trader>> traders;
  for (const char* name : {"one", "two"}) {
    venue.config = venue.folder.write(std::string{name} + ".toml", venue.toml(name, "makers = true\n"));
    traders.push_back(std::make_unique<Trader>(venue, " --for 330s"));
    ASSERT_TRUE(traders.back()->wait_ready(60_s)) << traders.back()->said();
  }
  const auto told = [&] {
    return std::any_of(traders.begin(), traders.end(),
                       [](const auto& t) { return t->said().find("another trader") != std::string::npos; });
  };
  // An order must rest where the other one looks, and in the last quarter of an hour few do: up to an hour and a half of
  // the venue's time.
  for (int tenths = 0; tenths < 2700 && !told(); ++tenths) std::this_thread::sleep_for(std::chrono::milliseconds{100});
  EXPECT_TRUE(told()) << traders[0]->said() << "\n---\n" << traders[1]->said();
}

}  // namespace
}  // namespace voltage::app
