#include "app/commands/shared_options.hpp"

#include "app/arguments.hpp"

namespace voltage::app {

void add_runs_folder(CLI::App& c, std::string& data, const char* what) {
  c.add_option("--data", data, what)->check(folder_problem)->capture_default_str();
}

void add_calendar_rules(CLI::App& c, CalendarRules& rules) {
  c.add_option("--domain", rules.domain, "between expiries: bitcoin stays within this part of its price")
      ->check(CLI::Range(kDomainMin, 0.9))
      ->capture_default_str();
  c.add_option("--hedge-bp", rules.hedge_bp, "between expiries: what a trade of bitcoin costs")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

}  // namespace voltage::app
