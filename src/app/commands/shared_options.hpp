#pragma once
// Options that several commands have, said in one way.
#include <string>

#include <CLI/CLI.hpp>

#include "app/ladder/calendar.hpp"

namespace voltage::app {

// --data, of a command that reads runs: a folder that must be there.
void add_runs_folder(CLI::App& c, std::string& data, const char* what = "folder that holds the runs");
// --domain and --hedge-bp: on which terms two expiries are compared.
void add_calendar_rules(CLI::App& c, CalendarRules& rules);

}  // namespace voltage::app
