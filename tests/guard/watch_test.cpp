#include "app/guard/watch.hpp"

#include <filesystem>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "app/guard/config.hpp"
#include "support/temp_folder.hpp"
#include "venue/kalshi/portfolio.hpp"

namespace voltage::app::guard {
namespace {

using namespace literals;

io::PulseSeen beat_at(Duration at) {
  return {1, 1, 1, at, false};
}

Money usd(std::int64_t n) {
  return Money{n * kDollar.micros};
}

AccountSeen account(std::int64_t cash, std::int64_t positions, std::int64_t collateral) {
  return {.cash = usd(cash),
          .positions = usd(positions),
          .collateral = usd(collateral),
          .orders_ours = 1,
          .orders_foreign = 0,
          .largest_order = Qty{100}};
}

TEST(Watch, sweeps_while_the_trader_is_absent_silent_or_gone_and_is_calm_while_it_beats) {
  Watch w{GuardRules{}};
  w.on_pulse(10_s, std::nullopt);
  EXPECT_EQ(w.sweep(), "trader absent");
  w.on_pulse(11_s, beat_at(10_s));
  EXPECT_EQ(w.sweep(), "");
  w.on_pulse(13_s, beat_at(10_s));
  EXPECT_EQ(w.sweep(), "") << "three seconds are allowed";
  w.on_pulse(14_s, beat_at(10_s));
  EXPECT_EQ(w.sweep(), "trader silent for 4.0 s");
  w.on_pulse(15_s, beat_at(15_s));
  EXPECT_EQ(w.sweep(), "");
  auto gone = beat_at(15_s);
  gone.farewell = true;
  w.on_pulse(16_s, gone);
  EXPECT_EQ(w.sweep(), "trader stopped");
  w.on_pulse(17_s, beat_at(900_s));
  EXPECT_NE(w.sweep(), "") << "a beat of before the machine's restart is none";
  EXPECT_EQ(w.pull(), "") << "one silence is mended by a restart";
}

TEST(Watch, the_third_silence_within_an_hour_pulls_the_switch_and_clearing_it_forgets_them) {
  Watch w{GuardRules{}};
  for (int i = 1; i <= 3; ++i) {
    const Duration t{60'000'000'000LL * i};
    w.on_pulse(t, beat_at(t));
    w.on_pulse(t + 5_s, beat_at(t));
    EXPECT_EQ(w.pull().empty(), i < 3);
  }
  w.on_latch(io::Pulled{"", "guard", w.pull()});
  w.on_latch(std::nullopt);
  w.on_pulse(300_s, beat_at(300_s));
  EXPECT_EQ(w.sweep(), "");
}

TEST(Watch, measures_the_account_against_its_own_limits_twice_before_it_pulls) {
  GuardRules rules;
  rules.loss_max = usd(50);
  rules.exposure_max = usd(300);
  Watch w{rules};
  w.on_pulse(1_s, beat_at(1_s));
  w.on_account(5, account(900, 80, 20));
  w.on_account(5, account(700, 280, 20));
  EXPECT_EQ(w.pull(), "") << "cash became positions: no loss";
  w.on_account(5, account(700, 240, 0));
  EXPECT_EQ(w.loss(), usd(60));
  EXPECT_EQ(w.pull(), "") << "one answer may be older than the other";
  w.on_account(5, account(700, 260, 0));
  w.on_account(5, account(700, 240, 0));
  EXPECT_EQ(w.pull(), "");
  w.on_account(5, account(700, 240, 0));
  EXPECT_EQ(w.pull(), "the account lost $60.00 today, $50.00 are allowed");
  Watch next{rules};
  next.on_account(6, account(700, 240, 0));
  EXPECT_EQ(next.loss(), Money{}) << "a new day";
  next.on_account(6, account(600, 240, 100));
  next.on_account(6, account(600, 240, 100));
  EXPECT_EQ(next.pull(), "the account's exposure is $340.00, $300.00 are allowed");
}

TEST(Watch, an_earlier_guards_day_goes_on) {
  GuardRules rules;
  rules.loss_max = usd(50);
  Watch w{rules};
  w.remember_day(7, usd(1'000));
  w.on_account(7, account(900, 0, 0));
  EXPECT_EQ(w.loss(), usd(100));
}

TEST(Latch, is_on_the_disk_outlives_its_process_and_keeps_the_first_reason) {
  const testing::TempFolder folder;
  const io::Latch latch{folder.path("control")};
  EXPECT_FALSE(latch.pulled());
  const pid_t child = ::fork();
  if (child == 0) ::_exit(latch.pull(Time{}, "guard", "first\nreason") ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  ASSERT_TRUE(latch.pull(Time{}, "operator", "second"));
  ASSERT_TRUE(latch.pulled());
  EXPECT_EQ(latch.pulled()->why, "first reason");
  EXPECT_FALSE(latch.clear(Time{}, "  "));
  EXPECT_TRUE(latch.pulled());
  EXPECT_TRUE(latch.clear(Time{}, "looked at it"));
  EXPECT_FALSE(latch.pulled());
  EXPECT_FALSE(latch.clear(Time{}, "again"));
}

TEST(Latch, that_can_not_be_read_counts_as_pulled) {
  const testing::TempFolder folder;
  folder.write("kill", "half a li");
  EXPECT_TRUE(io::Latch{folder.path()}.pulled());
}

TEST(Pulse, is_seen_by_another_process_and_stands_still_when_its_loop_does) {
  const testing::TempFolder folder;
  const std::string path = io::pulse_path(folder.path(), "trader");
  EXPECT_FALSE(*io::read_pulse(path));
  {
    auto pulse = io::Pulse::create(path);
    ASSERT_TRUE(pulse);
    pulse->beat(7);
    const auto seen = io::read_pulse(path);
    ASSERT_TRUE(seen && *seen);
    EXPECT_EQ((*seen)->pid, ::getpid());
    EXPECT_EQ((*seen)->progress, 7U);
    EXPECT_LE((*seen)->at, io::machine_time());
    EXPECT_EQ((*io::read_pulse(path))->at, (*seen)->at);
    pulse->beat(8);
    EXPECT_GT((*io::read_pulse(path))->at, (*seen)->at);
    pulse->farewell();
  }
  EXPECT_TRUE((*io::read_pulse(path))->farewell);
  std::ofstream{path} << "something else";
  EXPECT_FALSE(io::read_pulse(path));
  std::filesystem::remove(path);
}

TEST(GuardConfig, is_read_and_a_limit_with_a_typing_error_is_refused) {
  const testing::TempFolder folder;
  const auto good = read_config(folder.write("good.toml",
                                             "[kalshi]\nrest = \"http://127.0.0.1:1/x\"\nkey_id = \"k\"\n"
                                             "order_prefix = \"mine\"\n"
                                             "[guard]\nstall = \"2s\"\nloss_max_usd = 12.5\norders_max = 9\n"
                                             "[risk]\nanything = 1\n"));
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->rules.loss_max, Money{12'500'000});
  EXPECT_EQ(good->rules.stall_max, 2_s);
  EXPECT_EQ(good->rules.orders_max, 9);
  EXPECT_TRUE(good->ownership.ours("mine-1"));
  EXPECT_FALSE(good->ownership.ours("voltage-1"));
  const auto error = [&](const std::string& text) {
    const auto read = read_config(folder.write("bad.toml", text));
    return read ? std::string{"read"} : read.error().message.substr(folder.path().size() + 1);
  };
  EXPECT_EQ(error("[guard]\nlos_max_usd = 5\n"), "bad.toml: [guard] los_max_usd is not known");
  EXPECT_EQ(error("[guard]\nstall = \"1m\"\n"), "bad.toml: [guard] stall must be a duration from 500ms to 5s");
  EXPECT_EQ(error("[kalshi]\norder_prefix = \"\"\n"),
            "bad.toml: [kalshi] order_prefix is empty: nothing would be ours");
  EXPECT_EQ(error("[guard\n").substr(0, 11), "bad.toml:1:");
}

TEST(Collateral, closing_orders_hold_nothing_back) {
  using venue::kalshi::Order;
  Order sell;
  sell.ticker = "A";
  sell.side = Side::ask;
  sell.price = Price{6'000};
  sell.remaining = Qty{1'000};
  Order buy = sell;
  buy.side = Side::bid;
  buy.price = Price{3'000};
  const std::vector<venue::kalshi::HeldPosition> held{{"A", 2, Qty{400}, usd(2), {}, {}}};
  EXPECT_EQ(venue::kalshi::resting_collateral({sell}, {}), Money{4'000'000});
  EXPECT_EQ(venue::kalshi::resting_collateral({sell}, held), Money{2'400'000});
  EXPECT_EQ(venue::kalshi::resting_collateral({sell, buy}, held), Money{5'400'000});
}

}  // namespace
}  // namespace voltage::app::guard
