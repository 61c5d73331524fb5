#pragma once
// Where the venues are. The base URLs and the key choose the environment (production, Kalshi's demo, the
// virtual venues), and nothing else does.
#include <memory>
#include <string>

#include "base/result.hpp"
#include "venue/clock.hpp"

namespace voltage::venue {

namespace kalshi {
class Credential;
}

struct Endpoints {
  std::string kalshi_rest{"https://external-api.kalshi.com/trade-api/v2"};
  std::string kalshi_ws{"wss://external-api-ws.kalshi.com/trade-api/ws/v2"};
  std::string kalshi_key_id{}, kalshi_key_file{};
  std::string kraken_rest{"https://api.kraken.com"};
  std::string kraken_ws_v1{"wss://ws.kraken.com"};
  std::string kraken_ws_v2{"wss://ws.kraken.com/v2"};
  std::string ca_file{};       // trusted besides the system's certificates
  std::string kalshi_specs{};  // where its documents lie; empty: where this venue's do; "none": not compared
  std::shared_ptr<kalshi::Credential> credential{};  // shared by all calls; empty: each reads the key file
  VenueClock clock{};                                // a virtual venue's own; only its ready line can say it
};

// Takes over what the file says: the JSON line that `voltage venue` prints.
Status read_endpoints(const std::string& path, Endpoints& into);

}  // namespace voltage::venue
