// What the server answers and to whom: a page of another site, a name that was re-pointed to us and a request
// without the token get nothing done.
#include "app/watch/desk.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "app/watch/access.hpp"
#include "app/watch/metrics.hpp"
#include "support/temp_folder.hpp"
#include "watch/views.hpp"

namespace voltage::app::watch {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using venue::net::Request;
using venue::net::Response;

struct Desk {
  std::vector<event::OperatorSaid> asked;
  bool trading{true};
  Access access{"secret"};
  View view = testing::view();

  Response ask(const std::string& method, const std::string& target, const std::string& body = "",
               std::map<std::string, std::string, std::less<>> headers = {}) {
    headers.try_emplace("host", "127.0.0.1:8080");
    const DeskActions actions{[this](event::OperatorSaid said) {
                                if (trading) asked.push_back(std::move(said));
                                return trading;
                              },
                              [](const std::string& alert, const std::string&) { return alert == "stream_down"; }};
    return answer({method, target, body, headers}, access, view, actions);
  }
};

const std::map<std::string, std::string, std::less<>> kToken{{"authorization", "Bearer secret"}};

TEST(StatusDesk, answers_to_loopback_names_alone) {
  Desk desk;
  for (const char* host : {"127.0.0.1:8080", "localhost:8080", "localhost", "[::1]:8080"})
    EXPECT_EQ(desk.ask("GET", "/", "", {{"host", host}}).status, 200) << host;
  for (const char* host : {"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "0.0.0.0:8080"})
    EXPECT_EQ(desk.ask("GET", "/", "", {{"host", host}}).status, 421) << host;
}

TEST(StatusDesk, refuses_a_page_of_another_origin_also_with_the_token) {
  Desk desk;
  const std::string body = R"({"action":"kill","reason":"x"})";
  auto headers = kToken;
  headers["origin"] = "https://evil.example";
  EXPECT_EQ(desk.ask("POST", "/control", body, headers).status, 403);
  headers["origin"] = "http://127.0.0.1:9";
  EXPECT_EQ(desk.ask("POST", "/control", body, headers).status, 403);
  headers.erase("origin");
  headers["sec-fetch-site"] = "cross-site";
  EXPECT_EQ(desk.ask("POST", "/control", body, headers).status, 403);
  EXPECT_EQ(desk.ask("GET", "/metrics", "", {{"origin", "https://evil.example"}}).status, 403);
  EXPECT_TRUE(desk.asked.empty());
  headers = kToken;
  headers["origin"] = "http://127.0.0.1:8080";
  EXPECT_EQ(desk.ask("POST", "/control", body, headers).status, 202);
}

TEST(StatusDesk, acts_only_with_the_token_a_known_action_and_a_reason) {
  Desk desk;
  const std::string pause = R"({"action":"pause","reason":"lunch"})";
  EXPECT_EQ(desk.ask("POST", "/control", pause).status, 401);
  EXPECT_EQ(desk.ask("POST", "/control", pause, {{"authorization", "Bearer secre"}}).status, 401);
  EXPECT_EQ(desk.ask("POST", "/control", pause, {{"authorization", "Bearer secreT"}}).status, 401);
  EXPECT_EQ(desk.ask("GET", "/control", pause, kToken).status, 405);
  EXPECT_EQ(desk.ask("POST", "/control", "no json", kToken).status, 400);
  EXPECT_EQ(desk.ask("POST", "/control", R"({"action":"sell","reason":"x"})", kToken).status, 400);
  EXPECT_THAT(desk.ask("POST", "/control", R"({"action":"pause"})", kToken).body, HasSubstr("body.reason"));
  EXPECT_EQ(desk.ask("POST", "/control", R"({"action":"pause","reason":""})", kToken).status, 400);
  EXPECT_EQ(desk.ask("POST", "/control", R"({"action":"pause","reason":"a\nb"})", kToken).status, 400);
  EXPECT_TRUE(desk.asked.empty());
  EXPECT_EQ(desk.ask("POST", "/control", pause, kToken).status, 202);
  ASSERT_EQ(desk.asked.size(), 1U);
  EXPECT_EQ(desk.asked[0].action, event::OperatorAction::pause);
  EXPECT_EQ(desk.asked[0].reason, "lunch");
  desk.trading = false;
  EXPECT_EQ(desk.ask("POST", "/control", pause, kToken).status, 409);
}

TEST(StatusDesk, where_reading_needs_a_token_that_token_reads_and_does_nothing_else) {
  Desk desk;
  desk.access = Access{"secret", "may read this"};
  for (const char* target : {"/", "/main", "/metrics", "/status.json", "/page.js"}) {
    const auto refused = desk.ask("GET", target);
    EXPECT_EQ(refused.status, 401) << target;
    EXPECT_THAT(refused.body, Not(HasSubstr("voltage_"))) << target;
    EXPECT_EQ(desk.ask("GET", target, "", {{"authorization", "Bearer may read thiS"}}).status, 401) << target;
    EXPECT_EQ(desk.ask("GET", target, "", {{"authorization", "Bearer may read this"}}).status, 200) << target;
    EXPECT_EQ(desk.ask("GET", target, "", kToken).status, 200) << "who may act may read: " << target;
    // As a browser asks: base64 of ":may read this" and of "prometheus:may read this".
    for (const char* basic : {"Basic Om1heSByZWFkIHRoaXM=", "Basic cHJvbWV0aGV1czptYXkgcmVhZCB0aGlz"})
      EXPECT_EQ(desk.ask("GET", target, "", {{"authorization", basic}}).status, 200) << target;
    for (const char* wrong : {"Basic", "Basic ", "Basic Om1heSByZWFk", "Basic ????", "Bearer "})
      EXPECT_EQ(desk.ask("GET", target, "", {{"authorization", wrong}}).status, 401) << wrong;
  }
  const std::string pause = R"({"action":"pause","reason":"lunch"})";
  EXPECT_EQ(desk.ask("POST", "/control", pause, {{"authorization", "Bearer may read this"}}).status, 401);
  EXPECT_EQ(desk.ask("POST", "/control", pause, {{"authorization", "Basic Om1heSByZWFkIHRoaXM="}}).status, 401);
  EXPECT_TRUE(desk.asked.empty());
  EXPECT_EQ(desk.ask("POST", "/control", pause, kToken).status, 202);
}

TEST(StatusDesk, a_supervisor_without_a_token_hears_yes_or_no_and_no_reason) {
  Desk desk;
  desk.access = Access{"secret", "may read this"};
  EXPECT_EQ(desk.ask("GET", "/healthz").status, 200);
  desk.view.parts[0].age = Duration{5'100'000'000};
  for (const char* target : {"/healthz", "/readyz"}) {
    EXPECT_EQ(desk.ask("GET", target).status, 503) << target;
    EXPECT_EQ(desk.ask("GET", target).body, "no\n") << target;
    EXPECT_THAT(desk.ask("GET", target, "", kToken).body, HasSubstr("core")) << target;
  }
}

TEST(ReadToken, is_made_once_for_its_owner_alone_and_kept) {
  const voltage::testing::TempFolder folder;
  const std::string path = folder.path("read.token");
  const auto made = take_read_token(path);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->size(), 48U);
  EXPECT_EQ(*take_read_token(path), *made);
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::permissions(path, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  ASSERT_FALSE(take_read_token(path));
  EXPECT_THAT(take_read_token(path).error().message, HasSubstr("others may read"));
  const std::string shorter = folder.write("short.token", "abc\n");
  std::filesystem::permissions(shorter, std::filesystem::perms::owner_read);
  ASSERT_FALSE(take_read_token(shorter));
  EXPECT_FALSE(take_read_token(folder.path("no/such/folder")));
}

TEST(StatusDesk, is_healthy_while_every_part_beats) {
  Desk desk;
  EXPECT_EQ(desk.ask("GET", "/healthz").status, 200);
  desk.view.parts[0].age = Duration{5'100'000'000};
  const auto stuck = desk.ask("GET", "/healthz");
  EXPECT_EQ(stuck.status, 503);
  EXPECT_THAT(stuck.body, HasSubstr("core"));
  EXPECT_EQ(desk.ask("GET", "/readyz").status, 503);
}

TEST(StatusDesk, is_ready_only_while_new_risk_may_be_taken_and_says_why_not) {
  Desk desk;
  EXPECT_EQ(desk.ask("GET", "/readyz").status, 200);
  auto s = testing::well();
  s.streams[2].health = event::Health::stale;
  s.streams[2].why = "silent";
  desk.view = testing::view(s);
  EXPECT_EQ(desk.ask("GET", "/readyz").status, 503);
  EXPECT_THAT(desk.ask("GET", "/readyz").body, HasSubstr("stream index is stale: silent"));
  EXPECT_EQ(desk.ask("GET", "/healthz").status, 200) << "a dead stream is no dead process";
  s = testing::well();
  s.streams[1].needed = false;
  s.streams[1].health = event::Health::unknown;
  desk.view = testing::view(s);
  EXPECT_EQ(desk.ask("GET", "/readyz").status, 200) << "a stream that is not needed";
  s.halted = true;
  s.halted_why = "drawdown";
  desk.view = testing::view(s);
  EXPECT_THAT(desk.ask("GET", "/readyz").body, HasSubstr("halted: drawdown"));
}

TEST(StatusDesk, shows_what_came_from_outside_as_text) {
  Desk desk;
  auto s = testing::well();
  s.streams[0].why = "<script>alert(1)</script>";
  s.streams[0].health = event::Health::down;
  s.notes = {"<img src=x>"};
  desk.view = testing::view(s);
  const auto page = desk.ask("GET", "/");
  EXPECT_THAT(page.body, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page.body, Not(HasSubstr("<img")));
  EXPECT_THAT(page.body, HasSubstr("&lt;script&gt;alert(1)"));
  bool policy = false;
  for (const auto& [key, value] : page.headers) policy = policy || (key == "Content-Security-Policy" && !value.empty());
  EXPECT_TRUE(policy);
}

TEST(StatusDesk, says_that_few_settlements_show_nothing_and_that_an_interval_with_zero_shows_nothing) {
  Desk desk;
  EXPECT_THAT(desk.ask("GET", "/main").body, HasSubstr("too few to say"));
  auto s = testing::well();
  s.profit.net = Money{500'000};
  s.profit.instants = 30;
  s.profit.low = -2;
  s.profit.high = 3;
  s.profit.smallest_edge = 0.1;
  desk.view = testing::view(s);
  EXPECT_THAT(desk.ask("GET", "/main").body, HasSubstr("holds zero"));
}

TEST(StatusDesk, tells_prometheus_in_its_grammar) {
  auto s = testing::well();
  s.model = "a\"b\\c\nd";
  const std::string text = metrics_text(testing::view(s));
  EXPECT_THAT(text, HasSubstr(R"(model="a\"b\\c\nd")"));
  std::istringstream lines{text};
  std::string line, family;
  int values = 0;
  while (std::getline(lines, line)) {
    if (line.starts_with("# TYPE ")) family = line.substr(7, line.find(' ', 7) - 7);
    if (line.starts_with("#")) continue;
    ++values;
    EXPECT_TRUE(line.starts_with(family)) << line;
    EXPECT_NE(line.rfind(' '), std::string::npos) << line;
  }
  EXPECT_GT(values, 80);
}

}  // namespace
}  // namespace voltage::app::watch
