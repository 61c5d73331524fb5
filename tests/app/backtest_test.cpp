// The twenty recorded sessions through the whole core.
#include "app/backtest/backtest.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "app/run/baseline_edge.hpp"
#include "io/atomic_file.hpp"
#include "support/recordings.hpp"
#include "support/temp_folder.hpp"

namespace voltage::app::backtest {
namespace {

Options options_for(const std::string& data, const std::string& out) {
  Options o;
  const std::string folder = data + "/kalshi_kxbtc15m/";
  o.tape = folder + "tape";
  o.spot = folder + "coinbase_spot_ticks.csv.gz";
  o.history = folder + "binance_btcusdt_5m_2026-03_05.csv.gz";
  o.results = folder + "results.csv";
  o.out = out;
  o.forecasts = []() -> Result<std::unique_ptr<ForecastEdge>> { return std::make_unique<BaselineEdge>(); };
  return o;
}

const std::vector<std::string> kFiles{"quotes.csv", "orders.csv", "fills.csv", "summary.json", "report.html"};

std::vector<std::string> outputs(const std::string& folder) {
  std::vector<std::string> all;
  for (const auto& name : kFiles) all.push_back(*io::read_file(folder + "/" + name));
  return all;
}

// The results file with every result and settlement, and every strike, taken out.
std::string blanked(const std::string& path) {
  std::istringstream in{*io::read_file(path)};
  std::string out, line;
  std::getline(in, out);
  out += "\n";
  while (std::getline(in, line)) {
    const std::string market = line.substr(0, line.find(','));
    std::size_t comma = 0;
    for (int i = 0; i < 4; ++i) comma = line.find(',', comma) + 1;
    out += market + ",,,," + line.substr(comma) + "\n";
  }
  return out;
}

TEST(Backtest, the_recorded_sessions_replay_whole_and_settle_what_has_a_result) {
  NEEDS_RECORDINGS(data);
  const testing::TempFolder folder;
  const auto report = run(options_for(data, folder.path("a")));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->sessions, 20);
  EXPECT_EQ(report->deltas, 1'244'371);
  EXPECT_EQ(report->sequence_holes, 0);
  EXPECT_EQ(report->books_lost, 0);
  EXPECT_EQ(report->crossed_messages, 457);
  EXPECT_EQ(report->crossed_decisions, 0);
  for (const auto& s : report->passes) {
    EXPECT_EQ(s.markets, 33);
    EXPECT_EQ(s.markets_settled, 31);
    EXPECT_EQ(s.markets_unsettled, 2);
    EXPECT_EQ(s.cash_start + s.sum_of_changes, s.cash_end) << s.fill_model;
  }
}

TEST(Backtest, two_runs_are_equal_files_and_outcomes_change_no_quote) {
  NEEDS_RECORDINGS(data);
  const testing::TempFolder folder;
  ASSERT_TRUE(run(options_for(data, folder.path("a"))));
  ASSERT_TRUE(run(options_for(data, folder.path("b"))));
  EXPECT_EQ(outputs(folder.path("a")), outputs(folder.path("b")));
  Options blind = options_for(data, folder.path("c"));
  blind.results = folder.write("blank.csv", blanked(blind.results));
  const auto report = run(blind);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->passes[1].markets_settled, 0);
  EXPECT_EQ(*io::read_file(folder.path("a/quotes.csv")), *io::read_file(folder.path("c/quotes.csv")));
}

// A session of two minutes, eight minutes after a strike was fixed at 80,017; Coinbase stands still at 80,000.
struct InventedSession {
  static constexpr std::int64_t kOpen = 1'778'688'000;  // 16:00 UTC, in seconds
  const testing::TempFolder folder;

