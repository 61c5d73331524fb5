// Each alert of the catalogue is seen to fire and to clear, in the words that each service understands.
#include "app/watch/alerts.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/watch/webhooks.hpp"
#include "base/time.hpp"
#include "support/temp_folder.hpp"
#include "watch/views.hpp"

namespace voltage::app::watch {
namespace {

using namespace literals;
using nlohmann::json;
using ::testing::HasSubstr;

// How each alert is provoked: what is spoilt in a run that is well.
struct Provocation {
  View view = testing::view();
  double since_ping{1};
  std::string about{};
};

Provocation spoilt(const std::string& alert) {
  Provocation p;
  Snapshot s = testing::well();
  if (alert == "trading_halted") {
    s.halted = true;
    s.halted_why = "drawdown beyond the limit";
  } else if (alert == "stream_down") {
    s.streams[0].health = event::Health::down;
    p.about = "kalshi_market";
  } else if (alert == "schema_changed") {
    s.streams[2].health = event::Health::down;
    s.streams[2].why = "schema: cfbenchmarks_value.msg.data is missing";
    p.about = "cfbenchmarks_value.msg.data is missing";
  } else if (alert == "journal_failing") {
    s.streams[5].health = event::Health::down;
  } else if (alert == "order_unknown") {
    s.unknown_orders = 1;
    s.unknown_order_age = 61;
  } else if (alert == "forecast_missing") {
    s.forecast_age = 301;
  }
  p.view = testing::view(s);
  if (alert == "part_stuck") {
    p.view.parts[0].age = 6_s;
    p.about = "core";
  }
  if (alert == "disk_low") p.view.machine.disk_free_bytes = 10;
  if (alert == "deadman_unreachable") p.since_ping = 1'000;
  if (alert == "alert_path_broken") p.view.since_self_test = 3 * 86'400;
  return p;
}

TEST(Alerts, a_run_that_is_well_has_none) {
  EXPECT_TRUE(conditions(testing::view(), {}, 1).empty());
  EXPECT_TRUE(conditions(testing::view(), {}, -1).empty());
}

TEST(Alerts, each_fires_when_provoked_alone_and_clears_when_mended) {
  for (const auto& kind : alert_catalogue()) {
    SCOPED_TRACE(kind.name);
    const Provocation p = spoilt(kind.name);
    const auto standing = conditions(p.view, {}, p.since_ping);
    ASSERT_EQ(standing.size(), 1U);
    EXPECT_EQ(standing[0].alert, kind.name);
    EXPECT_EQ(standing[0].about, p.about);
    EXPECT_FALSE(standing[0].text.empty());
    AlertBook book;
    const auto first = book.follow(1_s, standing);
    EXPECT_EQ(first.size(), kind.hold.ns == 0 ? 1U : 0U);
    if (kind.hold.ns > 0) {
      EXPECT_TRUE(book.follow(1_s + kind.hold - 1_ms, standing).empty()) << "before it held long enough";
      EXPECT_EQ(book.follow(1_s + kind.hold, standing).size(), 1U);
    }
    EXPECT_EQ(book.firing(2_s + kind.hold).size(), 1U);
    EXPECT_TRUE(book.follow(2_s + kind.hold, standing).empty()) << "one message, not one a look";
    const auto well = conditions(testing::view(), {}, 1);
    EXPECT_TRUE(book.follow(3_s + kind.hold, well).empty()) << "not before it stayed away";
    const auto over = book.follow(13_s + kind.hold, well);
    ASSERT_EQ(over.size(), 1U);
    EXPECT_EQ(over[0].change, AlertChange::cleared);
    EXPECT_TRUE(book.firing(14_s + kind.hold).empty());
  }
}

TEST(Alerts, what_comes_and_goes_before_its_time_says_nothing) {
  AlertBook book;
  const auto down = conditions(spoilt("stream_down").view, {}, 1);
  Duration now{};
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(book.follow(now, down).empty());
    now = now + 60_s;
    EXPECT_TRUE(book.follow(now, {}).empty());
    now = now + 11_s;
  }
}

TEST(Alerts, a_person_who_stopped_the_run_is_not_woken_for_it) {
  Snapshot s = testing::well();
  s.halted = s.halted_by_person = true;
  EXPECT_TRUE(conditions(testing::view(s), {}, 1).empty());
}

TEST(Alerts, the_venues_weekly_maintenance_wakes_nobody) {
  auto s = *spoilt("stream_down").view.status;
  s.at = *parse_iso("2026-11-19T08:30:00Z");  // Thursday, 03:30 in New York
  EXPECT_TRUE(conditions(testing::view(s), {}, 1).empty());
}

TEST(Alerts, say_so_again_until_somebody_acknowledges) {
  AlertBook book;
  const auto halted = conditions(spoilt("trading_halted").view, {}, 1);
  EXPECT_EQ(book.follow(1_s, halted).size(), 1U);
  EXPECT_TRUE(book.follow(30_min, halted).empty());
  const auto again = book.follow(31_min, halted);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].change, AlertChange::again);
  EXPECT_FALSE(book.acknowledge("disk_low", ""));
  EXPECT_TRUE(book.acknowledge("trading_halted", ""));
  EXPECT_TRUE(book.firing(32_min).at(0).acknowledged);
  EXPECT_TRUE(book.follow(24_h, halted).empty());
}

