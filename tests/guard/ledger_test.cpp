// The account's books from the venue alone, over real sockets: orders of ours and of a person on one account, a
// quarter hour until they settle, then rebuild, audit and export by the real command.
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "base/decimal.hpp"
#include "guard/processes.hpp"
#include "io/json_writer.hpp"

namespace voltage {
namespace {

using testing::Child;
using testing::Eyes;
using testing::TestVenue;

// An order that takes what is there, at any price.
int take(Eyes& eyes, const std::string& ticker, const std::string& client_id, const char* side) {
  io::JsonWriter w;
  w.begin_object().string("ticker", ticker).string("client_order_id", client_id).string("side", side);
  w.qty("count", Qty{700}).price("price", std::string{side} == "bid" ? Price{9'900} : Price{100});
  w.string("time_in_force", "immediate_or_cancel").string("self_trade_prevention_type", "taker_at_cross");
  w.integer("exchange_index", 2).end_object();
  return eyes.ask("POST", "/portfolio/events/orders", w.take()).response.status;
}

std::string open_quarter(Eyes& eyes) {
  const auto o = eyes.ask("GET", "/markets?series_ticker=KXBTC15M&status=open&limit=10");
  venue::JsonDocument document;
  venue::kalshi::Counts counts;
  const auto root = document.parse(o.response.body);
  const auto object = venue::kalshi::decode_rest(*root, counts);
  const auto& markets = std::get<venue::kalshi::Markets>(*object).markets;
  return markets.empty() ? std::string{} : markets.front().ticker;
}

std::size_t settlements(Eyes& eyes) {
  const auto o = eyes.ask("GET", "/portfolio/settlements?limit=100");
  const auto page = venue::kalshi::decode_settlements(o.response.body);
  return page ? page->settlements.size() : 0;
}

TEST(LedgerCommand, rebuilds_audits_and_exports_an_account_that_a_person_trades_on_too) {
  TestVenue venue{"--speed 60 --seed 5"};
  Eyes eyes{venue};
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{120};
  const auto in_time = [&] { return std::chrono::steady_clock::now() < until; };
  int fills = 0, id = 0;
  std::string first;
  // A few round trips of ours and one trade of a person's, until some of it has settled.
  while (in_time() && (fills < 6 || settlements(eyes) == 0)) {
    const std::string ticker = open_quarter(eyes);
    if (!ticker.empty() && fills < 12) {
      ++id;
      const std::string who = id % 5 == 0 ? "person-" : "voltage-1-";
      fills += take(eyes, ticker, who + std::to_string(id), id % 3 == 0 ? "ask" : "bid") == 201;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
  }
  ASSERT_GT(settlements(eyes), 0U) << "nothing settled in time";
  // What is still held settles too, so that nothing moves while the lists are read.
  const auto held = [&] {
    const auto page = venue::kalshi::decode_positions(
        eyes.ask("GET", "/portfolio/positions?count_filter=position&limit=100").response.body);
    return !page || !page->positions.empty();
  };
  while (in_time() && held()) std::this_thread::sleep_for(std::chrono::milliseconds{300});
  const auto ledger = [&](std::vector<std::string> more) {
    std::vector<std::string> argv{VOLTAGE_BINARY, "ledger"};
    argv.insert(argv.end(), more.begin(), more.end());
    argv.insert(argv.end(), {"--venue", venue.file()});
    return argv;
  };
  EXPECT_EQ(Child{ledger({"rebuild"})}.wait(), 0);
  EXPECT_EQ(Child{ledger({"audit"})}.wait(), 0);
  const std::string csv = venue.folder().path("tax.csv");
  EXPECT_EQ(Child{ledger({"export", "--out", csv})}.wait(), 0);
  std::ifstream in{csv};
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "disposed_utc,acquired_utc,contract,side,quantity,cost,proceeds,fees,gain,how");
  int rows = 0;
  while (std::getline(in, line)) ++rows;
  EXPECT_GT(rows, 0);
}

}  // namespace
}  // namespace voltage
