// Every field that money hangs on, of every answer about the account and its orders, renamed, retyped and dropped in
// turn: each is named, and none is found wrong in what the virtual venue really says.
#include "venue/kalshi/rest_shape.hpp"

#include <gmock/gmock.h>

#include <set>

#include <fmt/format.h>

#include "desk_rig.hpp"
#include "venue/virtual/reshape.hpp"

namespace voltage::venue::kalshi {
namespace {

using ::testing::HasSubstr;
using vk::Reshaping;

struct Said {
  std::string method, target;
  int status{};
  std::string body;
};

// Orders placed alone and together, one cancelled, one filled, and everything that is asked of an account.
class Account {
 public:
  Account()
      : world_{options()},
        signer_{fresh_key(folder_)},
        gate_{"key", *Key::read(folder_.path("key.pem"))},
        api_{world_, gate_, *vk::tier_of("prestige")} {
    std::string ticker;
    for (const auto& m : world_.exchange().markets()) {
      if (m.phase == vk::Phase::active && m.best_ask() && m.best_bid()) ticker = m.contract.ticker;
    }
    const auto order = [&](const char* id, const char* side, const char* price, const char* tif) {
      return fmt::format(
          R"({{"ticker":"{}","client_order_id":"{}","side":"{}","count":"3.00","price":"{}","time_in_force":"{}",)"
          R"("self_trade_prevention_type":"taker_at_cross"}})",
          ticker, id, side, price, tif);
    };
    const std::string group = R"({"contracts_limit_fp":"1000.00"})";
    say("POST", "/portfolio/order_groups/create", group);
    say("POST", "/portfolio/events/orders", order("a", "bid", "0.9900", "immediate_or_cancel"));
    say("POST", "/portfolio/events/orders", order("b", "bid", "0.0100", "good_till_canceled"));
    const auto id = member(all.back().body, "order_id");
    say("POST", "/portfolio/events/orders/batched",
        "{\"orders\":[" + order("c", "bid", "0.0100", "good_till_canceled") + "]}");
    const auto second = member(all.back().body, "order_id");
    say("GET", "/portfolio/orders/" + id);
    say("GET", "/portfolio/orders?status=resting&limit=1000");
    say("GET", "/portfolio/fills?limit=1000");
    say("GET", "/portfolio/positions?limit=1000&count_filter=position");
    say("GET", "/portfolio/balance");
    say("GET", "/portfolio/summary/total_resting_order_value");
    say("GET", "/account/limits");
    say("GET", "/series/KXBTCD");
    const std::string wish = fmt::format(R"({{"ticker":"{}","side":"bid","price":"0.0200","count":"3.00"}})", ticker);
    say("POST", "/portfolio/events/orders/" + id + "/amend", wish);
    say("POST", "/portfolio/events/orders/" + id + "/decrease",
        fmt::format(R"({{"reduce_by":"1.00","market_ticker":"{}"}})", ticker));
    say("DELETE", "/portfolio/events/orders/" + id + "?market_ticker=" + ticker);
    say("DELETE", "/portfolio/events/orders/batched",
        R"({"orders":[{"order_id":")" + second + R"(","market_ticker":")" + ticker + R"("}]})");
  }
  std::vector<Said> all;

 private:
  static vk::WorldOptions options() {
    auto o = world_options();
    o.history = 1_h;
    return o;
  }
  static Key fresh_key(const voltage::testing::TempFolder& folder) {
    auto key = Key::generate(Key::Kind::ed25519);
    EXPECT_TRUE(key && key->write(folder.path("key.pem")));
    return std::move(*key);
  }
  static std::string member(const std::string& body, const std::string& name) {
    const auto at = body.find("\"" + name + "\":\"") + name.size() + 4;
    return body.substr(at, body.find('"', at) - at);
  }
  void say(const std::string& method, const std::string& target, const std::string& body = {}) {
    world_.advance(world_.now() + 2_s);
    net::Request request{method, "/trade-api/v2" + target, body, {}};
    request.headers["kalshi-access-key"] = "key";
    request.headers["kalshi-access-timestamp"] = std::to_string(world_.now().ms());
    request.headers["kalshi-access-signature"] = *signer_.sign(world_.now(), method, request.path());
    auto answer = api_.handle(request, world_.now());
    ASSERT_LT(answer.status, 300) << method << " " << target << "\n" << answer.body;
    all.push_back({method, target, answer.status, std::move(answer.body)});
  }

