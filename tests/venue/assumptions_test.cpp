// The register of assumptions, what settles its rows, and what stops live trading while they are open.
#include "venue/assumptions.hpp"

#include <functional>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "support/temp_folder.hpp"
#include "venue/kalshi/probe.hpp"
#include "venue/virtual/kalshi_api.hpp"

namespace voltage::venue {
namespace {

using namespace literals;
namespace vk = virtual_kalshi;

// The virtual Kalshi without sockets, with an account that may be tampered with on the way.
struct Rig {
  Rig() : world{options()}, gate{"key", *kalshi::Key::read(key_file())}, api{world, gate, *vk::tier_of("prestige")} {}

  static vk::WorldOptions options() {
    vk::WorldOptions o;
    o.start = *parse_iso("2026-11-22T14:10:00Z");
    o.ladder = {6, 100};
    o.flicker_rate = 2;
    return o;
  }
  std::string key_file() {
    const std::string path = folder.path("key.pem");
    EXPECT_TRUE(signer.write(path));
    return path;
  }
  std::map<std::string, Finding> probe(Money spend, Environment where = Environment::demo) {
    const kalshi::ProbeWorld calls{[&](const std::string& method, const std::string& target, const std::string& body,
                                       Duration late) -> Result<kalshi::ProbeAnswer> {
                                     net::Request r{method, "/trade-api/v2" + target, body, {}};
                                     if (method == "POST") ++posts;
                                     const Time at = world.now() + late;
                                     r.headers["kalshi-access-key"] = "key";
                                     r.headers["kalshi-access-timestamp"] = std::to_string(at.ms());
                                     r.headers["kalshi-access-signature"] = *signer.sign(at, method, r.path());
                                     auto answer = api.handle(r, world.now());
                                     if (tamper) tamper(target, answer);
                                     return kalshi::ProbeAnswer{answer.status, answer.body};
                                   },
                                   [&](Duration d) { world.advance(world.now() + d); }, [&] { return world.now(); }};
    kalshi::ProbeRules rules;
    rules.environment = where;
    rules.spend_max = spend;
    rules.run = "probe";
    const auto found = kalshi::probe(rules, calls);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    std::map<std::string, Finding> by_id;
    for (const auto& f : *found) by_id[f.id] = f;
    return by_id;
  }

