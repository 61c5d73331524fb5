#pragma once
// Where the core's thread and those who look at it meet: a snapshot that is replaced whole, lines for the log, and
// what a person asked for, which waits until the core's thread takes it. Every call may come from any thread.
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/watch/snapshot.hpp"

namespace voltage::app::watch {

// One line of the structured log. `what` is a word that does not change between versions.
struct LogLine {
  Time at{};  // the run's time; zero: none
  std::string what, text;
};

class Board {
 public:
  Board() : status_{std::make_shared<const Snapshot>()} {}

  void publish(Snapshot status);
  std::shared_ptr<const Snapshot> latest() const;  // never null

  // False if nobody trades (no one would take it).
  bool ask(event::OperatorSaid said);
  std::vector<event::OperatorSaid> take_asked();

  // Lines beyond a bound are dropped and counted: the core never waits for a log.
  void say(LogLine line);
  std::vector<LogLine> take_said(std::int64_t& dropped);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> status_;
  std::vector<event::OperatorSaid> asked_;
  std::vector<LogLine> said_;
  std::int64_t dropped_{0};
};

}  // namespace voltage::app::watch
