#pragma once
// When a person must act, and only then. The catalogue says of each alert when it fires and what to do; each has
// an entry in docs/RUNBOOK.md. Pure: views and times come in, messages go out. What holds for `hold` fires; what
// has not held for `quiet` clears; an alert that nobody acknowledged says so again after `again`.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/watch/view.hpp"
#include "base/result.hpp"

namespace voltage::app::watch {

struct AlertKind {
  const char* name;
  const char* action;  // what a person does first
  Duration hold;
};
const std::vector<AlertKind>& alert_catalogue();

// Something that stands now. `about` tells apart what can stand twice (which stream, part, field).
struct Condition {
  std::string alert, about, text;
};

struct AlertRules {
  std::int64_t disk_free_min{1'000'000'000};
  double forecast_age_max{300};  // seconds of the run
  double unknown_order_age_max{60};
  double ping_silence_max{900};  // seconds without a ping that was taken
  double self_test_age_max{2 * 86'400};
};
// `since_ping`: seconds since the outside watcher took one; negative: none is set up.
std::vector<Condition> conditions(const View& view, const AlertRules& rules, double since_ping);

enum class AlertChange : std::uint8_t { fired, again, cleared, test };
struct AlertMessage {
  AlertChange change{};
  std::string alert, about, text, action;
};
std::string title(const AlertMessage& message);

class AlertBook {
 public:
  static constexpr Duration kQuiet{10'000'000'000};
  static constexpr Duration kAgain{1'800'000'000'000};

  // `now`: of a clock that does not jump.
  std::vector<AlertMessage> follow(Duration now, const std::vector<Condition>& standing);
  // False if no such alert fires.
  bool acknowledge(const std::string& alert, const std::string& about);
  std::vector<AlertRow> firing(Duration now) const;

 private:
  struct State {
    std::string text;
    Duration since{}, last_seen{}, last_said{};
    bool fired{false}, acknowledged{false};
  };
  std::map<std::pair<std::string, std::string>, State> states_;
};

}  // namespace voltage::app::watch