  voltage::testing::TempFolder folder;
  kalshi::Key signer = *kalshi::Key::generate(kalshi::Key::Kind::ed25519);
  vk::World world;
  vk::Gate gate;
  vk::KalshiApi api;
  int posts{0};
  std::function<void(const std::string&, net::Response&)> tamper;
};

void replace(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

TEST(Assumptions, have_ids_of_their_own_and_a_proof) {
  std::set<std::string> ids;
  for (const auto& row : assumptions()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    for (const char* text : {row.question, row.assumed, row.if_wrong, row.proof})
      EXPECT_GT(std::string{text}.size(), 0U);
  }
}

TEST(Assumptions, the_host_chooses_the_environment_and_what_is_unknown_counts_as_real_money) {
  EXPECT_EQ(environment_of("http://127.0.0.1:8080/trade-api/v2"), Environment::simulated);
  EXPECT_EQ(environment_of("https://external-api.demo.kalshi.co/trade-api/v2"), Environment::demo);
  for (const char* url :
       {"https://external-api.kalshi.com/trade-api/v2", "https://api.elections.kalshi.com/trade-api/v2",
        "https://demo.kalshi.co.example.com/", "nonsense"})
    EXPECT_EQ(environment_of(url), Environment::production) << url;
}

TEST(Assumptions, reading_alone_orders_nothing_and_says_what_it_needs) {
  Rig rig;
  const auto found = rig.probe(Money{});
  EXPECT_EQ(rig.posts, 0);
  EXPECT_EQ(found.at("fee-terms").verdict, Verdict::holds) << found.at("fee-terms").seen;
  EXPECT_EQ(found.at("clock-tolerance").verdict, Verdict::holds) << found.at("clock-tolerance").seen;
  EXPECT_EQ(found.at("netting").verdict, Verdict::open);
}

TEST(Assumptions, a_dollar_settles_what_orders_can_tell_and_leaves_nothing_behind) {
  Rig rig;
  const auto& x = rig.world.exchange();
  const Money before = x.available(rig.world.account(), 2);
  const auto found = rig.probe(kDollar);
  for (const char* id : {"side-terms", "netting", "fee-precision", "duplicate-id", "listing-lag", "amend-cross"})
    EXPECT_EQ(found.at(id).verdict, Verdict::holds) << id << ": " << found.at(id).seen;
  EXPECT_TRUE(x.account(rig.world.account()).resting.empty());
  for (const auto& [m, p] : x.account(rig.world.account()).positions) EXPECT_EQ(p.qty.centis, 0);
  EXPECT_LT((before - x.available(rig.world.account(), 2)).dollars(), 1.0);
}

TEST(Assumptions, a_venue_that_is_not_as_assumed_is_found_out) {
  const auto wrong = [](const char* id, std::function<void(const std::string&, net::Response&)> tamper) {
    Rig rig;
    rig.tamper = std::move(tamper);
    const auto found = rig.probe(kDollar);
    EXPECT_EQ(found.at(id).verdict, Verdict::wrong) << id << ": " << found.at(id).seen;
  };
  wrong("side-terms", [](const std::string& target, net::Response& r) {
    if (target.find("positions") != std::string::npos)
      replace(r.body, R"("position_fp":"1.00")", R"("position_fp":"-1.00")");
  });
  wrong("fee-precision", [](const std::string& target, net::Response& r) {
    const auto at = r.body.find("\"fee_cost\":\"0.0");
    if (target.find("fills") != std::string::npos && at != std::string::npos) r.body[at + 14] = '9';
  });
  wrong("fee-terms", [](const std::string&, net::Response& r) { replace(r.body, "\"quadratic\"", "\"flat\""); });
  wrong("listing-lag", [](const std::string& target, net::Response& r) {
    if (target.find("status=resting") != std::string::npos) r.body = R"({"orders":[],"cursor":""})";
  });
  wrong("duplicate-id", [](const std::string&, net::Response& r) {
    if (r.status == 409) r = {201, R"({"order_id":"x","fill_count":"0.00"})", ""};
  });
  // Done, says the answer, and the list shows it where it would have traded; or it did trade.
  wrong("amend-cross", [](const std::string& target, net::Response& r) {
    if (target.find("/amend") != std::string::npos) r.status = 200;
  });
  wrong("amend-cross", [](const std::string& target, net::Response& r) {
    if (target.find("/portfolio/orders/") != std::string::npos)
      replace(r.body, R"("fill_count_fp":"0.00")", R"("fill_count_fp":"1.00")");
  });
  int reads = 0;
  wrong("netting", [&](const std::string& target, net::Response& r) {
    if (target.find("balance") != std::string::npos && ++reads > 1) r.body = R"({"balance_dollars":"5.000000"})";
  });
}

TEST(Assumptions, money_is_not_risked_while_a_row_that_touches_it_is_open) {
  const std::vector<std::string> none;
  EXPECT_TRUE(may_risk_money(Environment::demo, {}, none));
  EXPECT_TRUE(may_risk_money(Environment::simulated, {}, none));
  const auto refused = may_risk_money(Environment::production, {}, none);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("netting"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("kraken-rate"), std::string::npos);

  std::vector<Finding> all;
  for (const auto& row : assumptions()) all.push_back({row.id, Environment::production, Verdict::holds, ""});
  EXPECT_TRUE(may_risk_money(Environment::production, all, none));
  // What differs by account is not settled by demo, and nothing at all by a virtual venue.
  for (auto& f : all) f.where = Environment::demo;
  const auto account = may_risk_money(Environment::production, all, none);
  ASSERT_FALSE(account);
  EXPECT_NE(account.error().message.find("not proved: fee-precision;"), std::string::npos) << account.error().message;
  EXPECT_TRUE(may_risk_money(Environment::production, all, std::vector<std::string>{"fee-precision"}));
  for (auto& f : all) f.where = Environment::simulated;
  EXPECT_FALSE(may_risk_money(Environment::production, all, none));
  // What was found wrong can't be accepted.
  for (auto& f : all) f.where = Environment::production, f.verdict = Verdict::wrong;
  std::vector<std::string> names;
  for (const auto& row : assumptions()) names.emplace_back(row.id);
  EXPECT_FALSE(may_risk_money(Environment::production, all, names));
  EXPECT_TRUE(may_risk_money(Environment::production, {}, names));
}

TEST(Assumptions, findings_are_kept_and_an_undecided_probe_takes_nothing_back) {
  const voltage::testing::TempFolder folder;
  const std::string path = folder.path("new/assumptions.json");
  EXPECT_TRUE(read_findings(path)->empty());
  std::vector<Finding> known{{"netting", Environment::demo, Verdict::holds, "position 0"}};
  ASSERT_TRUE(write_findings(path, known));
  auto read = read_findings(path);
  ASSERT_TRUE(read);
  merge(*read, {{"netting", Environment::demo, Verdict::open, "no market"},
                {"netting", Environment::production, Verdict::wrong, "position 1"}});
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].verdict, Verdict::holds);
  EXPECT_EQ((*read)[0].seen, "position 0");
  folder.write("bad.json", R"({"findings":[{"id":"x","environment":"mars","verdict":"holds"}]})");
  EXPECT_FALSE(read_findings(folder.path("bad.json")));
}

}  // namespace
}  // namespace voltage::venue