  voltage::testing::TempFolder folder_;
  vk::World world_;
  Key signer_;
  vk::Gate gate_;
  vk::KalshiApi api_;
};

TEST(RestShape, finds_nothing_wrong_in_what_the_venue_says) {
  const Account account;
  for (const auto& said : account.all)
    EXPECT_EQ(shape_change(said.method, said.target, said.status, said.body), "") << said.target << "\n" << said.body;
}

TEST(RestShape, names_every_field_that_money_hangs_on_renamed_retyped_or_dropped) {
  const Account account;
  const std::vector<std::pair<std::string, std::vector<std::string>>> fields{
      {"POST order:", {"order_id", "fill_count", "remaining_count"}},
      {"POST orders:", {"orders", "order_id", "fill_count", "remaining_count"}},
      {"DELETE order:", {"order_id", "reduced_by"}},
      {"DELETE orders:", {"orders", "order_id", "reduced_by"}},
      {"POST amend:", {"order_id"}},
      {"POST decrease:", {"order_id", "remaining_count"}},
      {"GET order:",
       {"order", "order_id", "client_order_id", "ticker", "status", "yes_price_dollars", "initial_count_fp",
        "fill_count_fp", "remaining_count_fp"}},
      {"GET orders:",
       {"orders", "cursor", "order_id", "client_order_id", "ticker", "status", "yes_price_dollars", "initial_count_fp",
        "fill_count_fp", "remaining_count_fp"}},
      {"GET fills:",
       {"fills", "cursor", "trade_id", "order_id", "ticker", "yes_price_dollars", "count_fp", "fee_cost", "is_taker"}},
      {"GET positions:", {"market_positions", "ticker", "position_fp"}},
      {"GET balance:", {"balance_breakdown", "exchange_index", "balance"}},
      {"GET reserved:", {"balance"}},
      {"GET limits:", {"read", "write", "refill_rate", "bucket_capacity"}},
      {"GET series:", {"series", "fee_type", "fee_multiplier"}},
      {"POST order group:", {"order_group_id"}},
  };
  int shown = 0;
  std::set<std::string> calls;
  for (const auto& said : account.all) {
    for (const auto& [call, names] : fields) {
      for (const auto& field : names) {
        for (const auto how : {Reshaping::rename, Reshaping::retype, Reshaping::drop}) {
          const auto changed = vk::reshaped(said.body, how, field);
          if (!changed) continue;
          const auto what = shape_change(said.method, said.target, said.status, *changed);
          if (!what.starts_with(call)) continue;  // this call does not need it
          EXPECT_THAT(what, HasSubstr(" " + field + " is ")) << *changed;
          calls.insert(call + field + std::to_string(static_cast<int>(how)));
          ++shown;
        }
      }
    }
  }
  std::size_t all = 0;
  for (const auto& [call, names] : fields) all += 3 * names.size();
  EXPECT_EQ(calls.size(), all) << "a field of the list was not seen to be missed";
  std::printf("%d changes of %zu fields named\n", shown, all / 3);
}

TEST(RestShape, either_word_for_the_side_will_do_and_neither_will_not) {
  const Account account;
  for (const auto& said : account.all) {
    if (said.target.find("/portfolio/fills") == std::string::npos) continue;
    const auto one = vk::reshaped(said.body, Reshaping::drop, "book_side");
    ASSERT_TRUE(one);
    EXPECT_EQ(shape_change(said.method, said.target, said.status, *one), "");
    const auto none = vk::reshaped(*one, Reshaping::drop, "outcome_side");
    ASSERT_TRUE(none);
    EXPECT_EQ(shape_change(said.method, said.target, said.status, *none), "GET fills: book_side is missing");
  }
}

TEST(RestShape, an_amends_rest_may_be_left_out_but_is_a_text_where_it_stands) {
  const std::string target = "/portfolio/events/orders/7/amend";
  EXPECT_EQ(shape_change("POST", target, 200, R"({"order_id":"7","ts_ms":1})"), "");
  EXPECT_EQ(shape_change("POST", target, 200, R"({"order_id":"7","remaining_count":3,"ts_ms":1})"),
            "POST amend: remaining_count is number and was string");
}

TEST(RestShape, a_refusal_has_no_shape_and_an_unknown_call_neither) {
  EXPECT_EQ(shape_change("POST", "/portfolio/events/orders", 400, R"({"error":{"code":"no"}})"), "");
  EXPECT_EQ(shape_change("GET", "/exchange/status", 200, "{}"), "");
  EXPECT_EQ(shape_change("POST", "/portfolio/events/orders", 201, "<html>"), "POST order: is no JSON");
  const std::string batch = R"({"orders":[{"client_order_id":"a","error":{"code":"insufficient_balance"}}]})";
  EXPECT_EQ(shape_change("POST", "/portfolio/events/orders/batched", 201, batch), "");
}

}  // namespace
}  // namespace voltage::venue::kalshi
