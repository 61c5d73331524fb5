// The page in a real browser: it shows the run, its script lives under our content policy and keeps it fresh.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "app/demo/demo.hpp"
#include "app/run/baseline_edge.hpp"
#include "app/watch/lookout.hpp"
#include "support/temp_folder.hpp"

namespace voltage::app::watch {
namespace {

using namespace literals;
using ::testing::HasSubstr;

std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  for (int c; pipe != nullptr && (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  if (pipe != nullptr) ::pclose(pipe);
  return text;
}

TEST(Browser, shows_the_run_and_keeps_it_fresh) {
  if (std::system("command -v chromium >/dev/null 2>&1") != 0) GTEST_SKIP() << "no chromium on this machine";
  const voltage::testing::TempFolder temp;
  LookoutOptions options;
  options.port = 0;
  auto lookout = Lookout::start(std::move(options));
  ASSERT_TRUE(lookout) << lookout.error().message;
  std::atomic<bool> stop{false};
  demo::Options run;
  run.wall = 300_s;
  run.speed = 50;
  run.seed = 8;
  run.volatility_error = 2;
  run.history = 24_h;
  run.say = [](const std::string&) {};
  run.forecasts = []() -> Result<std::unique_ptr<ForecastEdge>> { return std::make_unique<BaselineEdge>(); };
  run.lookout = lookout->get();
  run.stop = &stop;
  std::thread demo{[&] { EXPECT_TRUE(demo::run(run)); }};
  // Three seconds of the page's own time: its script fetches at least twice.
  const std::string page =
      output_of("timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir='" +
                temp.path("profile") + "' --virtual-time-budget=3000 --dump-dom http://127.0.0.1:" +
                std::to_string((*lookout)->port()) + "/ 2>/dev/null");
  stop = true;
  demo.join();
  EXPECT_THAT(page, HasSubstr("<title>voltage demo: ")) << "the script sets the title; the page as sent has another";
  for (const char* part : {"Profit and loss", "Books", "Forecast", "Health", "Vetoes", "kalshi_market", "Simulated"})
    EXPECT_THAT(page, HasSubstr(part));
}

}  // namespace
}  // namespace voltage::app::watch