  static std::string line(const char* kind, std::int64_t second, const std::string& seq, const std::string& msg) {
    return std::string{R"({"t":")"} + kind + R"(","recv_ns":)" + std::to_string(second) + R"(000000000,"seq":)" + seq +
           R"(,"market":"KXBTC15M-26MAY131215-15","msg":{"market_ticker":"KXBTC15M-26MAY131215-15",)" + msg + "}}\n";
  }
  // Spot trades once a second in [from, to), seconds after the strike's minute ended.
  static std::string trades(std::int64_t from, std::int64_t to) {
    std::string out;
    for (std::int64_t s = kOpen + from; s < kOpen + to; ++s) {
      const std::string ns = std::to_string(s) + "500000000";
      out += ns + "," + ns + ",80000.00," + std::to_string(s) + "\n";
    }
    return out;
  }
  Options options(const std::string& name, const std::string& spot) const {
    const std::int64_t start = kOpen + 480;
    Options o;
    std::filesystem::create_directory(folder.path(name + "-tape"));
    o.tape = folder.path(name + "-tape");
    folder.write(
        name + "-tape/1.ndjson",
        line("watch_market", start, "null",
             R"("close_time":"2026-05-13T16:15:00Z","status":"active","strike":80017.00)") +
            line("ws_connected", start, "null", R"("x":0)") +
            line("orderbook_snapshot", start, "1",
                 R"("yes_dollars_fp":[["0.4800","10.00"]],"no_dollars_fp":[["0.4800","10.00"]])") +
            line("orderbook_delta", start + 130, "2", R"("side":"yes","price_dollars":"0.4700","delta_fp":"5.00")"));
    o.spot = folder.write(name + "-spot.csv", "recv_ns,exch_ns,price,trade_id\n" + spot);
    std::string bars = "ts_ms,open,high,low,close,volume\n";
    for (std::int64_t s = kOpen - 86'400; s < start; s += 300)
      bars += std::to_string(s) +
              (s / 300 % 2 == 0 ? "000,80030,80040,79990,80000,1\n" : "000,80000,80040,79990,80030,1\n");
    o.history = folder.write("history.csv", bars);
    o.results =
        folder.write("results.csv", "market,strike,settlement_price,result,close_utc,settlement_price_source\n");
    o.out = folder.path(name);
    o.forecasts = []() -> Result<std::unique_ptr<ForecastEdge>> { return std::make_unique<BaselineEdge>(); };
    return o;
  }
};

double last_fair(const std::string& folder) {
  std::istringstream in{*io::read_file(folder + "/quotes.csv")};
  std::string line, last;
  while (std::getline(in, line)) last = line;
  std::istringstream cells{last};
  for (int i = 0; i < 6; ++i) std::getline(cells, line, ',');
  EXPECT_FALSE(line.empty()) << last;
  return std::strtod(line.c_str(), nullptr);
}

TEST(Backtest, trades_before_a_session_teach_the_basis_beside_the_strike_that_was_fixed_in_their_time) {
  const InventedSession invented;
  const std::string in_session = InventedSession::trades(480, 610);
  for (const auto& [name, spot] :
       {std::pair{"heard", InventedSession::trades(-120, 60) + in_session}, std::pair{"deaf", in_session}}) {
    const auto report = run(invented.options(name, spot));
    ASSERT_TRUE(report) << report.error().message;
  }
  // The strike was 17 dollars above Coinbase, and Coinbase has not moved: the index is at the strike.
  EXPECT_NEAR(last_fair(invented.folder.path("heard")), 0.5, 0.04);
  EXPECT_LT(last_fair(invented.folder.path("deaf")), 0.45);
}

TEST(Backtest, recordings_that_overlap_are_refused_by_name) {
  NEEDS_RECORDINGS(data);
  const testing::TempFolder temp;
  auto options = options_for(data, temp.path("out"));
  std::string first;
  for (const auto& entry : std::filesystem::directory_iterator{options.tape}) {
    if (const auto path = entry.path().string(); first.empty() || path < first) first = path;
  }
  options.tape = temp.path("tape");
  std::filesystem::create_directory(options.tape);
  for (const char* name : {"/1.ndjson.gz", "/2.ndjson.gz"}) std::filesystem::copy_file(first, options.tape + name);
  const auto report = run(options);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("2.ndjson.gz: begins before the recording before it ends"), std::string::npos)
      << report.error().message;
  EXPECT_FALSE(std::filesystem::exists(temp.path("out")));
}

TEST(Backtest, a_damaged_recording_leaves_no_result_files) {
  NEEDS_RECORDINGS(data);
  const testing::TempFolder folder;
  Options o = options_for(data, folder.path("out"));
  o.tape = folder.write(
      "broken.ndjson",
      R"({"t":"orderbook_delta","recv_ns":5,"seq":2,"market":"M","msg":{"side":"no","price_dollars":"0.5","delta_fp":"1.00"}})");
  const auto report = run(o);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("broken.ndjson:1"), std::string::npos) << report.error().message;
  EXPECT_FALSE(io::read_file(folder.path("out/quotes.csv")));
}

}  // namespace
}  // namespace voltage::app::backtest
