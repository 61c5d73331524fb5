// A model that hangs or throws costs one forecast; the one that takes over knows every bar.
#include "app/watch/forecast_worker.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace voltage::app::watch {
namespace {

using namespace literals;
using ::testing::HasSubstr;

enum class Mood { well, hangs, throws };

struct World {
  std::atomic<Mood> mood{Mood::well};
  std::atomic<int> made{0};
  std::atomic<bool> let_go{false};
};

// Its forecast is the number of bars that it has learned.
class Moody final : public ForecastEdge {
 public:
  explicit Moody(std::shared_ptr<World> world) : world_{std::move(world)} { ++world_->made; }
  void learn(const event::CandleClosed&) override { ++bars_; }
  Result<event::ForecastReady> forecast(const event::RequestForecast& request) override {
    if (world_->mood == Mood::throws) throw std::runtime_error{"out of ideas"};
    while (world_->mood == Mood::hangs && !world_->let_go) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    event::ForecastReady ready;
    ready.request = request.request;
    ready.close = bars_;
    return ready;
  }

 private:
  std::shared_ptr<World> world_;
  int bars_{0};
};

struct Rig {
  std::shared_ptr<World> world = std::make_shared<World>();
  Heartbeat beat{"model"};
  std::vector<std::string> said;
  std::unique_ptr<ForecastWorker> worker;

  explicit Rig(Duration deadline) {
    auto made = ForecastWorker::start(
        [w = world]() -> Result<std::unique_ptr<ForecastEdge>> { return std::make_unique<Moody>(w); }, deadline, beat,
        [this](const std::string& line) { said.push_back(line); });
    worker = std::move(*made);
    for (int i = 0; i < 7; ++i) worker->learn({});
  }
  ~Rig() { world->let_go = true; }
};

TEST(ForecastWorker, answers_like_the_model_itself) {
  Rig rig{60_s};
  const auto answer = rig.worker->forecast({3, {}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->request, 3U);
  EXPECT_EQ(answer->close, 7);
  EXPECT_EQ(rig.beat.look().restarts, 0);
  EXPECT_FALSE(rig.beat.look().stuck());
}

TEST(ForecastWorker, refuses_in_time_for_a_model_that_hangs_and_asks_a_fresh_one_next) {
  Rig rig{500_ms};
  rig.world->mood = Mood::hangs;
  const auto since = std::chrono::steady_clock::now();
  const auto refused = rig.worker->forecast({1, {}});
  EXPECT_LT(std::chrono::steady_clock::now() - since, std::chrono::seconds{30});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("did not answer"));
  EXPECT_EQ(rig.beat.look().restarts, 1);
  ASSERT_EQ(rig.said.size(), 1U);
  EXPECT_THAT(rig.said[0], HasSubstr("a fresh model takes over"));
  rig.world->mood = Mood::well;
  rig.worker->learn({});
  // The machine may be so busy that even a well model is late; then the next is asked.
  auto answer = rig.worker->forecast({2, {}});
  for (int i = 0; i < 50 && !answer; ++i) answer = rig.worker->forecast({2, {}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->close, 8) << "every bar of the run";
  EXPECT_EQ(answer->request, 2U) << "not the late answer of the one that hung";
}

TEST(ForecastWorker, replaces_a_model_that_throws) {
  Rig rig{60_s};
  rig.world->mood = Mood::throws;
  const auto refused = rig.worker->forecast({1, {}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("out of ideas"));
  rig.world->mood = Mood::well;
  const auto answer = rig.worker->forecast({2, {}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->close, 7);
  EXPECT_EQ(rig.world->made, 2);
}

}  // namespace
}  // namespace voltage::app::watch
