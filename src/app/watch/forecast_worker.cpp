#include "app/watch/forecast_worker.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace voltage::app::watch {
namespace {

using Task = std::variant<event::CandleClosed, event::RequestForecast>;
using Answer = Result<event::ForecastReady>;

}  // namespace

// What the thread and its owner share. Both hold it: the owner may leave a thread that hangs behind.
struct ForecastWorker::Thread {
  std::unique_ptr<ForecastEdge> edge;  // the thread's alone
  std::mutex mutex;
  std::condition_variable wake, answered;
  std::deque<Task> tasks;
  std::optional<Answer> answer;
  std::string died;  // why the thread ended by itself
  std::string standing;
  bool stop{false};

  void run() {
    try {
      while (auto task = next()) work(*task);
    } catch (const std::exception& e) {
      const std::lock_guard lock{mutex};
      died = e.what();
      answered.notify_all();
    }
  }
  std::optional<Task> next() {
    std::unique_lock lock{mutex};
    wake.wait(lock, [this] { return stop || !tasks.empty(); });
    if (stop) return std::nullopt;
    Task task = std::move(tasks.front());
    tasks.pop_front();
    return task;
  }
  void work(const Task& task) {
    if (const auto* bar = std::get_if<event::CandleClosed>(&task)) {
      edge->learn(*bar);
      auto now = edge->standing();
      const std::lock_guard lock{mutex};
      standing = std::move(now);
      return;
    }
    auto made = edge->forecast(std::get<event::RequestForecast>(task));
    auto now = edge->standing();
    const std::lock_guard lock{mutex};
    standing = std::move(now);
    answer = std::move(made);
    answered.notify_all();
  }
  void give(Task task) {
    const std::lock_guard lock{mutex};
    tasks.push_back(std::move(task));
    wake.notify_one();
  }
};

ForecastWorker::ForecastWorker(MakeForecasts make, Duration deadline, Heartbeat& beat,
                               std::function<void(const std::string&)> say)
    : make_{std::move(make)}, deadline_{deadline}, beat_{beat}, say_{std::move(say)} {}

Result<std::unique_ptr<ForecastWorker>> ForecastWorker::start(MakeForecasts make, Duration deadline, Heartbeat& beat,
                                                              std::function<void(const std::string&)> say) {
  std::unique_ptr<ForecastWorker> worker{new ForecastWorker{std::move(make), deadline, beat, std::move(say)}};
  if (const auto begun = worker->begin(); !begun) return tl::unexpected(begun.error());
  return worker;
}

ForecastWorker::~ForecastWorker() {
  if (!thread_) return;
  const std::lock_guard lock{thread_->mutex};
  thread_->stop = true;
  thread_->wake.notify_all();
}

Status ForecastWorker::begin() {
  auto edge = make_();
  if (!edge) return tl::unexpected(edge.error());
  auto next = std::make_shared<Thread>();
  next->edge = std::move(*edge);
  for (const auto& bar : bars_) next->tasks.emplace_back(bar);
  std::thread{[next] { next->run(); }}.detach();
  thread_ = std::move(next);
  return {};
}

void ForecastWorker::replace(const std::string& why) {
  {
    const std::lock_guard lock{thread_->mutex};
    thread_->stop = true;
    thread_->wake.notify_all();
  }
  beat_.restarted();
  const auto begun = begin();
  say_(why + (begun ? "; a fresh model takes over" : "; and no fresh one can be made: " + begun.error().message));
}

void ForecastWorker::learn(const event::CandleClosed& bar) {
  bars_.push_back(bar);
  if (bars_.size() > kBars) bars_.pop_front();
  thread_->give(bar);
}

std::string ForecastWorker::standing() const {
  const std::lock_guard lock{thread_->mutex};
  return thread_->standing;
}

Result<event::ForecastReady> ForecastWorker::forecast(const event::RequestForecast& request) {
  beat_.expect(deadline_ * 2);
  thread_->give(request);
  std::string why;
  {
    std::unique_lock lock{thread_->mutex};
    const auto limit = std::chrono::nanoseconds{deadline_.ns};
    thread_->answered.wait_for(lock, limit, [this] { return thread_->answer || !thread_->died.empty(); });
    beat_.rest();
    if (thread_->answer) return *std::exchange(thread_->answer, std::nullopt);
    why = thread_->died.empty() ? fmt::format("the model did not answer within {:.1f} s", deadline_.seconds())
                                : "the model failed: " + thread_->died;
  }
  replace(why);
  return fail(why);
}

}  // namespace voltage::app::watch
