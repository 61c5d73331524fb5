#pragma once
// The virtual venues on loopback sockets: a world that advances with the wall clock (times a speed), three
// servers around it (Kalshi REST and WebSocket on one port, Kraken REST and both WebSockets on another).
#include <memory>
#include <string>

#include "base/result.hpp"
#include "venue/net/loop.hpp"
#include "venue/virtual/faults.hpp"
#include "venue/virtual/world.hpp"

namespace voltage::venue::virtual_kalshi {

struct VenueOptions {
  WorldOptions world;
  double speed{1};
  bool tls{false};
  std::string tier{"basic"};
  std::string key_folder;  // where the fresh key is put; it must exist
  bool ed25519{false};
  std::uint16_t kalshi_port{0}, kraken_port{0};  // 0: any free one
  FaultScript faults;
};

// What a client needs; one line of JSON when printed.
struct VenueAddress {
  std::string kalshi_rest, kalshi_ws, kalshi_key_id, kalshi_key_file;
  std::string kraken_rest, kraken_ws_v1, kraken_ws_v2;
  std::string tls_ca_file;  // with TLS only
  // Where the virtual clock stood, and how fast it goes.
  Time wall{}, venue{};
  double speed{1};
  std::string json() const;
};

class VenueServer {
 public:
  static Result<std::unique_ptr<VenueServer>> start(net::Loop& loop, const VenueOptions& options);
  ~VenueServer();  // removes the key file

  const VenueAddress& address() const;
  World& world();

  struct Impl;

 private:
  explicit VenueServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace voltage::venue::virtual_kalshi