TEST(Alerts, each_has_an_entry_in_the_runbook_that_says_what_to_do) {
  std::ifstream in{std::string{VOLTAGE_SOURCE_DIR} + "/docs/RUNBOOK.md"};
  std::stringstream text;
  text << in.rdbuf();
  for (const auto& kind : alert_catalogue()) {
    EXPECT_THAT(text.str(), HasSubstr("\n## " + std::string{kind.name} + "\n")) << kind.name;
    EXPECT_THAT(text.str(), HasSubstr(kind.action)) << kind.name;
  }
}

const AlertMessage kFired{AlertChange::fired, "stream_down", "index", "index is \"down\"", "Look at it."};

TEST(Webhooks, speak_each_service_as_it_wants) {
  const auto slack = request_of({HookKind::slack, "https://h/x", ""}, kFired);
  EXPECT_EQ(slack.method, "POST");
  EXPECT_THAT(json::parse(slack.body).at("text").get<std::string>(), HasSubstr("index is \"down\""));
  const auto discord = request_of({HookKind::discord, "https://h/x", ""}, kFired);
  EXPECT_THAT(json::parse(discord.body).at("content").get<std::string>(), HasSubstr("RUNBOOK.md#stream_down"));
  const auto telegram = request_of({HookKind::telegram, "https://h/bot1", "42"}, kFired);
  EXPECT_EQ(telegram.target, "/sendMessage");
  EXPECT_EQ(json::parse(telegram.body).at("chat_id"), "42");
  EXPECT_THAT(json::parse(telegram.body).at("text").get<std::string>(), HasSubstr("Look at it."));
  const auto ntfy = request_of({HookKind::ntfy, "https://h/topic", ""}, kFired);
  EXPECT_EQ(ntfy.headers.at("title"), "voltage: stream_down (index)");
  EXPECT_EQ(ntfy.headers.at("priority"), "urgent");
  EXPECT_THAT(ntfy.body, HasSubstr("index is \"down\""));
  EXPECT_EQ(request_of({HookKind::ntfy, "https://h/t", ""}, {AlertChange::cleared, "disk_low", "", "x", ""})
                .headers.at("priority"),
            "low");
}

TEST(Webhooks, are_read_from_a_private_file_and_bad_lines_named_without_their_secret) {
  const auto good = parse_hooks(
      "# who hears\nslack https://hooks.slack.com/services/a/b\ntelegram https://api.telegram.org/bot1:x 42\n\n"
      "ntfy http://127.0.0.1:1/t\nping https://hc-ping.com/u\n");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->hooks.size(), 3U);
  EXPECT_EQ(good->ping, "https://hc-ping.com/u");
  for (const char* bad : {"slack", "slack ftp://SECRET/x", "pager https://SECRET/x", "telegram https://SECRET/x"}) {
    const auto read = parse_hooks(std::string{"\n"} + bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_THAT(read.error().message, HasSubstr("line 2"));
    EXPECT_EQ(read.error().message.find("SECRET"), std::string::npos);
  }
  const voltage::testing::TempFolder temp;
  const std::string path = temp.path("hooks");
  std::ofstream{path} << "ntfy http://127.0.0.1:1/t\n";
  std::filesystem::permissions(path, std::filesystem::perms{0644});
  EXPECT_THAT(read_hooks(path).error().message, HasSubstr("chmod 600"));
  std::filesystem::permissions(path, std::filesystem::perms{0600});
  EXPECT_TRUE(read_hooks(path));
}

}  // namespace
}  // namespace voltage::app::watch
