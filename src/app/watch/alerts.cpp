#include "app/watch/alerts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.hpp"
#include "market/pause.hpp"

namespace voltage::app::watch {
namespace {

using namespace literals;

// What a feed says when a field of the venue is not what the decoders know.
constexpr std::string_view kSchema = "schema: ";

const AlertKind& kind_of(const std::string& alert) {
  const auto& all = alert_catalogue();
  const auto found = std::find_if(all.begin(), all.end(), [&](const AlertKind& k) { return alert == k.name; });
  CHECK(found != all.end());
  return *found;
}

}  // namespace

const std::vector<AlertKind>& alert_catalogue() {
  static const std::vector<AlertKind> all{
      {"trading_halted", "Find out why from the reason and the log; resume only when it is understood.", 0_s},
      {"stream_down", "Look at the venue's status page and at this machine's network.", 120_s},
      {"schema_changed", "Compare the named field with the venue's changelog; a new program is needed.", 0_s},
      {"part_stuck", "Nothing if the process restarts by itself; else restart it.", 0_s},
      {"journal_failing", "Make room on the disk or mend it; trading resumes when the journal has caught up.", 5_s},
      {"disk_low", "Make room where journals are kept.", 60_s},
      {"order_unknown", "Look at the orders on the venue's own page; do not place any by hand.", 0_s},
      {"forecast_missing", "See in the log what the models say; the baseline needs an hour of bars.", 60_s},
      {"deadman_unreachable", "Look at the outside watcher and at the way out of this machine's network.", 0_s},
      {"alert_path_broken", "Look at the webhooks: nobody would have heard of an alert.", 0_s},
  };
  return all;
}

std::vector<Condition> conditions(const View& view, const AlertRules& rules, double since_ping) {
  std::vector<Condition> out;
  const Snapshot& s = *view.status;
  const bool trading = s.phase == Phase::trading;
  const bool paused = market::exchange_paused(s.at);
  if (trading && s.halted && !s.halted_by_person) out.push_back({"trading_halted", "", s.halted_why});
  for (const auto& x : s.streams) {
    if (!trading || !x.needed || x.health == event::Health::healthy) continue;
    if (x.why.starts_with(kSchema)) {
      out.push_back({"schema_changed", x.why.substr(kSchema.size()), x.why});
    } else if (x.name == "journal") {
      out.push_back({"journal_failing", "", x.why.empty() ? "the journal is not well" : x.why});
    } else if (!paused) {
      out.push_back({"stream_down", x.name,
                     fmt::format("{} is {}{}{}", x.name, name(x.health), x.why.empty() ? "" : ": ", x.why)});
    }
  }
  for (const auto& p : view.parts) {
    if (p.stuck()) {
      out.push_back({"part_stuck", p.name,
                     fmt::format("{} has been silent for longer than {:.0f} s", p.name, p.limit.seconds())});
    }
  }
  if (view.machine.disk_free_bytes >= 0 && view.machine.disk_free_bytes < rules.disk_free_min) {
    out.push_back({"disk_low", "",
                   fmt::format("{:.2f} GB are free where journals are kept",
                               static_cast<double>(view.machine.disk_free_bytes) / 1e9)});
  }
  if (s.unknown_orders > 0 && s.unknown_order_age > rules.unknown_order_age_max) {
    out.push_back(
        {"order_unknown", "",
         fmt::format("{} orders without a fate, the oldest for {:.0f} s", s.unknown_orders, s.unknown_order_age)});
  }
  if (trading && !paused && s.forecast_age > rules.forecast_age_max) {
    out.push_back({"forecast_missing", "", fmt::format("the last forecast is {:.0f} s old", s.forecast_age)});
  }
  if (since_ping > rules.ping_silence_max) {
    out.push_back({"deadman_unreachable", "", fmt::format("no ping was taken for {:.0f} s", since_ping)});
  }
  if (view.since_self_test > rules.self_test_age_max) {
    out.push_back({"alert_path_broken", "",
                   fmt::format("no test message went through for {:.0f} h", view.since_self_test / 3600)});
  }
  return out;
}

std::string title(const AlertMessage& m) {
  const std::string what = m.about.empty() ? m.alert : m.alert + " (" + m.about + ")";
  switch (m.change) {
    case AlertChange::fired:
      return "voltage: " + what;
    case AlertChange::again:
      return "voltage, still: " + what;
    case AlertChange::cleared:
      return "voltage, over: " + what;
    case AlertChange::test:
      return "voltage: test of the alert path";
  }
  return what;
}

std::vector<AlertMessage> AlertBook::follow(Duration now, const std::vector<Condition>& standing) {
  std::vector<AlertMessage> out;
  for (const auto& c : standing) {
    const AlertKind& kind = kind_of(c.alert);
    auto [it, fresh] = states_.try_emplace({c.alert, c.about});
    State& s = it->second;
    if (fresh) s.since = now;
    s.last_seen = now;
    s.text = c.text;
    const bool fires = !s.fired && now - s.since >= kind.hold;
    const bool again = s.fired && !s.acknowledged && now - s.last_said >= kAgain;
    if (!fires && !again) continue;
    s.fired = true;
    s.last_said = now;
    out.push_back({fires ? AlertChange::fired : AlertChange::again, c.alert, c.about, c.text, kind.action});
  }
  for (auto it = states_.begin(); it != states_.end();) {
    const auto& [key, s] = *it;
    const bool gone = s.last_seen < now;
    if (!gone || (s.fired && now - s.last_seen < kQuiet)) {
      ++it;
      continue;
    }
    if (s.fired) out.push_back({AlertChange::cleared, key.first, key.second, s.text, ""});
    it = states_.erase(it);
  }
  return out;
}

bool AlertBook::acknowledge(const std::string& alert, const std::string& about) {
  const auto found = states_.find({alert, about});
  if (found == states_.end() || !found->second.fired) return false;
  found->second.acknowledged = true;
  return true;
}

std::vector<AlertRow> AlertBook::firing(Duration now) const {
  std::vector<AlertRow> out;
  for (const auto& [key, s] : states_) {
    if (!s.fired) continue;
    out.push_back(
        {key.first, key.second, s.text, kind_of(key.first).action, (now - s.since).seconds(), s.acknowledged});
  }
  return out;
}

}  // namespace voltage::app::watch
