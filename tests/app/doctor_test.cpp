// Every red line provoked alone; nothing red where all is well; live refuses on a red line.
#include "app/doctor/doctor.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "features/releases.hpp"
#include "support/temp_folder.hpp"

namespace voltage::app::doctor {
namespace {

using namespace literals;

live::LiveConfig good_config() {
  live::LiveConfig c;
  c.cap = Money{100 * kDollar.micros};
  c.data = "data";
  live::apply_cap(c);
  c.core.engine.quiet = features::quiet_around_releases();
  return c;
}

Facts good_facts() {
  Facts f;
  f.now = *parse_iso("2026-11-20T12:00:00Z");  // a Friday
  f.account = venue::kalshi::AccountLimits{"basic", 20, 20, 10, 10};
  f.statement.emplace();
  f.statement->cash[2] = Money{500 * kDollar.micros};
  f.clock_ahead = Duration{200'000'000};
  f.disk = {"", "ext4", true, false, 100'000'000'000};
  f.fees.emplace("KXBTC15M", market::FeeTerms{});
  f.model = ModelFacts{"", f.now - 48_h, f.now + 240_h};
  f.before.emplace();
  f.before->run = "run";
  return f;
}

std::vector<std::string> reds(const Facts& f, const live::LiveConfig& c, bool resumed = false) {
  std::vector<std::string> out;
  for (const auto& finding : judge(f, c, resumed)) {
    if (finding.colour != Colour::red) continue;
    out.push_back(finding.check);
    EXPECT_FALSE(finding.mend.empty()) << finding.what;
  }
  return out;
}

TEST(Doctor, finds_nothing_red_where_all_is_well) {
  EXPECT_EQ(reds(good_facts(), good_config()), std::vector<std::string>{});
  EXPECT_NE(json(judge(good_facts(), good_config(), false)).find("\"ready\":true"), std::string::npos);
}

TEST(Doctor, names_each_red_line_when_it_is_provoked) {
  struct Case {
    const char* check;
    std::function<void(Facts&, live::LiveConfig&)> harm;
  };
  const std::vector<Case> cases{
      {"key", [](Facts& f, auto&) { f.key_error = "key.pem: others can read it"; }},
      {"account", [](Facts& f, auto&) { f.account_error = "GET /account/limits: 401"; }},
      {"cash", [](Facts& f, auto&) { f.statement->cash.clear(); }},
      {"clock", [](Facts& f, auto&) { f.clock_ahead = 5_s; }},
      {"clock", [](Facts& f, auto&) { f.clock_ahead = Duration{} - 60_s; }},
      {"disk", [](Facts& f, auto&) { f.disk.error = "data: read-only file system"; }},
      {"disk", [](Facts& f, auto&) { f.disk.survives = false; }},
      {"disk", [](Facts& f, auto&) { f.disk.free_bytes = 1'000'000; }},
      {"limits", [](Facts&, auto& c) { c.cap.reset(); }},
      {"limits", [](Facts&, auto& c) { c.core.engine.limits.day_loss_max = Money{}; }},
      {"fees", [](Facts& f, auto&) { f.fees.at("KXBTC15M")->multiplier_e6 = 2'000'000; }},
      {"fees", [](Facts& f, auto&) { f.fees.at("KXBTC15M")->type = market::FeeType::unknown; }},
      {"fees", [](Facts& f, auto&) { f.fees.at("KXBTC15M") = fail("GET /series/KXBTC15M: 404"); }},
      {"model", [](Facts& f, auto&) { f.model->error = "model/manifest.json: not there"; }},
      {"model", [](Facts& f, auto&) { f.model->expires = f.now; }},
      {"formats",
       [](Facts& f, auto&) { f.published.emplace(std::vector<std::string>{"GET fills: fee_cost is gone"}); }},
      {"the run before", [](Facts& f, auto&) { f.before->halted = "it smells"; }},
      {"kill switch", [](Facts& f, auto&) { f.kill_switch = "operator: it smells"; }},
      {"assumptions", [](Facts& f, auto&) { f.assumptions = "netting: not proved"; }},
      {"page",
       [](Facts& f, auto&) {
         f.page = f.page_guarded = true;
         f.page_error = "read.token: others may read this token";
       }},
      {"maintenance", [](Facts& f, auto&) { f.now = *parse_iso("2026-11-19T09:00:00Z"); }},  // 4:00 on a Thursday there
  };
  for (const auto& c : cases) {
    Facts facts = good_facts();
    live::LiveConfig config = good_config();
    c.harm(facts, config);
    if (facts.model && facts.model->error.empty() && facts.model->expires > facts.now)
      facts.model->expires = facts.now + 240_h;
    EXPECT_EQ(reds(facts, config), std::vector<std::string>{c.check});
  }
}

TEST(Doctor, says_in_time_that_the_calendar_of_releases_ends) {
  const auto calendar = [](const Facts& facts, const live::LiveConfig& config) {
    for (const auto& finding : judge(facts, config, false)) {
      if (finding.check == "calendar") return finding;
    }
    return Finding{};
  };
  Facts facts = good_facts();
  EXPECT_EQ(calendar(facts, good_config()).colour, Colour::green);
  live::LiveConfig none = good_config();
  none.core.engine.quiet.clear();
  EXPECT_EQ(calendar(facts, none).colour, Colour::yellow);
  EXPECT_EQ(calendar(facts, none).what, "no release is known");
  facts.now = *parse_iso("2026-12-05T12:00:00Z");
  EXPECT_EQ(calendar(facts, good_config()).colour, Colour::yellow);
  EXPECT_EQ(calendar(facts, good_config()).what, "it ends with 2026-12-10T14:10:00Z");
}

TEST(Doctor, a_halt_is_lifted_by_a_person_who_says_so) {
  Facts facts = good_facts();
  facts.before->halted = "it smells";
  EXPECT_EQ(reds(facts, good_config(), true), std::vector<std::string>{});
}

TEST(Doctor, a_disk_in_memory_is_red_only_where_something_real_is_at_stake) {
  Facts facts = good_facts();
  facts.disk.survives = false;
  facts.local = true;
  EXPECT_EQ(reds(facts, good_config()), std::vector<std::string>{});
}

TEST(Doctor, looks_at_a_real_disk) {
  const voltage::testing::TempFolder temp;
  const auto here = look_at_disk(temp.path("data"));
  EXPECT_EQ(here.error, "");
  EXPECT_GT(here.free_bytes, 0);
  EXPECT_FALSE(look_at_disk("/proc/nothing/here").error.empty());
  const auto memory = look_at_disk("/dev/shm/voltage-doctor-test");
  if (memory.error.empty()) {
    EXPECT_FALSE(memory.survives) << memory.filesystem;
    std::filesystem::remove_all("/dev/shm/voltage-doctor-test");
  }
}

}  // namespace
}  // namespace voltage::app::doctor
