#pragma once
// Looks at everything that must be right before orders may leave: keys, permissions, the clock against the venue's,
// the disk, the limits, the fee schedule, the model's age, what the run before left, the venue's weekly pause. Facts
// are gathered (files and sockets) and judged (pure) apart, so that every red line can be provoked. A red line keeps
// `voltage live` from starting; a yellow one is for a person to know.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/journal/carry.hpp"
#include "app/live/config.hpp"
#include "app/watch/watch_options.hpp"
#include "venue/kalshi/account.hpp"

namespace voltage::app::doctor {

enum class Colour : std::uint8_t { green, yellow, red };
const char* name(Colour c);

struct Finding {
  std::string check;
  Colour colour{};
  std::string what;
  std::string mend;  // what to do; empty where nothing is to be done
};

struct DiskFacts {
  std::string error;       // it can't be written
  std::string filesystem;  // as the system calls it
  bool survives{true};     // a reboot
  bool shared{false};      // others than its owner may read it
  std::int64_t free_bytes{0};
};

struct ModelFacts {
  std::string error;
  Time trained_to{}, expires{};
};

struct Facts {
  Time now{};
  bool live{true};    // orders will leave
  bool local{false};  // the venue is on this machine: nothing real is at stake
  std::string key_error;
  std::string account_error;  // it can't be read
  std::optional<venue::kalshi::AccountLimits> account;
  std::optional<venue::kalshi::Statement> statement;
  // Where the venue's published formats differ from what we read, or why that can't be seen; empty: it publishes none.
  std::optional<Result<std::vector<std::string>>> published;
  std::optional<Duration> clock_ahead;  // of ours before the venue's Date
  DiskFacts disk;
  std::map<std::string, Result<market::FeeTerms>> fees;  // by series
  std::optional<ModelFacts> model;                       // empty: none is named
  std::optional<journal::LeftOver> before;
  std::string before_error;
  std::string assumptions;   // what touches money and is not proved for this account; empty: nothing is in the way
  std::string kill_switch;   // why it is pulled; empty: it is not
  bool page{false};          // a status page is asked for
  bool page_guarded{false};  // reading it needs a token
  std::string page_error;    // that token can't be used
};

// What the options for being watched mean for others on this machine.
void look_at_page(const watch::WatchOptions& options, Facts& facts);

// Reads files and asks the venue; takes as long as that takes. What fails is a fact too.
// accepted: assumptions that a person takes as they are, by name.
// with_statement: false where the account is about to be read anyway; Kalshi gives a balance once a second.
Facts gather(const live::LiveConfig& config, bool live, std::span<const std::string> accepted = {},
             bool with_statement = true);
DiskFacts look_at_disk(const std::string& folder);

// resumed: a person lifts the halt that the run before left.
std::vector<Finding> judge(const Facts& facts, const live::LiveConfig& config, bool resumed);
bool any_red(const std::vector<Finding>& findings);
std::string first_red(const std::vector<Finding>& findings);  // with what to do; empty: none

std::string text(const std::vector<Finding>& findings);
std::string json(const std::vector<Finding>& findings);

}  // namespace voltage::app::doctor
