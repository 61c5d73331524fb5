// The whole program on real sockets against the virtual venues: what it believes to own must be what the venue
// says, to the micro-dollar, also after a restart.
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "app/journal/replay.hpp"
#include "app/journal/run_folder.hpp"
#include "app/live/report.hpp"
#include "app/live/session.hpp"
#include "event/codec.hpp"
#include "io/atomic_file.hpp"
#include "io/journal_reader.hpp"
#include "live_process.hpp"
#include "support/full.hpp"
#include "support/temp_folder.hpp"
#include "venue/kalshi/account.hpp"
#include "venue/kalshi/order_wire.hpp"

namespace voltage::app::live {
namespace {

using namespace literals;

bool full() {
  return tests::cases(0, 1) == 1;
}

Result<SessionReport> trade(const testing::LiveVenue& venue, Duration wall, bool makers) {
  SessionOptions options;
  const std::string toml = venue.toml("d", makers ? "makers = true\n" : "makers = false\n");
  if (const auto read = read_config(venue.folder.write("live.toml", toml), options.config); !read)
    return fail(read.error().message);
  apply_cap(options.config);
  auto account = open_account(options.config, true);
  if (!account) return fail(account.error().message);
  options.account = std::move(*account);
  options.run_for = wall;
  return run_session(options);
}

// The minutes before the run came as events of it, newest hours first, and the core runs the same on them again.
void expect_past_filled_in(const SessionReport& report) {
  EXPECT_EQ(report.history_filled, 1);
  auto run = journal::Replayer::open(report.folder);
  ASSERT_TRUE(run) << run.error().message;
  const Time start = (*run)->manifest().start;
  std::set<Time> minutes;
  for (;;) {
    const auto next = (*run)->peek();
    ASSERT_TRUE(next) << next.error().message;
    if (!*next) break;
    const auto* bar = std::get_if<event::CandleClosed>(&(*next)->what);
    const bool past = bar != nullptr && bar->candle.begin + 2_min < start;
    const auto difference = (*run)->act();
    ASSERT_TRUE(difference) << difference.error().message;
    ASSERT_FALSE(*difference) << (*difference)->what;
    if (!past) continue;
    minutes.insert(bar->candle.begin);
    EXPECT_TRUE((*run)->effects().empty()) << "nothing is decided by the past";
  }
  EXPECT_GT(minutes.size(), 60U);
}

TEST(Live, its_books_are_the_venues_and_it_never_trades_with_itself_and_a_restart_finds_what_it_left) {
  testing::LiveVenue venue{3};
  auto first = trade(venue, full() ? 180_s : 14_s, false);
  // What there is to take in so few seconds is the market's affair: a quiet stretch shows nothing.
  for (int more = 0; more < 5 && first && first->fills == 0; ++more) first = trade(venue, 14_s, false);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->equal.value_or(false)) << first->why;
  EXPECT_GT(first->orders, 0);
  EXPECT_GT(first->fills, 0);
  EXPECT_EQ(first->feeds.gaps, 0);
  EXPECT_EQ(first->feeds.undecodable, 0);
  expect_past_filled_in(*first);

  const auto second = trade(venue, full() ? 60_s : 8_s, true);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_TRUE(second->equal.value_or(false)) << second->why;

