// Another key while the real trader and the real guard run: both go on with it when the old one is revoked, and a key
// that does not open the same account changes nothing.
#include <chrono>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "app/keys/key_change.hpp"
#include "io/atomic_file.hpp"
#include "live_process.hpp"
#include "support/venue_process.hpp"
#include "venue/fields.hpp"
#include "venue/kalshi/account.hpp"

namespace voltage::app {
namespace {

using namespace literals;
using testing::LiveVenue;
using testing::Trader;
using venue::kalshi::Account;
using voltage::testing::run;

template <class Met>
bool within(Duration wall, Met met) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds{wall.ns};
  while (std::chrono::steady_clock::now() < until) {
    if (met()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return met();
}

venue::Endpoints endpoints_of(const LiveVenue& venue) {
  venue::Endpoints e;
  EXPECT_TRUE(venue::read_endpoints(venue.line, e));
  return e;
}

std::string field_of(const std::string& body, std::string_view name) {
  venue::JsonDocument document;
  const auto root = document.parse(body);
  venue::Flaws flaws;
  venue::Fields f{*root, "body", flaws};
  return std::string{f.text_or(name)};
}

// Made at the venue by the key in use: the id, and the private key in a file of mode 0600.
std::string made_key(Account& account, const std::string& file) {
  const auto made = account.call("POST", "/api_keys/generate", R"({"name":"the next one","key_type":"ed25519"})");
  EXPECT_EQ(made->status, 201);
  std::ofstream{file} << field_of(made->body, "private_key");
  EXPECT_EQ(::chmod(file.c_str(), 0600), 0);
  return field_of(made->body, "api_key_id");
}

std::size_t orders_of(Account& account) {
  const auto all = account.all("/portfolio/orders", venue::kalshi::decode_orders, &venue::kalshi::RestOrders::orders);
  return all ? all->size() : 0;
}

TEST(Rekey, trader_and_guard_go_on_with_another_key_when_the_old_one_is_revoked) {
  LiveVenue venue{3};
  const std::string control = venue.folder.path("data/control");
  venue.config =
      venue.folder.write("live.toml", venue.toml("data", "makers = true\n") + "[guard]\nloss_max_usd = 20000\n");
  const std::string guard_log = venue.folder.path("guard.log");
  const std::string binary = VOLTAGE_BINARY;
  ASSERT_EQ(run(binary + " guard --for 100s --config " + venue.config + " > " + guard_log + " & echo $! > " +
                venue.folder.path("guard.pid")),
            0);
  ASSERT_TRUE(within(20_s, [&] { return !keys::who_signs(control).empty(); }));
  Trader trader{venue, ""};
  ASSERT_TRUE(trader.wait_ready(60_s)) << trader.said();
  const venue::Endpoints first = endpoints_of(venue);
  auto account = Account::make(first);
  ASSERT_TRUE(account);

  const std::string rekey = binary + " rekey --config " + venue.config;
  const std::string wrong = venue.folder.path("wrong.pem"), right = venue.folder.path("right.pem");
  ASSERT_TRUE(venue::kalshi::Key::generate(venue::kalshi::Key::Kind::ed25519)->write(wrong));
  EXPECT_EQ(run(rekey + " --key-id " + first.kalshi_key_id + " --key-file " + wrong + " > /dev/null 2>&1"), 1);
  for (const auto& s : keys::who_signs(control)) {
    EXPECT_NE(s.refused.find("the venue does not take the offered key"), std::string::npos) << s.who << s.refused;
    EXPECT_EQ(s.key_id, first.kalshi_key_id);
  }

  const std::string id = made_key(**account, right);
  EXPECT_EQ(run(rekey + " --key-id " + id + " --key-file " + right + " > /dev/null"), 0);
  const auto signs = keys::who_signs(control);
  ASSERT_EQ(signs.size(), 2U);
  for (const auto& s : signs) EXPECT_EQ(s.key_id, id) << s.who << ": " << s.refused;
  EXPECT_FALSE(std::filesystem::exists(keys::offer_path(control))) << "no key is left lying about";

  venue::Endpoints next = first;
  next.kalshi_key_id = id;
  next.kalshi_key_file = right;
  auto after = Account::make(next);
  ASSERT_TRUE(after);
  EXPECT_EQ((*after)->call("DELETE", "/api_keys/" + first.kalshi_key_id)->status, 204);
  EXPECT_EQ((*account)->call("GET", "/portfolio/balance")->status, 401);
  // Orders, as a rule; but whether there are any is the market's affair. What rests at the stop is cancelled, and the
  // books are compared once more, by calls that only the new key can sign.
  const std::size_t before = orders_of(**after);
  within(10_s, [&] { return orders_of(**after) > before; });
  EXPECT_EQ(trader.end(SIGTERM), 0) << trader.said();
  const auto resting = (*after)->resting_orders();
  ASSERT_TRUE(resting);
  EXPECT_TRUE(resting->empty());
  EXPECT_NE(trader.said().find("signs with the key " + id), std::string::npos) << trader.said();
  run("kill $(cat " + venue.folder.path("guard.pid") + ")");
  const auto guard_said = io::read_file(guard_log);
  ASSERT_TRUE(guard_said);
  const auto signs_anew = guard_said->find("signs with the key " + id);
  ASSERT_NE(signs_anew, std::string::npos) << *guard_said;
  EXPECT_EQ(guard_said->find("401", signs_anew), std::string::npos) << *guard_said;
}

TEST(Rekey, a_key_of_another_account_is_told_from_ours) {
  const LiveVenue ours{3}, others{3, {}, {{1_ms, Money{50'000'000}}}};
  const auto a = endpoints_of(ours), b = endpoints_of(others);
  EXPECT_TRUE(keys::same_account(a, a));
  const auto other = keys::same_account(a, b);
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("another account"), std::string::npos) << other.error().message;
}

TEST(Rekey, an_offer_is_one_at_a_time_and_for_its_owners_eyes) {
  const voltage::testing::TempFolder folder;
  const auto offer = keys::make_offer(folder.path(), "id", "no key");
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_EQ(keys::offer_there(folder.path()), *offer);
  const auto second = keys::make_offer(folder.path(), "id", "no key");
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("another offer lies there"), std::string::npos);
  struct stat about{};
  ASSERT_EQ(::stat(keys::offer_path(folder.path()).c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  EXPECT_FALSE(keys::read_offer(folder.path())) << "it holds no key";
  keys::take_back(folder.path());
  EXPECT_EQ(keys::offer_there(folder.path()), "");
}

TEST(Rekey, an_offer_that_nobody_answers_is_gone_with_the_command) {
  const voltage::testing::TempFolder folder;
  const std::string key = folder.path("k.pem");
  ASSERT_TRUE(venue::kalshi::Key::generate(venue::kalshi::Key::Kind::ed25519)->write(key));
  ASSERT_TRUE(keys::say_signs(folder.path(), {"trader", ::getpid(), "old", "", ""}));
  EXPECT_EQ(run("timeout -s INT 2 " + std::string{VOLTAGE_BINARY} + " rekey --key-id new --control " + folder.path() +
                " --key-file " + key + " > /dev/null 2>&1"),
            124);
  EXPECT_EQ(keys::offer_there(folder.path()), "");
}

}  // namespace
}  // namespace voltage::app
