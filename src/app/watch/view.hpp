#pragma once
// Everything that a page, a metric or an alert is made of, at one moment: the run's status and what the machine
// around it says.
#include <memory>
#include <string>
#include <vector>

#include "app/watch/heartbeats.hpp"
#include "app/watch/snapshot.hpp"

namespace voltage::app::watch {

struct AlertRow {
  std::string alert;  // its name in the catalogue
  std::string about;  // which stream, part, field…; may be empty
  std::string text;
  std::string action;  // what a person does
  double seconds{0};   // since it fired
  bool acknowledged{false};
};

struct Machine {
  std::int64_t memory_bytes{0}, descriptors{0}, threads{0};
  std::int64_t disk_free_bytes{-1};  // where journals are kept; -1: none are
};
Machine look_at_machine(const std::string& data_folder);

struct View {
  std::shared_ptr<const Snapshot> status;
  std::vector<PartRow> parts;
  std::vector<AlertRow> alerts;  // firing
  Machine machine;
  std::int64_t alerts_sent{0}, alert_failures{0}, pings{0}, ping_failures{0};
  double since_self_test{-1};  // seconds since the alert path was last proven; -1: never
};

}  // namespace voltage::app::watch