  // Not what our client read of the account, but the exchange's own books.
  venue.stop();
  const auto& exchange = venue.world().exchange();
  const auto& account = exchange.account(venue.world().account());
  EXPECT_TRUE(account.resting.empty());
  EXPECT_TRUE(account.groups.empty()) << "an order group is left";
  std::set<std::uint64_t> trades;
  for (const auto& fill : account.fills) EXPECT_TRUE(trades.insert(fill.trade_id).second) << "traded with itself";
  EXPECT_GE(account.fills.size(), static_cast<std::size_t>(first->fills));
  Money cash;
  for (const auto& [shard, money] : account.cash) cash += money;
  std::map<std::string, Qty> held;
  for (const auto& [market, position] : account.positions) {
    const auto& decided = exchange.market(market).yes;
    if (!decided && position.qty.centis != 0) held[exchange.market(market).contract.ticker] = position.qty;
    // The venue lists it until it pays; our books have it paid once it is decided.
    if (decided && *decided == (position.qty.centis > 0))
      cash += Price{Price::kOne} * Qty{std::abs(position.qty.centis)};
  }
  // Time went on after the session: what was decided since is not known to us.
  if (held == second->positions) {
    EXPECT_EQ(cash, second->cash_end);
  }
  for (const auto& [ticker, qty] : held) {
    ASSERT_TRUE(second->positions.contains(ticker)) << ticker;
    EXPECT_EQ(qty, second->positions.at(ticker)) << ticker;
  }
  if (full()) std::printf("%s\n%s\n", json(*first).c_str(), json(*second).c_str());
}

TEST(Live, a_start_deletes_the_order_groups_that_a_run_before_noted_and_no_others) {
  testing::LiveVenue venue{3};
  LiveConfig config;
  ASSERT_TRUE(read_config(venue.folder.write("live.toml", venue.toml("d")), config));
  auto account = venue::kalshi::Account::make(config.endpoints);
  ASSERT_TRUE(account);
  std::vector<std::string> made;
  for (int i = 0; i < 2; ++i) {
    const auto answer = (*account)->call("POST", "/portfolio/order_groups/create",
                                         R"({"contracts_limit_fp":"100.00","exchange_index":2})");
    ASSERT_TRUE(answer && answer->status == 201);
    const auto id = venue::kalshi::decode_group_id(answer->body);
    ASSERT_TRUE(id);
    made.push_back(*id);
  }
  std::filesystem::create_directories(control_folder(config));
  ASSERT_TRUE(io::write_file(groups_file(config), "2 " + made[0] + "\n"));
  ASSERT_TRUE(open_account(config, true));
  EXPECT_FALSE(std::filesystem::exists(groups_file(config)));
  venue.stop();
  const auto& left = venue.world().exchange().account(venue.world().account()).groups;
  EXPECT_EQ(left.size(), 1U);
  EXPECT_TRUE(left.contains(made[1])) << "a person's own";
}

// A person's own order rests: seen by every start, and touched only where the account is declared to be ours alone.
TEST(Live, a_start_leaves_orders_of_others_alone_unless_the_account_is_the_programs_alone) {
  testing::LiveVenue venue{3};
  const auto config = [&](const std::string& guard) {
    LiveConfig out;
    const auto read = read_config(venue.folder.write("live.toml", venue.toml("d") + guard), out);
    EXPECT_TRUE(read) << read.error().message;
    return out;
  };
  const auto plain = config("");
  auto account = venue::kalshi::Account::make(plain.endpoints);
  ASSERT_TRUE(account);
  const auto markets = (*account)->open_markets("KXBTC15M");
  ASSERT_TRUE(markets && !markets->empty());
  const auto placed = (*account)->call(
      "POST", std::string{venue::kalshi::kOrders},
      R"({"ticker":")" + markets->front().ticker +
          R"(","client_order_id":"mine","side":"bid","count":"10.00","price":"0.0100","time_in_force":"good_till_canceled","self_trade_prevention_type":"taker_at_cross","exchange_index":2})");
  ASSERT_TRUE(placed && placed->status == 201) << placed->body;
  for (const bool clean : {false, true}) {
    const auto seen = open_account(plain, clean);
    ASSERT_TRUE(seen) << seen.error().message;
    ASSERT_EQ(seen->foreign.size(), 1U);
    EXPECT_EQ(seen->foreign[0].client_order_id, "mine");
    EXPECT_GE(seen->foreign_reserved, Money{100'000});
    EXPECT_EQ(seen->cancelled, 0);
  }
  const auto alone = config("[guard]\nexclusive_account = true\n");
  const auto looked = open_account(alone, false);
  ASSERT_TRUE(looked) << looked.error().message;
  EXPECT_TRUE(looked->foreign.empty());
  EXPECT_EQ((*account)->resting_orders()->size(), 1U) << "who only looks touches nothing";
  const auto seen = open_account(alone, true);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_TRUE(seen->foreign.empty());
  EXPECT_EQ(seen->cancelled, 1);
  EXPECT_TRUE((*account)->resting_orders()->empty());
}

TEST(Live, in_shadow_every_order_is_composed_for_the_account_and_none_is_sent) {
  testing::LiveVenue venue{3};
  std::optional<SessionReport> report;
  Money cash;
  // What there is to take in so few seconds is the market's affair: a quiet stretch shows nothing.
  for (int more = 0; more < 5 && (!report || report->fills == 0); ++more) {
    SessionOptions options;
    const auto read = read_config(
        venue.folder.write("live.toml", "rung = \"shadow\"\n" + venue.toml("d", "makers = true\n")), options.config);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_TRUE(stand_on_rung(options.config));
    EXPECT_EQ(options.config.core.engine.rung, risk::Rung::shadow);
    auto account = open_account(options.config, false);
    ASSERT_TRUE(account) << account.error().message;
    cash = account->cash;
    options.shadow = std::move(*account);
    options.run_for = 14_s;
    auto run = run_session(options);
    ASSERT_TRUE(run) << run.error().message;
    report = std::move(*run);
  }
  EXPECT_GT(report->orders, 0);
  EXPECT_GT(report->fills, 0) << "what would have become of them";
  EXPECT_EQ(report->cash_start, cash) << "sized for the account as it is";
  const auto unsent = io::read_file(report->folder + "/unsent.ndjson");
  ASSERT_TRUE(unsent) << unsent.error().message;
  std::int64_t creates = 0;
  for (std::size_t at = 0; (at = unsent->find(R"("method":"POST","target":"/portfolio/events/orders","body":{"ticker")",
                                              at)) != std::string::npos;
       ++at)
    ++creates;
  EXPECT_EQ(creates, report->orders);
  const auto replayed = journal::replay(report->folder);
  ASSERT_TRUE(replayed) << replayed.error().message;
  EXPECT_FALSE(replayed->difference);
  EXPECT_EQ(replayed->manifest.kind, "shadow");
  venue.stop();
  const auto& account = venue.world().exchange().account(venue.world().account());
  EXPECT_TRUE(account.resting.empty());
  EXPECT_TRUE(account.fills.empty());
  EXPECT_TRUE(account.groups.empty());
}

TEST(Live, money_that_comes_and_goes_is_neither_profit_nor_a_difference) {
  testing::LiveVenue venue{3, {}, {{60_s, Money{50'000'000}}, {90_s, Money{-20'000'000}}}};
  const auto run = trade(venue, 14_s, false);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_TRUE(run->equal.value_or(false)) << run->why;
  EXPECT_EQ(run->deposits, Money{30'000'000});
}

// A run on the account whose every order is too large.
void trade_nothing(const testing::LiveVenue& venue, SessionOptions& options) {
  ASSERT_TRUE(read_config(venue.config, options.config));
  apply_cap(options.config);
  options.config.core.engine.limits.order_qty_max = {};
  auto account = open_account(options.config, true);
  ASSERT_TRUE(account) << account.error().message;
  options.account = std::move(*account);
}

// Only a run that trades nothing is sure to have no fill between: that is the other test's.
TEST(Live, interest_that_no_list_shows_is_neither_profit_nor_a_difference) {
  testing::LiveVenue venue{3, {}, {{200_s, Money{370'000}, false}}};
  SessionOptions options;
  ASSERT_NO_FATAL_FAILURE(trade_nothing(venue, options));
  options.run_for = 30_s;
  const auto run = run_session(options);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_TRUE(run->equal.value_or(false)) << run->why;
  EXPECT_EQ(run->deposits, Money{370'000});
  EXPECT_EQ(run->cash_end, run->cash_start + Money{370'000});
  const auto replayed = journal::replay(run->folder);
  ASSERT_TRUE(replayed) << replayed.error().message;
  EXPECT_FALSE(replayed->difference);
}

bool knows_where_the_cash_lies(const std::string& data) {
  for (const auto& folder : journal::run_folders(data)) {
    auto run = io::JournalReader::open(folder);
    while (run) {
      const auto record = run->next();
      if (!record || !*record) break;
      if ((*record)->type != io::RecordType::event) continue;
      const auto what = event::decode_payload((*record)->what);
      if (what && std::holds_alternative<event::CashPlaced>(*what)) return true;
    }
  }
  return false;
}

// A person moves it while the run goes on; no list tells.
TEST(Live, follows_where_the_cash_lies) {
  testing::LiveVenue venue{3};
  SessionOptions options;
  ASSERT_NO_FATAL_FAILURE(trade_nothing(venue, options));
  options.run_for = 18_s;
  std::thread person{[&] {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{12};
    while (!knows_where_the_cash_lies(options.config.data) && std::chrono::steady_clock::now() < give_up)
      std::this_thread::sleep_for(std::chrono::milliseconds{200});
    auto by_hand = venue::kalshi::Account::make(options.config.endpoints);
    ASSERT_TRUE(by_hand);
    const auto moved =
        (*by_hand)->call("POST", "/portfolio/intra_exchange_instance_transfer",
                         R"({"source":"event_contract","destination":"event_contract",)"
                         R"("source_exchange_shard":2,"destination_exchange_shard":0,"amount":99500000})");
    ASSERT_TRUE(moved) << moved.error().message;
    EXPECT_EQ(moved->status, 200) << moved->body;
  }};
  const auto run = run_session(options);
  person.join();
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_TRUE(run->equal.value_or(false)) << run->why;
  EXPECT_EQ(run->deposits, Money{}) << "it stays on the account";
  std::map<std::int32_t, std::vector<Money>> told;
  auto replayed = journal::Replayer::open(run->folder);
  ASSERT_TRUE(replayed) << replayed.error().message;
  for (;;) {
    const auto next = (*replayed)->peek();
    ASSERT_TRUE(next) << next.error().message;
    if (!*next) break;
    if (const auto* placed = std::get_if<event::CashPlaced>(&(*next)->what))
      told[placed->shard].push_back(placed->amount);
    const auto difference = (*replayed)->act();
    ASSERT_TRUE(difference && !*difference);
  }
  const Money each{10'000 * kDollar.micros}, moved{9'950 * kDollar.micros};
  EXPECT_EQ(told[2], (std::vector{each, each - moved}));
  EXPECT_EQ(told[0], (std::vector{each, each + moved}));
  EXPECT_EQ(told[1], std::vector{each});
}

// Else it would look like a gain of the day, to be lost again on top of the day's limit.
TEST(Live, what_was_paid_in_while_nothing_ran_moves_what_the_days_loss_is_counted_from) {
  testing::LiveVenue venue{3, {}, {{5_s, Money{50'000'000}}, {6_s, Money{-20'000'000}}}};
  LiveConfig config;
  ASSERT_TRUE(read_config(venue.folder.write("live.toml", venue.toml("d")), config));
  Result<Money> moved{Money{}};
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (moved && *moved != Money{30'000'000} && std::chrono::steady_clock::now() < give_up)
    moved = moved_since(config, Time{}, {});
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(*moved, Money{30'000'000});
  EXPECT_EQ(moved_since(config, config.endpoints.clock.now(), {}).value_or(Money{1}), Money{});
  auto account = venue::kalshi::Account::make(config.endpoints);
  ASSERT_TRUE(account);
  std::set<std::string> known;
  const auto moves = (*account)->cash_moves(Time{});
  ASSERT_TRUE(moves);
  for (const auto& move : *moves) {
    if (move.amount.micros > 0) known.insert(move.id);
  }
  EXPECT_EQ(moved_since(config, Time{}, known).value_or(Money{}), Money{-20'000'000});
}

// A restart takes a fifth of a second.
TEST(Live, a_run_that_follows_within_the_second_has_a_number_of_its_own) {
  const Time now = venue::wall_now();
  EXPECT_NE(run_number_at(now), run_number_at(now + 200_ms));
  EXPECT_LT(std::uint64_t{run_number_at(now)} << 32, std::uint64_t{1} << 63);
}

TEST(Live, a_terminal_that_closes_ends_it_in_order) {
  testing::LiveVenue venue{3};
  testing::Trader trader{venue, " --for 60s"};
  ASSERT_TRUE(trader.wait_ready(60_s)) << trader.said();
  EXPECT_EQ(trader.end(SIGHUP), 0) << trader.said();
  EXPECT_NE(trader.said().find("Live: orders went to the venue."), std::string::npos);
}

// A host that this program does not know is no playground: the canary rung and its evidence hold there too.
TEST(LiveConfig, every_venue_but_kalshis_demo_and_this_machine_is_real_money) {
  LiveConfig config;
  for (const char* rest : {"https://external-api.kalshi.com/trade-api/v2", "https://trading-api.kalshi.com/v2",
                           "https://EXTERNAL-API.KALSHI.COM/trade-api/v2", "https://10.0.0.7/trade-api/v2"}) {
    config.endpoints.kalshi_rest = rest;
    EXPECT_TRUE(real_money(config)) << rest;
  }
  for (const char* rest : {"https://external-api.demo.kalshi.co/trade-api/v2", "http://127.0.0.1:8080/trade-api/v2"}) {
    config.endpoints.kalshi_rest = rest;
    EXPECT_FALSE(real_money(config)) << rest;
  }
}

TEST(LiveConfig, the_index_is_needed_unless_a_person_says_that_it_can_not_be_read) {
  const voltage::testing::TempFolder folder;
  const auto needed = [&](const std::string& toml) {
    LiveConfig config;
    EXPECT_TRUE(read_config(folder.write("c.toml", toml), config));
    EXPECT_EQ(config.feeds.index, config.core.engine.needed[static_cast<std::size_t>(event::Stream::index)]);
    return config.feeds.index;
  };
  EXPECT_TRUE(needed("cap = \"250\"\n"));
  EXPECT_FALSE(needed("[kalshi]\nindex = false\n"));
}

TEST(LiveConfig, names_what_it_does_not_know_and_what_is_of_the_wrong_kind) {
  const voltage::testing::TempFolder folder;
  const auto wrong = [&](const std::string& toml) {
    LiveConfig config;
    const auto read = read_config(folder.write("c.toml", toml), config);
    return read ? std::string{} : read.error().message.substr(folder.path().size() + 1);
  };
  EXPECT_EQ(wrong("[limits]\nday_los = \"5\"\n"), "c.toml: limits.day_los: is not a key that this program knows");
  EXPECT_EQ(wrong("cap = 5\n"), "c.toml: cap: is not a text in quotes");
  EXPECT_EQ(wrong("cap = \"five\"\n"), "c.toml: cap: 'five' is no amount of dollars (\"50.00\")");
  EXPECT_EQ(wrong("[kalshi]\norder_prefix = \"a b\"\n"),
            "c.toml: kalshi.order_prefix: 1 to 32 letters, digits and underscores are needed");
  EXPECT_TRUE(wrong("[kalshi\n").starts_with("c.toml:1: "));
  EXPECT_EQ(wrong("cap = \"250\"\n[limits]\nday_loss = \"300\"\n"), "");
}

TEST(LiveConfig, the_cap_is_never_passed_by_the_days_limit) {
  LiveConfig config;
  config.core.engine.limits.day_loss_max = Money{300'000'000};
  config.cap = Money{100'000'000};
  apply_cap(config);
  EXPECT_EQ(loss_max_today(config, Money{1'000'000'000}), Money{100'000'000});
  EXPECT_EQ(loss_max_today(config, Money{20'000'000}), Money{20'000'000});
  // Thirty dollars are gone since the day began.
  const std::int64_t today = config.endpoints.clock.now().ns / (24_h).ns;
  const risk::Carried before{today, Money{1'030'000'000}, Money{1'030'000'000}};
  EXPECT_EQ(loss_max_today(config, Money{1'000'000'000}, before), Money{70'000'000});
}

}  // namespace
}  // namespace voltage::app::live
