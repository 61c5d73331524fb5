#pragma once
// Settles rows of the assumptions register (src/venue/assumptions.hpp) against a real account: reads what can be
// read, and with money allowed places one order of one contract at a cent and trades one contract there and
// back. It needs a quiet account: no position in the contract it picks, nobody else trading on the key. What it
// could not tell stays open, with the reason. Pure but for the calls it is given.
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/types.hpp"
#include "venue/assumptions.hpp"

namespace voltage::venue::kalshi {

struct ProbeAnswer {
  int status{};
  std::string body;
};

struct ProbeWorld {
  // A signed request and its answer; `late` is added to the time of the signature. Fails if no answer came.
  std::function<Result<ProbeAnswer>(const std::string& method, const std::string& target, const std::string& body,
                                    Duration late)>
      call;
  std::function<void(Duration)> wait;
  std::function<Time()> now;
};

struct ProbeRules {
  Environment environment{};
  Money spend_max{};  // less than a dollar: no orders
  std::vector<std::string> series{"KXBTC15M", "KXBTCD", "KXBTC"};
  // Where one contract is traded: an hour's ladder has a price in the middle, most of the time.
  std::vector<std::string> traded{"KXBTCD", "KXBTC15M"};
  std::string run;  // makes client order ids its own
};

// A finding for each row that has a probe. Fails if the account can't be read at all.
Result<std::vector<Finding>> probe(const ProbeRules& rules, const ProbeWorld& world);

}  // namespace voltage::venue::kalshi
