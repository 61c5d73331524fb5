#include "app/watch/board.hpp"

#include <utility>

namespace voltage::app::watch {

void Board::publish(Snapshot status) {
  auto next = std::make_shared<const Snapshot>(std::move(status));
  const std::lock_guard lock{mutex_};
  status_.swap(next);
}

std::shared_ptr<const Snapshot> Board::latest() const {
  const std::lock_guard lock{mutex_};
  return status_;
}

bool Board::ask(event::OperatorSaid said) {
  const std::lock_guard lock{mutex_};
  if (status_->phase != Phase::trading) return false;
  asked_.push_back(std::move(said));
  return true;
}

std::vector<event::OperatorSaid> Board::take_asked() {
  const std::lock_guard lock{mutex_};
  return std::exchange(asked_, {});
}

void Board::say(LogLine line) {
  constexpr std::size_t kMax = 10'000;
  const std::lock_guard lock{mutex_};
  if (said_.size() < kMax)
    said_.push_back(std::move(line));
  else
    ++dropped_;
}

std::vector<LogLine> Board::take_said(std::int64_t& dropped) {
  const std::lock_guard lock{mutex_};
  dropped += std::exchange(dropped_, 0);
  return std::exchange(said_, {});
}

}  // namespace voltage::app::watch
