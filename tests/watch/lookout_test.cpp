// The lookout on real sockets: a demo under its eyes, a part that hangs, a webhook and an outside watcher that
// really listen. Waits end with what is waited for; the limit only bounds a hang.
#include "app/watch/lookout.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "app/demo/demo.hpp"
#include "app/journal/replay.hpp"
#include "app/run/baseline_edge.hpp"
#include "app/watch/access.hpp"

#include "support/temp_folder.hpp"
#include "venue/net/client.hpp"
#include "venue/net/server.hpp"

namespace voltage::app::watch {
namespace {

using namespace literals;
using nlohmann::json;
using ::testing::HasSubstr;
using venue::net::Request;

template <class F>
bool eventually(F holds) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!holds()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return true;
}

venue::net::Response fetch(std::uint16_t port, Request request) {
  venue::net::Loop loop;
  venue::net::HttpClient client{loop, *venue::net::Url::parse("http://127.0.0.1:" + std::to_string(port))};
  venue::net::Outcome outcome;
  client.send(std::move(request), 20_s, [&](venue::net::Outcome o) {
    outcome = std::move(o);
    loop.stop();
  });
  loop.run();
  EXPECT_EQ(outcome.delivery, venue::net::Delivery::answered) << outcome.why;
  return outcome.response;
}
venue::net::Response get(std::uint16_t port, const std::string& target) {
  return fetch(port, {"GET", target, "", {}});
}

// Somebody who listens: keeps what came, answers with what it is told.
class Listener {
 public:
  Listener() {
    venue::net::ServerHandlers handlers;
    handlers.on_request = [this](const Request& r) {
      const std::lock_guard lock{mutex_};
      requests_.push_back(r);
      return venue::net::Reply{{status_, "ok"}, false, {}};
    };
    handlers.on_upgrade = [](auto, const auto&) { return std::optional{venue::net::Response{404, ""}}; };
    handlers.on_close = [](auto) {};
    server_ = std::move(*venue::net::Server::start(loop_, {}, handlers));
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  ~Listener() {
    loop_.post([this] { loop_.stop(); });
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  void answer(int status) {
    const std::lock_guard lock{mutex_};
    status_ = status;
  }
  std::vector<Request> requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
  }
  bool heard(const std::string& text) const {
    for (const auto& r : requests()) {
      if (r.body.find(text) != std::string::npos || r.target == text) return true;
    }
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  int status_{200};
  venue::net::Loop loop_;
  std::unique_ptr<venue::net::Server> server_;
  std::thread thread_;
};

demo::Options short_demo(const voltage::testing::TempFolder& temp, Lookout* lookout, std::atomic<bool>& stop) {
  demo::Options options;
  options.wall = 120_s;
  options.speed = 300;
  options.seed = 8;
  options.volatility_error = 2;
  options.history = 24_h;
  options.say = [](const std::string&) {};
  options.forecasts = []() -> Result<std::unique_ptr<ForecastEdge>> { return std::make_unique<BaselineEdge>(); };
  options.journal = temp.path("runs/run");
  options.lookout = lookout;
  options.stop = &stop;
  return options;
}

TEST(Lookout, shows_a_run_and_takes_pause_resume_and_kill_into_its_journal) {
  const voltage::testing::TempFolder temp;
  LookoutOptions options;
  options.port = 0;
  options.data = temp.path();
  options.look_every = 20_ms;
  options.log = temp.path("log.jsonl");
  auto lookout = Lookout::start(std::move(options));
  ASSERT_TRUE(lookout) << lookout.error().message;
  const auto port = (*lookout)->port();
  EXPECT_EQ(get(port, "/").status, 200) << "answers before anything runs";
  EXPECT_EQ(get(port, "/readyz").status, 503);
  std::atomic<bool> stop{false};
  const auto demo = short_demo(temp, lookout->get(), stop);
  std::thread run{[&] { EXPECT_TRUE(demo::run(demo)); }};
  EXPECT_TRUE(eventually([&] { return get(port, "/readyz").status == 200; }));
  EXPECT_TRUE(eventually([&] { return json::parse(get(port, "/status.json").body).at("fills") > 0; }));
  EXPECT_THAT(get(port, "/").body, HasSubstr("SIM15M"));
  EXPECT_THAT(get(port, "/metrics").body, HasSubstr("voltage_stream_healthy{stream=\"index\"} 1"));
  const auto control = read_control_file(temp.path());
  ASSERT_TRUE(control) << control.error().message;
  EXPECT_EQ(control->port, port);
  for (const char* action : {"pause", "resume", "kill"}) {
    const std::string body = json{{"action", action}, {"reason", std::string{"test "} + action}}.dump();
    EXPECT_EQ(fetch(port, {"POST", "/control", body, {}}).status, 401);
    EXPECT_EQ(fetch(port, {"POST", "/control", body, {{"authorization", "Bearer " + control->token}}}).status, 202);
    const bool halted = std::string{action} != "resume";
    EXPECT_TRUE(eventually([&] { return json::parse(get(port, "/status.json").body).at("halted") == halted; }));
  }
  stop = true;
  run.join();
  EXPECT_EQ(json::parse(get(port, "/status.json").body).at("phase"), "stopped");
  lookout->reset();
  // What was asked is an input like any other: in the journal, and the replay is equal.
  const auto replayed = journal::replay(demo.journal);
  ASSERT_TRUE(replayed) << replayed.error().message;
  EXPECT_FALSE(replayed->difference) << replayed->difference->what;
  auto reader = journal::Replayer::open(demo.journal);
  std::vector<std::string> said;
  while (auto e = *(*reader)->peek()) {
    if (const auto* operator_said = std::get_if<event::OperatorSaid>(&e->what)) said.push_back(operator_said->reason);
    ASSERT_TRUE((*reader)->act());
  }
  EXPECT_EQ(said, (std::vector<std::string>{"test pause", "test resume", "test kill"}));
  // The structured log: every line an object with its word.
  std::ifstream log{temp.path("log.jsonl")};
  std::set<std::string> words;
  for (std::string line; std::getline(log, line);) words.insert(json::parse(line).at("what").get<std::string>());
  EXPECT_TRUE(words.contains("order") && words.contains("fill") && words.contains("operator"));
}

TEST(Lookout, sees_a_part_that_hangs_tells_whoever_must_act_and_ends_the_hopeless) {
  Listener listener;
  LookoutOptions options;
  options.port = 0;
  options.look_every = 20_ms;
  options.hooks = *parse_hooks("ntfy " + listener.url() + "/topic\nping " + listener.url() + "/ping\n");
  options.hopeless = 300_ms;
  std::atomic<int> ended{0};
  options.on_hopeless = [&](const std::string& part) { ended += part == "feed" ? 1 : 100; };
  auto lookout = Lookout::start(std::move(options));
  ASSERT_TRUE(lookout) << lookout.error().message;
  auto& beat = (*lookout)->parts().part("feed");
  beat.expect(4_s);
  std::atomic<bool> hang{false}, done{false};
  std::thread feed{[&] {
    while (!done) {
      if (!hang) beat.beat();
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
  }};
  const auto port = (*lookout)->port();
  EXPECT_TRUE(eventually([&] { return listener.heard("/ping"); })) << "the outside watcher hears of us";
  EXPECT_TRUE(eventually([&] { return listener.heard("This is how an alert would reach you"); })) << "self test";
  EXPECT_EQ(get(port, "/healthz").status, 200);
  hang = true;
  const auto since = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] { return get(port, "/healthz").status == 503; }));
  EXPECT_LT(std::chrono::steady_clock::now() - since, std::chrono::seconds{30}) << "within seconds";
  EXPECT_TRUE(eventually([&] { return listener.heard("feed has been silent"); }));
  EXPECT_TRUE(eventually([&] { return listener.heard("/ping/fail"); })) << "told the outside watcher at once";
  EXPECT_TRUE(eventually([&] { return ended == 1; }));
  const std::string body = R"({"alert":"part_stuck","about":"feed"})";
  EXPECT_EQ(fetch(port, {"POST", "/acknowledge", body, {}}).status, 401);
  EXPECT_EQ(fetch(port, {"POST", "/acknowledge", body, {{"authorization", "Bearer " + (*lookout)->token()}}}).status,
            200);
  hang = false;
  EXPECT_TRUE(eventually([&] { return get(port, "/healthz").status == 200; }));
  EXPECT_TRUE(eventually([&] { return listener.heard("It has ended"); }));
  EXPECT_EQ(ended, 1) << "once, not at every look";
  done = true;
  feed.join();
}

TEST(Lookout, tries_a_message_again_until_the_webhook_takes_it) {
  Listener listener;
  listener.answer(500);
  LookoutOptions options;
  options.look_every = 20_ms;
  options.courier.retry_first = 50_ms;
  options.hooks = *parse_hooks("slack " + listener.url() + "/hook\n");
  auto lookout = Lookout::start(std::move(options));
  ASSERT_TRUE(lookout);
  (*lookout)->parts().part("model").expect(50_ms);
  EXPECT_TRUE(eventually([&] { return listener.requests().size() >= 3; }));
  listener.answer(200);
  EXPECT_TRUE(eventually([&] { return listener.heard("model has been silent"); }));
}

TEST(Lookout, refuses_a_port_that_is_taken_and_says_so) {
  LookoutOptions options;
  options.port = 0;
  auto first = Lookout::start(options);
  ASSERT_TRUE(first);
  options.port = (*first)->port();
  const auto second = Lookout::start(options);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string((*first)->port())));
}

}  // namespace
}  // namespace voltage::app::watch
