#pragma once
// The register of what the product assumes about the venues and nobody has proved on a real account yet. Each
// row has a probe (src/venue/kalshi/probe.hpp, `voltage probe`) or says why none is needed. Live trading on
// production is refused while a row that touches money is open, unless that row is accepted by its name; a row
// that was found wrong can't be accepted.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace voltage::venue {

enum class Environment : std::uint8_t { simulated, demo, production };
const char* name(Environment environment);
// By the host of Kalshi's REST URL. What is neither loopback nor Kalshi's demo counts as production.
Environment environment_of(std::string_view kalshi_rest);

struct Assumption {
  const char* id;
  const char* question;
  const char* assumed;
  const char* if_wrong;
  const char* proof;
  bool money;    // an open row stops live trading
  bool account;  // differs by account: proved on demo it is still open in production
};
std::span<const Assumption> assumptions();

enum class Verdict : std::uint8_t { open, holds, wrong };
const char* name(Verdict verdict);

struct Finding {
  std::string id;
  Environment where{};
  Verdict verdict{};
  std::string seen;  // what the probe saw, for a person
};

// Where a folder of runs keeps them.
std::string findings_file(const std::string& data);
// No file: no findings. A file that can't be read as findings is an error.
Result<std::vector<Finding>> read_findings(const std::string& path);
Status write_findings(const std::string& path, const std::vector<Finding>& findings);
// The newer findings replace those of the same row and environment.
void merge(std::vector<Finding>& into, const std::vector<Finding>& newer);

// What is known of a row where money is at stake: a finding of production, else one of demo if the row does
// not differ by account. The virtual venue behaves as assumed here and proves nothing.
Verdict verdict_for_production(const Assumption& row, std::span<const Finding> findings);

// For `live` and `doctor`. Demo and virtual venues risk no money: always fine. Else fails with the name of
// each row that stands in the way, and with what to do.
Status may_risk_money(Environment environment, std::span<const Finding> findings,
                      std::span<const std::string> accepted);

}  // namespace voltage::venue
